from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.values.text import Unreadable


def refusal(read: Callable[..., Any], *given: Any) -> str:
    """Return the sentence with which a reader refuses what it is given, "" where it reads it."""
    try:
        read(*given)
    except Unreadable as problem:
        return problem.cause
    return ""
