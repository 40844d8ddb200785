"""Payments that wait for a person, and what is granted and not paid."""
