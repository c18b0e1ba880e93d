"""The pages: a comparison that a team signs off, and the dry run of a rewrite. Plain files, no server."""
