"""Signing in: passwords, second factors, devices and sessions, what limits tries, and what is on record of it."""
