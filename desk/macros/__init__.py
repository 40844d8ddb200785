"""Texts made beforehand."""
