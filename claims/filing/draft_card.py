"""The turn card of a draft: that it isn't filed, what it lacks, until when it can be filed, and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from claims.claim_page.turn_card import TurnCard
from claims.components import Button
from claims.filing.draft_check import MissingField, Review
from claims.models import Draft
from claims.rules.eligibility import CLOSING_SOON_DAYS
from claims.text import CauseWords, Ctx, cause, filing_problem, formats

STEPS = ("what", "why", "proof", "review")
_STEP_OF = {
    "lines": "what",
    "quantity": "what",
    "amount": "what",
    "reason": "why",
    "slot": "proof",
    "statement": "proof",
    "policy": "review",
}


def step_of(field: str) -> str:
    """Return the step of filing where a field is."""
    return _STEP_OF[field.partition("-")[0]]


def is_complete(review: Review) -> bool:
    """Whether nothing but the tick on the policy is missing, and nothing is against filing."""
    return not review.causes and all(problem.code is MissingField.POLICY for problem in review.problems)


def draft_card(draft: Draft, review: Review, *, ctx: Ctx) -> TurnCard:
    """Return the card of a person's own draft. Costs no query."""
    closes, now = review.closes_at, ctx.now
    delete = Button(_("Delete draft"), reverse("claims:delete_draft", args=[draft.uuid]), method="post", icon="trash")
    what = _("This is a draft. The SAFE-T team can't see it.")
    if review.causes:
        why = tuple(formats.paragraph(said.sentence, said.todo) for said in _said(review, ctx))
        return TurnCard("quiet", "pencil", _("This draft can't be filed"), what, why=why, buttons=(delete,))
    missing = tuple(filing_problem(each) for each in review.problems if each.code is not MissingField.POLICY)
    step = step_of(review.problems[0].field) if missing else "review"
    go = Button(
        _("Continue") if missing else _("Check and submit"),
        reverse("claims:new_step", args=[draft.uuid, step]),
        primary=True,
    )
    what = formats.paragraph(what, _("Still to do:") if missing else _("Nothing is missing: check it and submit it."))
    hurry = closes is not None and closes - now < timedelta(days=CLOSING_SOON_DAYS)
    return TurnCard(
        "you" if hurry else "quiet",
        "pencil",
        _("Not filed yet"),
        what,
        _until(review, ctx),
        closes,
        short=file_by_line(closes, ctx.zone, now),
        asked=missing,
        buttons=(go, delete),
    )


def _said(review: Review, ctx: Ctx) -> list[CauseWords]:
    found = [cause(said, ctx) for said in review.causes]
    return list({each.sentence: each for each in found}.values())


def _until(review: Review, ctx: Ctx) -> str:
    closes = review.closes_at
    if closes is None:
        return ""
    values = {"moment": formats.moment_full(closes, ctx.zone), "left": formats.left(closes, ctx.now)}
    if review.is_provisional:
        return _("File by %(moment)s (%(left)s); if the return arrives later, you have longer.") % values
    return _("File by %(moment)s (%(left)s).") % values


def file_by_line(closes: datetime | None, zone: str, now: datetime) -> str:
    """Return the line of a list: until when a draft or refund can be filed, "" where nothing runs."""
    if closes is None or closes < now:
        return ""
    return _("File by %(moment)s (%(left)s)") % {
        "moment": formats.moment_short(closes, zone),
        "left": formats.left(closes, now),
    }
