"""What people and sellers must know of marketplaces. The table of them belongs to the claims' policy, which lies above
this app: it hands its lookup in when the program starts, and nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Marketplace(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def zone(self) -> str: ...


_lookup: Callable[[str], Marketplace | None] | None = None


def learn(lookup: Callable[[str], Marketplace | None]) -> None:
    """Take in the function that finds a marketplace by its code or any of its spellings."""
    global _lookup
    _lookup = lookup


def find(spelling: str) -> Marketplace | None:
    """Return the marketplace with this code or spelling, if it is a known one."""
    return _lookup(spelling) if _lookup else None


def zone(code: str) -> str:
    """Return the IANA name of the marketplace's zone; "UTC" for one that isn't known."""
    found = find(code)
    return found.zone if found else "UTC"
