"""Why a member can't do a thing to a claim, or what follows if they do, with the dates the sentences name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from claims.claim_page.snapshot import ClaimSnapshot
from claims.models import Claim
from claims.rules.lifecycle import Refusal, Stage, Status, Verb
from claims.text import badge, formats, now_stands, refusal, verb_label
from claims.workflow import deadlines


def refusal_words(
    codes: Collection[Refusal],
    claim: Claim,
    snapshot: ClaimSnapshot,
    *,
    zone: str,
    verb: Verb | None = None,
    owner_names: str = "",
) -> tuple[str, ...]:
    """Return one sentence a code. What isn't known is told in general words."""
    ended = snapshot.moved_at if claim.status == Status.WITHDRAWN else claim.decided_at
    look = badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed)
    values = {
        "owner_names": owner_names,
        "reply_by": _moment(claim.reply_by or (snapshot.asked.reply_by if snapshot.asked else None), zone),
        "then": _after_reply_by(claim) if Refusal.REPLY_BY_PASSED in codes else "",
        "appeal_by": _moment(claim.appeal_by, zone),
        "appealed_on": formats.day(snapshot.appealed_at, zone) if snapshot.appealed_at else "",
        "decided_on": formats.day(ended, zone) if ended else "",
        "help": settings.HELP_URL,
        "verb": verb_label(verb) if verb else "",
        "status_words": look.words,
        "what_changed": now_stands(look.words),
    }
    given = {name: words for name, words in values.items() if words}
    return tuple(
        _("The policy allows no appeal of this decision.")
        if code is Refusal.NO_APPEAL_DATE and claim.decided_at
        else refusal(code, **given)
        for code in codes
    )


def after_withdrawal(snapshot: ClaimSnapshot, *, zone: str, now: datetime) -> str:
    """Return what a withdrawal leaves to do: whether the refund can be claimed again, and until when."""
    closes = min((line.closes_at for line in snapshot.lines if line.closes_at), default=None)
    if closes is None or now > closes:
        return _("The filing window has ended, so you can't file again.")
    return _("You can file again until %(moment)s (%(left)s).") % {
        "moment": formats.moment_full(closes, zone),
        "left": formats.left(closes, now),
    }


def _after_reply_by(claim: Claim) -> str:
    """Return what comes of a claim whose seller didn't reply in time, as its card says it."""
    if claim.mail_reply_at:
        return _("An e-mail of yours may be the reply: the SAFE-T team looks at it.")
    if claim.stage == Stage.APPEAL:
        return _("The appeal ends for lack of a reply; the first decision stands.")
    if claim.reply_by and deadlines.appeal_by(claim, claim.reply_by) is None:
        return _("The claim is denied for lack of a reply.")
    return _("The claim is denied for lack of a reply; you can then appeal once.")


def _moment(at: datetime | None, zone: str) -> str:
    return formats.moment_full(at, zone) if at else ""
