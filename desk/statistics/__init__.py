"""How the desk decides."""
