"""What the components of pages are given: a button, and what is shown in place of an empty list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    href: str
    primary: bool = False
    method: str = "get"
    icon: str = ""
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EmptyList:
    headline: str
    sentence: str = ""
    button: Button | None = None
    second: Button | None = None
