"""The commands, one module each. ``migrator.cli`` names them and loads the one that is asked for."""
