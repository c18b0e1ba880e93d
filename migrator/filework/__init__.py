"""The work of one run, divided into jobs: whole projects, and files that are not Python.

What is a job depends on the tree alone, never on who does it, so the result is the same however many workers there are.
"""
