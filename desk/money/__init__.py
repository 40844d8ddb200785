"""Unmatched payments, and what is granted and not paid."""
