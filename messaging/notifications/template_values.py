"""What the words of an e-mail name, read from the rows of its occasion.

The occasion, not today: what was asked, decided and until when is read from the change itself, so that an e-mail sent
late still says what happened then.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from claims.claim_page.turn_facts import first_result, things_asked
from claims.models import (
    Attachment,
    BatchRow,
    Claim,
    ClaimLine,
    DeadlineMove,
    Decision,
    InformationRequest,
    LedgerEntry,
    Redaction,
    StatusChange,
)
from claims.rules.lifecycle import RESOLVED, Party, Stage, Status, Verb
from claims.text import asked_things, decision_reason, formats, slot_name, things
from messaging.models import Message, OutgoingEmail
from messaging.notifications.kinds import Kind

EXCERPT = 200
LISTED_CLAIMS = 20
"""So many claims of a batch are named."""
LISTED_FROM = 4
"""From this many things on, what was asked for is a list."""


@dataclass(frozen=True, slots=True)
class ClaimEmailFacts:
    """`row` names the words, `values` what they name, `items` what is shown as a list; `claim` is as it was then."""

    row: str
    values: dict[str, Any]
    claim: Claim
    items: tuple[str, ...] = ()
    runs: bool = field(default=True)
    """Whether the turn card's line on dates is to be said."""
    several: bool = False
    """Whether it is about several claims: then no single one is named and linked to."""


def of_claim(email: OutgoingEmail, claim: Claim, zone: str, now: datetime) -> ClaimEmailFacts:
    """Return what an e-mail about a claim says. At most six queries."""
    values: dict[str, Any] = {
        "claim_id": claim.claim_id,
        "order_id": claim.order.order_id,
        "claimed": formats.money(claim.claimed_minor, claim.currency),
        "granted": formats.money(claim.granted_minor, claim.currency),
        "first_result": first_result(claim),
    }
    match Kind(email.kind):
        case Kind.MESSAGE:
            return _message(email, claim, values)
        case Kind.PAID | Kind.PAYMENT_REVERSED:
            return _payment(email, claim, values, zone)
        case Kind.FILE_NOT_ACCEPTED:
            return _file(email, claim, values, zone)
        case Kind.REDACTED:
            return _redaction(email, claim, values, zone)
        case Kind.REPLY_BY_MOVED:
            return _move(email, claim, values, zone, now)
        case Kind.REMINDER_REPLY:
            return _reply_reminder(claim, values, zone, now)
        case Kind.REMINDER_APPEAL:
            return _appeal_reminder(claim, values, zone, now)
    return _change(email, claim, values, zone, now)


def _change(email: OutgoingEmail, claim: Claim, values: dict[str, Any], zone: str, now: datetime) -> ClaimEmailFacts:
    change = StatusChange.objects.select_related("actor").get(claim=claim, position=email.position or 0)
    kind, row = Kind(email.kind), str(email.kind)
    items: tuple[str, ...] = ()
    decision = Decision.objects.filter(claim=claim, position=change.position - 1).first()
    then = as_of(change, claim, decision, email.params.get("answer_due"))
    values |= {
        "actor": str(change.actor) if change.actor else _("The portal"),
        "moment": formats.moment_short(change.at, zone),
        "appeal_by": _full(change.appeal_by, zone),
        "short_day": short_day(change.reply_by, zone, now),
    }
    if kind in (Kind.INFORMATION_REQUESTED, Kind.LAPSED, Kind.APPEAL_LAPSED):
        asked, reply_by = _asked(claim, change.at)
        values |= {"reply_by": _full(reply_by, zone), "things": things(len(asked))}
        values["asked"] = formats.and_list(asked) or _("a reply")
        if kind is Kind.INFORMATION_REQUESTED:
            many = len(asked) >= LISTED_FROM
            items = tuple(asked) if many else ()
            row += (", many" if many else "") + (", on appeal" if change.to_stage == Stage.APPEAL else "")
    if kind in (Kind.PARTLY_GRANTED, Kind.DENIED, Kind.LAPSED) and change.appeal_by is None:
        row += ", no appeal"  # policy may know none
    if change.verb == Verb.ACCEPT_MAIL:
        row += ", by mail"
    if kind is Kind.WITHDRAWN:
        lines = ClaimLine.objects.filter(claim=claim, closes_at__isnull=False).order_by("closes_at")
        closes = lines.values_list("closes_at", flat=True).first()
        values["closes"] = _full(closes, zone)
        row += ", window over" if closes is None or now > closes else ""
    if kind is Kind.DECISION_CORRECTED and decision:
        before = Decision.objects.filter(claim=claim, number__lt=decision.number).order_by("-number").first()
        values["day"] = formats.day(before.at, zone) if before else ""
    if email.params.get("batch") and (together := _filed_together(email, values)):
        return together
    if decision:
        values |= {
            "granted": formats.money(decision.granted_minor, claim.currency),
            "why": _why(decision, zone),
        }
    return ClaimEmailFacts(row, values, then, items)


def filed_in(batch_pk: int, seller_id: int | None) -> QuerySet[Claim]:
    """The claims of the seller that a batch filed."""
    rows = BatchRow.objects.filter(batch=batch_pk, result=BatchRow.Result.FILED)
    return Claim.objects.filter(pk__in=rows.values("claim"), seller=seller_id)


def _filed_together(email: OutgoingEmail, values: dict[str, Any]) -> ClaimEmailFacts | None:
    """Return what is said of the claims a batch filed, None where it was one. Up to two queries."""
    assert email.claim is not None
    claims = filed_in(email.params["batch"], email.seller_id)
    sums = list(claims.order_by("currency").values("currency").annotate(n=Count("pk"), minor=Sum("claimed_minor")))
    count = sum(each["n"] for each in sums)
    if count < 2:
        return None
    values["count"] = formats.number(count)
    values["sum"] = formats.and_list([formats.money(each["minor"], each["currency"]) for each in sums])
    items = [
        _("Claim %(claim_id)s, order %(order_id)s: %(amount)s")
        % {
            "claim_id": claim.claim_id,
            "order_id": claim.order.order_id,
            "amount": formats.money(claim.claimed_minor, claim.currency),
        }
        for claim in claims.select_related("order").order_by("pk")[:LISTED_CLAIMS]
    ]
    if count > len(items):
        items.append(_("and %(n)s more") % {"n": formats.number(count - len(items))})
    return ClaimEmailFacts("filed, many", values, email.claim, tuple(items), runs=False, several=True)


def as_of(change: StatusChange, claim: Claim, decision: Decision | None, answer_due: str | None) -> Claim:
    """Return the claim as this change left it, for the turn card of that moment. It is not to be saved."""
    then = copy.copy(claim)
    then.status, then.stage = change.to_status, change.to_stage
    then.reply_by, then.appeal_by = change.reply_by, change.appeal_by
    then.answer_due_at = datetime.fromisoformat(answer_due) if answer_due else None
    then.lapsed = change.verb == Verb.LAPSE
    if decision:
        then.granted_minor = decision.granted_minor
    return then


def _message(email: OutgoingEmail, claim: Claim, values: dict[str, Any]) -> ClaimEmailFacts:
    message = Message.objects.get(claim=claim, position=email.position or 0)
    words = " ".join(message.text.split())
    if not words:  # redacted meanwhile
        return ClaimEmailFacts("message, no words", values, claim)
    values["excerpt"] = words if len(words) <= EXCERPT else words[:EXCERPT].rsplit(" ", 1)[0] + " …"
    row = "message, your turn" if claim.status == Status.AWAITING_SELLER else str(email.kind)
    return ClaimEmailFacts(row, values, claim)


def _payment(email: OutgoingEmail, claim: Claim, values: dict[str, Any], zone: str) -> ClaimEmailFacts:
    entry = LedgerEntry.objects.get(pk=email.params["entry"], claim=claim)
    values |= {
        "paid": formats.money(abs(entry.amount_minor), entry.currency),
        "day": formats.day(entry.at, zone),
        "reference": entry.reference,
    }
    return ClaimEmailFacts(str(email.kind) + (", with reference" if entry.reference else ""), values, claim, runs=False)


def _file(email: OutgoingEmail, claim: Claim, values: dict[str, Any], zone: str) -> ClaimEmailFacts:
    file = Attachment.objects.get(pk=email.params["attachment"], claim=claim)
    values["name"] = file.name or _("A file")
    if file.party != Party.SELLER:  # nothing of theirs is missing
        return ClaimEmailFacts("file-not-accepted, of the team", values, claim)
    missing = _missing(claim) if claim.status == Status.AWAITING_SELLER else []
    if not missing:
        return ClaimEmailFacts(str(email.kind), values, claim)
    values |= {"missing": formats.and_list(missing), "reply_by": _full(claim.reply_by, zone)}
    return ClaimEmailFacts("file-not-accepted, still missing", values, claim)


def _redaction(email: OutgoingEmail, claim: Claim, values: dict[str, Any], zone: str) -> ClaimEmailFacts:
    """What was removed is named by what it was, whose and of which day; never by a name it had."""
    row = Redaction.objects.select_related("attachment").get(pk=email.params["redaction"], claim=claim)
    values["why"] = row.why
    file = row.attachment
    if row.what == Redaction.What.STATEMENT:
        return ClaimEmailFacts("redacted, statement", values, claim)
    if file is not None:
        # One that an old e-mail brought along was sent with the e-mail, not when the e-mail was imported.
        came_with = Message.objects.filter(claim=claim, position=row.of_position or 0, origin=Message.Origin.IMPORTED)
        sent_at = came_with.values_list("at", flat=True).first() or file.uploaded_at
        values["day"] = formats.day(sent_at, zone)
        if file.party != Party.SELLER:
            return ClaimEmailFacts("redacted, file of the team", values, claim)
        if not row.slot or claim.status in RESOLVED:
            return ClaimEmailFacts("redacted, file", values, claim)
        values["slot"] = slot_name(row.slot)
        return ClaimEmailFacts("redacted, evidence", values, claim)
    if row.what == Redaction.What.DECISION:
        decision = Decision.objects.get(claim=claim, position=row.of_position or 0)
        values["day"] = formats.day(decision.at, zone)
        return ClaimEmailFacts("redacted, decision", values, claim)
    message = Message.objects.get(claim=claim, position=row.of_position or 0)
    values["day"] = formats.day(message.at, zone)
    whose = {Message.Party.SELLER: ", yours", Message.Party.DESK: ", ours"}.get(Message.Party(message.party), "")
    return ClaimEmailFacts(str(email.kind) + whose, values, claim)


def _move(email: OutgoingEmail, claim: Claim, values: dict[str, Any], zone: str, now: datetime) -> ClaimEmailFacts:
    move = DeadlineMove.objects.get(pk=email.params["move"], claim=claim)
    values |= {
        "short_day": short_day(move.now_is, zone, now),
        "old": _full(move.was, zone),
        "new": _full(move.now_is, zone),
        "why": move.why,
    }
    on_appeal = move.deadline == DeadlineMove.Deadline.APPEAL_BY
    return ClaimEmailFacts("reply-by-moved, appeal" if on_appeal else Kind.REPLY_BY_MOVED.value, values, claim)


def _reply_reminder(claim: Claim, values: dict[str, Any], zone: str, now: datetime) -> ClaimEmailFacts:
    assert claim.reply_by is not None
    values |= {
        "left": formats.left_bare(claim.reply_by, now),
        "missing": formats.and_list(_missing(claim)) or _("a reply"),
        "reply_by": _full(claim.reply_by, zone),
    }
    row = "reminder-reply, on appeal" if claim.stage == Stage.APPEAL else Kind.REMINDER_REPLY.value
    return ClaimEmailFacts(row, values, claim)


def _appeal_reminder(claim: Claim, values: dict[str, Any], zone: str, now: datetime) -> ClaimEmailFacts:
    assert claim.appeal_by is not None
    values |= {"left": formats.left_bare(claim.appeal_by, now), "appeal_by": _full(claim.appeal_by, zone)}
    in_part = claim.status == Status.GRANTED
    return ClaimEmailFacts("reminder-appeal, granted in part" if in_part else Kind.REMINDER_APPEAL.value, values, claim)


def _asked(claim: Claim, at: datetime) -> tuple[list[str], datetime | None]:
    """Return what the last request up to this moment asked for, and until when."""
    requests = InformationRequest.objects.filter(claim=claim, at__lte=at).order_by("-at", "-pk")
    request = requests.prefetch_related("items").first()
    return list(things_asked(request)), request.reply_by if request else None


def _missing(claim: Claim) -> list[str]:
    """Return what the open request still waits for."""
    request = InformationRequest.objects.filter(claim=claim, closed_at__isnull=True).prefetch_related("items").first()
    waited = [(item.slot, item.words) for item in request.items.all() if not item.answered_at] if request else []
    return asked_things(waited)


def _why(decision: Decision, zone: str) -> str:
    why: list[str] = []
    for line in decision.lines.prefetch_related("reasons").order_by("pk"):
        why += [decision_reason(reason.code, reason.params, zone).why for reason in line.reasons.all()]
    return " ".join(dict.fromkeys(why))


def _full(at: datetime | None, zone: str) -> str:
    return formats.moment_full(at, zone) if at else ""


def short_day(at: datetime | None, zone: str, now: datetime) -> str:
    """Return "Nov 25", or under 48 hours before "today 5 PM EST" and "tomorrow 11:59 PM EST"; "" for no moment."""
    if at is None:
        return ""
    there = ZoneInfo(zone)
    ahead = (at.astimezone(there).date() - now.astimezone(there).date()).days
    clock = formats.clock(at, zone).replace(":00 ", " ")
    if now <= at and at - now < formats.DAYS_FROM and ahead < 2:
        return (_("today %(clock)s") if ahead == 0 else _("tomorrow %(clock)s")) % {"clock": clock}
    return formats.short_day(at, zone)
