"""Refunds, returns, claims and payments that exist elsewhere, imported from files; one module a format."""
