"""Configuration files: every format is read into settings with positions, and judged by the same words."""
