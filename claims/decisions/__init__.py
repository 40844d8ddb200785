"""Granting and denying: what is checked, proposed, confirmed by a second handler, and corrected."""
