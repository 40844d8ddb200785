"""The audit log: what staff saw and did, written down by a middleware and read."""
