"""Reads the hourly budgets that an operator gives: "messages=120, live=0" changes these and leaves the others."""

from __future__ import annotations

import re

from django.core.exceptions import ImproperlyConfigured

_PAIR = re.compile(r"\s*([a-z]+)\s*=\s*([0-9]{1,9})\s*", re.ASCII)


def hourly(usual: dict[str, int], given: str) -> dict[str, int]:
    """Return the budgets, with what was given in the place of the usual numbers. Raises ImproperlyConfigured."""
    budgets = dict(usual)
    for pair in filter(str.strip, given.split(",")):
        parts = _PAIR.fullmatch(pair)
        if parts is None or parts[1] not in usual:
            known = ", ".join(usual)
            raise ImproperlyConfigured(f'BUDGETS: "{pair.strip()}" isn\'t like messages=120. The names are {known}.')
        budgets[parts[1]] = int(parts[2])
    return budgets
