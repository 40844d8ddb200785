"""Which refund lines can be claimed at a moment, as far as stored columns know: the one place that says it.

Lists, counts, the file to fill in, the calendar, reminders and digests all ask here, be it for a condition, for rows or
for the text of a query of their own, which is made from that same condition. What is filed is asked of the rules once
more (`claims.rules.eligibility`).
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Func, Q, QuerySet
from django.db.models.expressions import Combinable

from claims.models import FREE, RefundLine


def is_open(now: datetime | Combinable) -> Q:
    """Return the condition that nothing stands against a line, time neither. A window's last instant belongs to it."""
    return FREE & Q(opens_at__lte=now, first_closes_at__gte=now)


def can_be_claimed(now: datetime | Combinable) -> Q:
    """Return the condition that a line can be claimed at `now`: it is open, and its seller files claims."""
    return is_open(now) & Q(seller__is_active=True)


def lines_of(seller_id: int, now: datetime) -> QuerySet[RefundLine]:
    """Return the seller's lines that can be claimed at `now`."""
    return RefundLine.objects.filter(can_be_claimed(now), seller_id=seller_id)


def _as_text() -> str:
    """Return `can_be_claimed` as the text of a query over a line `l` and its seller `s`, at the parameter `now`."""
    moment = Func(template="%%%%(now)s", output_field=DateTimeField())
    query = RefundLine.objects.filter(can_be_claimed(moment)).query
    text, values = query.where.as_sql(query.get_compiler(connection=connection), connection)
    literals = tuple("'{}'".format(str(value).replace("'", "''")) for value in values)
    named = {f'"{RefundLine._meta.db_table}".': "l.", '"accounts_seller".': "s."}
    for table, alias in named.items():
        text = text.replace(table, alias)
    return text % literals


SQL = _as_text()
"""`can_be_claimed` of a line `l` and its seller `s` at `%(now)s`, for a query written by hand."""
