"""Output formats. Each takes a :class:`migrator.types.Report` and returns what is printed."""
