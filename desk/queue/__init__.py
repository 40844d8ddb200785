"""Which claims wait, for whom, and who takes them."""
