"""How much a request may carry, said by the view it goes to. What says nothing takes a form and no files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "largest_body"


def takes_files(most: int) -> Callable[[View], View]:
    """Mark a view whose form carries files: who is signed in may send it this many bytes in all.

    Goes outermost, above decorators that make another function of the view.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, most)
        return view

    return mark


def largest_body(view: object, otherwise: int) -> int:
    """Return how many bytes this view takes from who is signed in; `otherwise` where it isn't marked."""
    most = getattr(view, _MARK, otherwise)
    assert isinstance(most, int)
    return most
