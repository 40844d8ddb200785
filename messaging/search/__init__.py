"""Finding words in threads."""
