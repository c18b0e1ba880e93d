"""Where pictures come from: one interface, and one module per kind behind it."""
