"""Refunds, returns, claims and payments that exist elsewhere, brought in from files; one module a format."""
