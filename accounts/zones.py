"""The time zones a person can choose from, grouped as the time zone database names them."""

from __future__ import annotations

from functools import cache
from itertools import groupby
from zoneinfo import available_timezones

# The rest of the database's names are aliases.
REGIONS = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


@cache
def zones() -> tuple[str, ...]:
    """Every zone named by region and place, in the order of their names, and UTC."""
    return (*sorted(name for name in available_timezones() if name.split("/")[0] in REGIONS and "/" in name), "UTC")


def zone_choices() -> list[tuple[str, list[tuple[str, str]] | str]]:
    """The choices of a select: [("America", [("America/New_York", "New York"), …]), …]."""
    grouped: list[tuple[str, list[tuple[str, str]] | str]] = []
    for region, names in groupby(zones()[:-1], key=lambda name: name.split("/")[0]):
        grouped.append((region, [(name, _place(name)) for name in names]))
    return [*grouped, ("UTC", "UTC")]


def _place(name: str) -> str:
    return ", ".join(reversed(name.split("/")[1:])).replace("_", " ")
