"""The access check: the only way from an id in an address to a row of the person's seller."""
