"""From call sites to plans: what to change, how far it is proved, and what is left for a person."""
