"""The queue's page as ready values: tabs with counts, rows, what filters there are, what to say when it is empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import marketplaces
from accounts.models import User
from claims.claim_page import desk_card
from claims.models import Claim
from claims.rules.lifecycle import Reason, Stage, Status
from claims.text import formats, reason_label
from desk import claim_rows, presence
from desk.models import SavedFilter
from desk.queue import list as queue
from desk.queue.list import MOST_COUNTED, VIEWS, QueueFilter

MOST_SAVED = 20


@dataclass(frozen=True, slots=True)
class QueueTab:
    label: str
    href: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. `pick` is what its tick box sends: the claim and the version it was shown at."""

    claim_id: str
    href: str
    pick: str
    seller: str
    order_id: str
    reason: str
    amount: str
    appeal: bool
    turn: str
    tone: str
    due: str
    late: bool
    assigned: str
    updated: str
    here: str


def tabs(asked: QueueFilter, counted: dict[str, int]) -> list[QueueTab]:
    return [
        QueueTab(
            str(label),
            asked.of(view).address(),
            _number(counted[view]),
            view == asked.view and not asked.search.text,
        )
        for view, label in VIEWS.items()
    ]


def _number(counted: int) -> str:
    """Return a count as it is told: counting ends at 999."""
    return "999+" if counted >= MOST_COUNTED else str(counted)


def rows(claims: list[Claim], user: User, now: datetime, zone: str) -> list[QueueRow]:
    """Return the rows, with who else has each claim open. One query."""
    here = presence.others([claim.pk for claim in claims], user, now) if claims else {}
    return [_row(claim, here.get(claim.pk, ""), user, now, zone) for claim in claims]


def _row(claim: Claim, here: str, user: User, now: datetime, zone: str) -> QueueRow:
    words, tone = desk_card.whose_turn(claim, user, now)
    at = claim.reply_by if claim.status == Status.AWAITING_SELLER else claim.answer_due_at
    late = bool(claim.answer_due_at and now > claim.answer_due_at)
    return QueueRow(
        claim_id=claim.claim_id,
        href=reverse("desk:claim", args=[claim.claim_id]),
        pick=f"{claim.claim_id}.{claim.version}",
        seller=claim.seller.name,
        order_id=claim.order.order_id,
        reason=reason_label(claim.reason),
        amount=formats.money(claim.claimed_minor, claim.currency),
        appeal=claim.stage == Stage.APPEAL,
        turn=words,
        tone="denied" if late else tone,
        due=f"{formats.moment_short(at, zone)} ({formats.left(at, now)})" if at else "",
        late=late,
        assigned=str(claim.assigned_to) if claim.assigned_to else "",
        updated=formats.ago(claim.updated_at, now, zone),
        here=here,
    )


def choices(asked: QueueFilter) -> dict[str, Any]:
    """Return what the filters offer, each (value, words, chosen). One query, for the handlers.

    One more where a saved view names a person who is no longer a handler: it says whose claims the list is of.
    """
    people = claim_rows.handlers()
    gone: list[User] = []
    if asked.assigned and all(each.pk != asked.assigned for each in people):
        gone = list(User.objects.filter(pk=asked.assigned, is_staff=True))
    return {
        "reasons": [(r.value, reason_label(r), r.value == asked.reason) for r in Reason],
        "marketplaces": [(code, code, code == asked.marketplace) for code in sorted(marketplaces.by_code())],
        "assigned": [(str(each.pk), str(each), each.pk == asked.assigned) for each in (*people, *gone)],
        "handlers": [(str(each.pk), str(each)) for each in people],
    }


def saved(user: User) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(user=user).order_by("name")[:MOST_SAVED]


@dataclass(frozen=True, slots=True)
class EmptyQueue:
    """What an empty list says: that it is empty, and where there is something. `take` offers the next claim."""

    headline: str
    sentence: str
    take: bool = False


def nothing(asked: QueueFilter, counted: dict[str, int], now: datetime, zone: str) -> EmptyQueue:
    """Return what an empty list says. At most one query."""
    if asked.search.text:
        if asked.search.unknown or not asked.search.ids:
            words = {"text": asked.search.text}
            return EmptyQueue(_("“%(text)s” isn't an id we know") % words, _("Enter a whole order id or claim id."))
        return EmptyQueue(
            _("No claim with %(text)s") % {"text": asked.search.text}, _("Whole ids only, of any seller.")
        )
    if asked.seller and asked.seller_pk is None:
        return EmptyQueue(
            _("No seller account is called “%(name)s”") % {"name": asked.seller},
            _("Enter its whole name or its short name."),
        )
    if asked.is_filtered:
        return EmptyQueue(_("Nothing here with these filters"), _("Clear the filters to see the whole view."))
    if asked.view == "mine" and counted["unassigned"]:
        first = Claim.objects.filter(status=Status.UNDER_INVESTIGATION, assigned_to__isnull=True)
        due = first.order_by("answer_due_at").values_list("answer_due_at", flat=True).first()
        n = counted["unassigned"]
        sentence = ngettext("%(n)s is unassigned.", "%(n)s are unassigned.", n) % {"n": _number(n)}
        if due:
            sentence = ngettext(
                "%(n)s is unassigned; the first answer is due %(due)s.",
                "%(n)s are unassigned; the first answer is due %(due)s.",
                n,
            ) % {"n": _number(n), "due": formats.moment_short(due, zone)}
        return EmptyQueue(_("You have no claims"), sentence, take=True)
    last = queue.last_decided()
    sentence = _("Last claim decided %(ago)s.") % {"ago": formats.ago(last, now, zone)} if last else ""
    return EmptyQueue(_("Nothing is waiting"), sentence)
