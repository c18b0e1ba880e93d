"""The comparison of an old and a new image model over a suite of prompts."""
