"""Jupyter notebooks: one program across the cells, and a JSON text of which only changed lines change."""
