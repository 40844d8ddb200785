"""Unmatched payments for a person, and what is granted and not paid."""
