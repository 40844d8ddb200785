"""Claimable refunds: what can be claimed of each, until when, and the lists and files that show it."""
