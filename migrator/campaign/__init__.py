"""Many repositories at once: what each has left, by when, whose it is, and what it will cost."""
