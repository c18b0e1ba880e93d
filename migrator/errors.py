"""What goes wrong because of the command line, the configuration or the environment."""

from __future__ import annotations


class UserError(Exception):
    """One clear line for the person at the terminal; the command ends with exit code 2."""
