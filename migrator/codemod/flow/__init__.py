"""Data flow over the project: where a value comes from (``trace``) and where it goes (``forward``)."""
