"""Whether a request is a person looking at a page, or a machine fetching it beforehand."""

from __future__ import annotations

from django.http import HttpRequest

from accounts import view_as_seller
from accounts.access import person
from claims.models import Visit
from claims.records import read_marks

Taken = Visit.What
"""What of a claim a member may take away."""


def is_visit(request: HttpRequest) -> bool:
    """Whether a member sees the answer: a GET that no browser or mail program makes ahead of a click.

    Staff who look at a seller's page see it for nobody: nothing becomes seen by it.
    """
    if request.method != "GET" or view_as_seller.current(request) is not None:
        return False
    purposes = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return not any("prefetch" in purpose.lower() or "preview" in purpose.lower() for purpose in purposes)


def put_on_record(request: HttpRequest, claim_pk: int | None, seller_id: int, what: Taken) -> None:
    """Put on record, before the answer leaves, that this member takes something of a claim away. One statement."""
    if claim_pk is not None and is_visit(request):
        user_id = person(request).pk
        read_marks.downloaded(claim_pk=claim_pk, seller_id=seller_id, user_id=user_id, what=what)
