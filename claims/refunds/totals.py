"""How many refunds each tab has and what is at stake in them, in one statement whatever there is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import BigIntegerField, Case, Count, IntegerField, QuerySet, Sum, Value, When

from accounts.access import Membership
from claims.access.search_terms import refund_condition
from claims.models import RefundLine
from claims.refunds.list import RefundFilter, RefundTab, Totals, lines_of, of_tab, refunds_of, value_of

MOST_COUNTED = 1000
MOST_ADDED = {RefundTab.CLOSING_SOON: 10_000, RefundTab.OPEN: 10_000}
"""Lines added up where money can still be had, elsewhere a thousand. Beyond that the page says "more than"."""
_NUMBERED = dict(enumerate(RefundTab))


def totals(membership: Membership, wanted: RefundFilter, zone: ZoneInfo, now: datetime) -> dict[RefundTab, Totals]:
    """Return what each tab of the same search and days comes to. One query, of constant cost without a search."""
    if wanted.search.text:
        rows = _of_few(lines_of(membership).filter(refund_condition(wanted.search, membership.seller_id)), now)
        return {tab: _total(rows, number, most=None) for number, tab in _NUMBERED.items()}
    rows = _of_many(membership, wanted, zone, now)
    return {tab: _total(rows, number, MOST_ADDED.get(tab, MOST_COUNTED)) for number, tab in _NUMBERED.items()}


Rows = list[tuple[int, int, int, str]]
"""(number of the tab, lines, what they come to in minor units, currency)"""


def _of_few(lines: QuerySet[RefundLine], now: datetime) -> Rows:
    """Add up what a search found, whole: each line is looked at once and put into its tab."""
    tab = Case(
        *(When(of_tab(tab, now), then=Value(number)) for number, tab in _NUMBERED.items()), output_field=IntegerField()
    )
    value = Case(*(When(of_tab(tab, now), then=value_of(tab)) for tab in RefundTab), output_field=BigIntegerField())
    rows = lines.annotate(tab=tab).values_list("tab", "currency").annotate(n=Count("pk"), value=Sum(value)).order_by()
    return [(number, n, int(value or 0), currency) for number, currency, n, value in rows]


def _of_many(membership: Membership, wanted: RefundFilter, zone: ZoneInfo, now: datetime) -> Rows:
    """Add up the first lines of each tab by its own index."""
    parts: list[str] = []
    params: list[Any] = []
    for number, tab in _NUMBERED.items():
        found = refunds_of(membership, wanted, tab, zone, now).order_by()
        added = found.annotate(value=value_of(tab)).values_list("currency", "value")
        sql, values = added[: MOST_ADDED.get(tab, MOST_COUNTED)].query.sql_with_params()
        # The parts are Django's own SQL, their values are parameters.
        parts.append(f"SELECT {number}, count(*), sum(v), c FROM ({sql}) AS t{number} (c, v) GROUP BY c")  # noqa: S608
        params += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return [(number, count, int(value or 0), currency) for number, count, value, currency in cursor]


def _total(rows: Rows, number: int, most: int | None) -> Totals:
    mine = [row for row in rows if row[0] == number]
    count = sum(row[1] for row in mine)
    return Totals(count, tuple((row[2], row[3]) for row in mine), capped=most is not None and count >= most)
