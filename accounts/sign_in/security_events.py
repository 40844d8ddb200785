"""What may be an attack: failed sign-ins, wrong codes, too many tries, refused files.

An event is a line in the log, and counted in a row an hour by kind, account and address. The account is a keyed hash of
the address that was typed: who has an account here can't be told from the rows, nor whose it is. Whoever floods the
portal gets bigger counts, not more rows. The record (`desk.models.Record`) keeps for ever and is for who was let in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import client
from accounts.models import SecurityEvent, SecurityTally

log = structlog.get_logger(__name__)

Kind = SecurityEvent.Kind
GetResponse = Callable[[HttpRequest], HttpResponse]

KEPT_FOR = timedelta(days=90)
"""How long rows are kept: personal data, though nobody's name is in it."""
MOST_OF_ADDRESS = 20
"""Accounts told apart for one address, kind and hour; what is beyond them is one row of that address."""
MOST_OF_KIND = 2_000
"""Rows of one kind and hour; what is beyond them is one row without account and address."""
PURGED_AT_ONCE = 10_000

_here: ContextVar[HttpRequest | None] = ContextVar("request that is being answered", default=None)
_BY_STATUS: dict[int, SecurityEvent.Kind] = {
    HTTPStatus.TOO_MANY_REQUESTS: Kind.THROTTLED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Kind.BODY_TOO_LARGE,
}


def watch(get_response: GetResponse) -> GetResponse:
    """Note answers that say "too much" (429, 413), and let `note` know which request is being answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = _here.set(request)
        try:
            response = get_response(request)
            if kind := _BY_STATUS.get(response.status_code):
                note(kind)
            return response
        finally:
            _here.reset(token)

    return middleware


def is_answering() -> bool:
    """Whether this happens while a request is answered, rather than in a task or a command."""
    return _here.get() is not None


def note(kind: SecurityEvent.Kind, account: str | None = None) -> None:
    """Count this event and log it. One statement, whatever is there already; a database that fails stops nothing.

    `account` is the e-mail address it is about; None: that of who is signed in. The address of the client is that of
    the request being answered, "" where there is none.
    """
    request = _here.get()
    named = client.account_hash(_signed_in(request) if account is None else account)
    network = client.network_of(request) if request is not None else ""
    log.warning("security_event", kind=kind.value, account=named, address=network)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_COUNT, _values(kind, named, network, timezone.now()))
    except DatabaseError:
        log.exception("security_event_not_kept", kind=kind.value)


def tallied() -> dict[str, int]:
    """Return how many events of each kind there were, ever. One query over as many rows as there are kinds."""
    return dict(SecurityTally.objects.values_list("kind", "total"))


def purge(now: datetime) -> int:
    """Delete rows older than `KEPT_FOR`, some at a time; return how many. Safe to repeat."""
    gone = 0
    while pks := list(old(now).values_list("pk", flat=True)[:PURGED_AT_ONCE]):
        gone += SecurityEvent.objects.filter(pk__in=pks).delete()[0]
    return gone


def old(now: datetime) -> QuerySet[SecurityEvent]:
    """Return the rows that are kept no longer."""
    return SecurityEvent.objects.filter(since__lt=now - KEPT_FOR)


def _signed_in(request: HttpRequest | None) -> str:
    user = getattr(request, "user", None)
    return user.email if user is not None and user.is_authenticated else ""


def _values(kind: SecurityEvent.Kind, account: str, network: str, now: datetime) -> dict[str, str | int | datetime]:
    return {
        "kind": kind.value,
        "since": now.replace(minute=0, second=0, microsecond=0),
        "account": account,
        "address": network,
        "now": now,
        "most_of_address": MOST_OF_ADDRESS - 1,
        "most_of_kind": MOST_OF_KIND - 1,
    }


# Looks at no more index entries than there may be rows: of the address, then of the kind, in this hour.
_COUNT = """
WITH tally AS (
  INSERT INTO accounts_securitytally AS t (kind, total) VALUES (%(kind)s, 1)
  ON CONFLICT (kind) DO UPDATE SET total = t.total + 1
),
hour AS (SELECT * FROM accounts_securityevent WHERE kind = %(kind)s AND since = %(since)s),
room AS (
  SELECT EXISTS (SELECT FROM hour WHERE address = %(address)s AND account = %(account)s) AS known,
         EXISTS (SELECT FROM hour WHERE address = %(address)s OFFSET %(most_of_address)s) AS address_full,
         EXISTS (SELECT FROM hour OFFSET %(most_of_kind)s) AS kind_full
)
INSERT INTO accounts_securityevent AS e (kind, since, address, account, count, last_at)
SELECT %(kind)s, %(since)s,
       CASE WHEN known OR NOT kind_full THEN %(address)s ELSE '' END,
       CASE WHEN known OR NOT (address_full OR kind_full) THEN %(account)s ELSE '' END,
       1, %(now)s
  FROM room
ON CONFLICT (kind, since, address, account) DO UPDATE SET count = e.count + 1, last_at = excluded.last_at
"""
