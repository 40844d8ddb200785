"""Policy in the admin."""
