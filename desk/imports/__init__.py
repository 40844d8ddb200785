"""Imports at the desk: what came in by which file, and a file to try and then import."""
