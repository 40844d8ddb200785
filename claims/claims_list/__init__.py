"""Manage SAFE-T Claims: the list of a seller's claims and its report."""
