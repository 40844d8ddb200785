"""One claim as handlers see it, and what they write on it."""
