"""Takes Python source off the old models: what to change, and the change itself."""
