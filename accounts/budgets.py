"""What one person may cost the portal in an hour, counted in the cache that all processes share.

An hour is one of the clock, so that everybody can be told when the next begins. A budget counts a person, signed out
their address; the numbers are in `settings.BUDGETS`. A cache that is down locks nobody out: then nothing is counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from accounts import client

HOUR = 3600
Condition = Callable[[HttpRequest], bool]
View = TypeVar("View", bound=Callable[..., Any])
log = structlog.get_logger(__name__)


class Budget(StrEnum):
    """What is counted. The names are keys of `settings.BUDGETS`."""

    MESSAGES = "messages"
    BATCHES = "batches"
    DRAFTS = "drafts"
    FILINGS = "filings"
    SAVES = "saves"
    UPLOADS = "uploads"
    SEARCHES = "searches"
    EXPORTS = "exports"
    PACKS = "packs"
    LIVE = "live"
    FORMS = "forms"
    DESK = "desk"
    VISITORS = "visitors"
    CALENDARS = "calendars"


class UsedUp(Exception):
    """The budget of this hour is used up; `again` is when the next hour begins. Nothing was done."""

    def __init__(self, budget: Budget, limit: int, again: datetime) -> None:
        super().__init__(budget)
        self.budget = budget
        self.limit = limit
        self.again = again

    @property
    def seconds(self) -> int:
        """How long until then, at least a second, for Retry-After."""
        return max(1, int(self.again.timestamp() - time.time()) + 1)


def spend(request: HttpRequest, budget: Budget, n: int = 1, *, who: str = "") -> None:
    """Count `n` against the budget of the person who asks, or of `who`. Raises UsedUp past the hour's number."""
    limit = settings.BUDGETS[budget.value]
    if not limit or n <= 0:
        return
    hour = int(time.time() // HOUR)
    name = f"{budget.value}:{hour}:{who or _who(request)}"
    try:
        count = _count(f"budget:{name}", n)
    except Exception as error:  # whatever a cache that is down raises: see above
        log.warning("budget_not_counted", budget=budget.value, error=repr(error))
        return
    if count > limit:
        log.warning("budget_used_up", budget=budget.value, limit=limit, count=count)
        raise UsedUp(budget, limit, datetime.fromtimestamp((hour + 1) * HOUR, UTC))


def limited(budget: Budget, when: Condition | None = None) -> Callable[[View], View]:
    """Have a view spend one of the budget at each request, or at those that meet the condition."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if when is None or when(request):
                spend(request, budget)
            return view(request, *args, **kwargs)

        return spends(budget)(counted)  # type: ignore[return-value]

    return decorate


def spends(*budgets: Budget) -> Callable[[View], View]:
    """Say of a view that it spends of these budgets itself, for the test that looks for views without one."""

    def decorate(view: View) -> View:
        view.budgets = {*getattr(view, "budgets", ()), *budgets}  # type: ignore[attr-defined]
        return view

    return decorate


def of_view(view: Callable[..., Any]) -> frozenset[Budget] | None:
    """Return the budgets a view spends, None where it was given none."""
    own = getattr(view, "budgets", None)
    return frozenset(own) if own else None


def limited_by_link(budget: Budget, when: Condition | None = None) -> Callable[[View], View]:
    """The same for a view whose address has a `token`: it counts the link, since many people share an address."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> Any:
            if when is None or when(request):
                spend(request, budget, who=f"link:{_short(token)}")
            return view(request, token, *args, **kwargs)

        return spends(budget)(counted)  # type: ignore[return-value]

    return decorate


def is_post(request: HttpRequest) -> bool:
    return request.method == "POST"


def is_poll(request: HttpRequest) -> bool:
    """Whether a script of an open page asks, and nobody who clicked."""
    return "HX-Request" in request.headers or request.headers.get("X-Purpose") == "preview"


def asks(*names: str) -> Condition:
    """Return the condition that the address asks for something by one of these names."""
    return lambda request: any(request.GET.get(name, "").strip() for name in names)


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"person:{request.user.pk}"
    return f"address:{client.network_of(request)}"


def _short(text: str) -> str:
    return sha256(text.encode(errors="replace")).hexdigest()[:32]


def _count(key: str, n: int) -> int:
    """Add to a number in the cache and return it, as one step whoever else counts at the same moment."""
    in_one_statement = getattr(cache, "count_up", None)
    if in_one_statement is not None:
        return int(in_one_statement(key, n, seconds=HOUR + 60))
    try:
        return int(cache.incr(key, n))
    except ValueError:  # not there yet; of two who see that, one puts it there
        cache.add(key, 0, timeout=HOUR + 60)
        return int(cache.incr(key, n))
