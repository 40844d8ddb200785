"""What the frame of every page of the desk needs."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.groups import AUDITOR, OPERATOR, SENIOR_HANDLER, groups_of
from accounts.models import User
from desk.access import may_read

register = template.Library()

PAGES: tuple[tuple[str | Promise, str, frozenset[str]], ...] = (
    (_("Queue"), "admin:claims_claim_changelist", frozenset()),
    (_("Old e-mails"), "admin:messaging_originalmail_changelist", frozenset()),
    (_("E-mails"), "admin:messaging_outgoingemail_changelist", frozenset()),
    (_("Unmatched payments"), "desk:payments", frozenset()),
    (_("Granted, not paid"), "desk:unpaid", frozenset()),
    (_("Imports"), "desk:imports", frozenset({OPERATOR, SENIOR_HANDLER, AUDITOR})),
    (_("Insight"), "desk:insight", frozenset({SENIOR_HANDLER, AUDITOR})),
    (_("Record"), "admin:desk_record_changelist", frozenset({OPERATOR, AUDITOR})),
)
"""The desk's pages: what each is called, its address, and the groups that may open it (none: everybody of the desk)."""


@register.simple_tag
def desk_pages(user: object) -> list[tuple[str, str]]:
    """Return the pages of the desk that this person may open, as (name, address)."""
    if not isinstance(user, User) or not may_read(user):
        return []
    groups = frozenset() if user.is_superuser else groups_of(user)
    return [
        (str(name), reverse(address))
        for name, address, needs in PAGES
        if not needs or user.is_superuser or groups & needs
    ]
