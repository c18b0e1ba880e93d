"""Call sites: every use of the Images API, with the client that makes it and the calls that feed it."""
