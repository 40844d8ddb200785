"""Decide a claim, line by line."""
