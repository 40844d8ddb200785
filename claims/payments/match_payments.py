"""Payments of the marketplace: booked on their claim once, whichever sources tell of them, or kept until they can be.

Finances v0 names the claim, so its payments are booked by themselves. The other sources name the order only: what they
tell waits for a person to confirm, unless a booking is there already that it is about. The ledger is written once
and for all, so a payment told by a second source is tied to the booking and books nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from accounts.groups import OPERATOR, groups_of
from accounts.models import User
from accounts.values import LONGEST_REASON, ids, single_line
from claims import signals
from claims.models import Claim, LedgerEntry, UnmatchedPayment

APART = timedelta(days=3)
"""How far two sources may date the same payment apart."""
Source, Outcome = UnmatchedPayment.Source, UnmatchedPayment.Outcome
MONEY = (LedgerEntry.Kind.PAID, LedgerEntry.Kind.REVERSED)


class NotSettled(Exception):
    """A payment could not be settled as asked for; nothing was changed. The message is the name of why."""


(
    NOT_ALLOWED,
    SETTLED_BEFORE,
    NO_SUCH_CLAIM,
    OTHER_CURRENCY,
    MORE_THAN_PAID,
    WHY_MISSING,
    NO_SUCH_REFUND,
    REFUND_CLAIMED,
) = (
    "NOT_ALLOWED",
    "SETTLED_BEFORE",
    "NO_SUCH_CLAIM",
    "OTHER_CURRENCY",
    "MORE_THAN_PAID",
    "WHY_MISSING",
    "NO_SUCH_REFUND",
    "REFUND_CLAIMED",
)


@dataclass(frozen=True, slots=True)
class ReportedPayment:
    """A payment as a file tells it, in minor units, negative when it was taken back. `payment` is never booked twice.

    `alias` is another name the same source may have for it.
    """

    seller_id: int
    source: UnmatchedPayment.Source
    payment: str
    amount_minor: int
    currency: str
    at: datetime
    claim_id: str = ""
    order_id: str = ""
    sku: str = ""
    reference: str = ""
    alias: str = ""


def may_settle(user: User) -> bool:
    """Whether this person confirms payments and sets them aside: operators and superusers."""
    return user.is_active and user.is_staff and (user.is_superuser or OPERATOR in groups_of(user))


def record(reported: ReportedPayment, now: datetime) -> bool:
    """Book what a file tells, or keep it; return whether it was new. The same payment twice changes nothing."""
    names = [reported.payment, reported.alias] if reported.alias else [reported.payment]
    with transaction.atomic():
        claim = _locked(reported) if reported.claim_id else None
        known = UnmatchedPayment.objects.filter(payment__in=names).exists()
        if known or LedgerEntry.objects.filter(payment__in=names).exists():
            return False
        _row, new = UnmatchedPayment.objects.get_or_create(
            payment=reported.payment,
            defaults={
                "seller_id": reported.seller_id,
                "source": reported.source,
                "claim_id": reported.claim_id,
                "order_id": reported.order_id,
                "sku": reported.sku,
                "amount_minor": reported.amount_minor,
                "currency": reported.currency,
                "at": reported.at,
                "reference": reported.reference,
            },
        )
        if not new:
            return False
        if claim is not None:
            _settle(claim, now)
        elif reported.order_id:
            recognise(reported.order_id, now)
        return True


def settle_waiting(seller_id: int, now: datetime) -> int:
    """Book the payments that waited for claims which are here by now; return of how many claims."""
    waiting = UnmatchedPayment.objects.filter(seller_id=seller_id, matched_at=None).exclude(claim_id="")
    claims = list(
        Claim.objects.filter(seller_id=seller_id, claim_id__in=waiting.values("claim_id"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for pk in claims:
        with transaction.atomic():
            _settle(Claim.objects.select_for_update(no_key=True).get(pk=pk), now)
    return len(claims)


def settle_claim(claim: Claim, now: datetime) -> None:
    """Book the payments that waited for this claim. The caller's transaction; the claim is its own or locked."""
    _settle(claim, now)


def confirm(payment_pk: int, *, claim_id: str, by: User, now: datetime) -> LedgerEntry:
    """Book a waiting payment on the claim a person chose; return the entry. Raises NotSettled."""
    with transaction.atomic():
        # The claim before the payments, as a file that is read in locks them: else two wait for each other for good.
        named = ids.as_claim_id(claim_id) or ""
        payment = UnmatchedPayment.objects.filter(pk=payment_pk)
        claims = Claim.objects.select_for_update(no_key=True, of=("self",))
        claim = claims.filter(claim_id=named, seller_id__in=payment.values("seller_id")).first()
        row = waiting(payment_pk, by)
        if claim is None:
            raise NotSettled(NO_SUCH_CLAIM)
        if claim.currency != row.currency:
            raise NotSettled(OTHER_CURRENCY)
        if entry := _same(row, [claim.pk]):  # booked from another source while this page was open
            _tie(row, entry, now)
            return entry
        if claim.paid_minor + row.amount_minor < 0:
            raise NotSettled(MORE_THAN_PAID)
        entry = _book(claim, row, now, by=by)
        _settle(claim, now)
        return entry


def set_aside(payment_pk: int, *, why: str, by: User, now: datetime) -> None:
    """Take a payment out of those that wait, for a reason; it stays on record. Raises NotSettled."""
    words = single_line(why)[:LONGEST_REASON]
    if not words:
        raise NotSettled(WHY_MISSING)
    with transaction.atomic():
        row = waiting(payment_pk, by)
        row.outcome, row.matched_at, row.settled_by, row.why = Outcome.SET_ASIDE, now, by, words
        row.save(update_fields=["outcome", "matched_at", "settled_by", "why"])


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A claim a waiting payment may be for. `exact`: it comes to what is granted and not paid yet."""

    claim_id: str
    granted_minor: int
    paid_minor: int
    exact: bool


def suggestions(payments: Sequence[UnmatchedPayment]) -> dict[int, list[Suggestion]]:
    """Return, by the payment's key, the claims of its order it may be for, the likeliest first. One query.

    Likely is what is granted and unpaid for exactly the amount, then what that fits into, then the latest decided.
    """
    orders = {row.order_id for row in payments if row.order_id}
    ids = {row.claim_id for row in payments if row.claim_id}
    claims = list(
        Claim.objects.filter(Q(order__order_id__in=orders) | Q(claim_id__in=ids))
        .exclude(status="WITHDRAWN")
        .select_related("order")
    )
    made: dict[int, list[Suggestion]] = {}
    for row in payments:
        fitting = [
            claim
            for claim in claims
            if claim.seller_id == row.seller_id
            and claim.currency == row.currency
            and (claim.claim_id == row.claim_id if row.claim_id else claim.order.order_id == row.order_id)
            and claim.paid_minor + row.amount_minor >= 0
        ]
        fitting.sort(
            key=lambda claim, row=row: (  # type: ignore[misc]
                _left(claim, row) != 0,
                _left(claim, row) < 0,
                -(claim.decided_at or claim.filed_at).timestamp(),
                claim.pk,
            )
        )
        made[row.pk] = [
            Suggestion(claim.claim_id, claim.granted_minor, claim.paid_minor, _left(claim, row) == 0)
            for claim in fitting[:5]
        ]
    return made


def _left(claim: Claim, row: UnmatchedPayment) -> int:
    return claim.granted_minor - claim.paid_minor - row.amount_minor


def _locked(reported: ReportedPayment) -> Claim | None:
    claims = Claim.objects.select_for_update(no_key=True, of=("self",))
    return claims.filter(claim_id=reported.claim_id, seller_id=reported.seller_id).first()


def waiting(payment_pk: int, by: User) -> UnmatchedPayment:
    """Return a payment that waits, locked, for a person who may settle it. Raises NotSettled."""
    if not may_settle(by):
        raise NotSettled(NOT_ALLOWED)
    row = UnmatchedPayment.objects.select_for_update(of=("self",)).filter(pk=payment_pk, matched_at=None).first()
    if row is None:
        raise NotSettled(SETTLED_BEFORE)
    return row


def _settle(claim: Claim, now: datetime) -> None:
    """Book what waits for this claim, payments before what was taken back; then look who tells of the same.

    What would take back more than was paid waits for the payment that it takes back.
    """
    rows = UnmatchedPayment.objects.select_for_update(of=("self",)).filter(
        seller_id=claim.seller_id, claim_id=claim.claim_id, currency=claim.currency, matched_at=None
    )
    paid = Claim.objects.values_list("paid_minor", flat=True).get(pk=claim.pk)
    for row in rows.order_by(F("amount_minor").desc(), "at", "payment"):
        if entry := _same(row, [claim.pk]):
            _tie(row, entry, now)
        elif paid + row.amount_minor >= 0:
            _book(claim, row, now)
            paid += row.amount_minor
    recognise(claim.order.order_id, now)


def recognise(order_id: str, now: datetime) -> None:
    """Tie waiting payments that name this order to what they are about: a booking on one of its claims, or a payment
    for a refund without a claim, told by another source. The caller's transaction."""
    rows = UnmatchedPayment.objects.select_for_update(of=("self",)).filter(order_id=order_id, matched_at=None)
    unsettled = list(rows.order_by("at", "payment"))
    if not unsettled:
        return
    claims = list(Claim.objects.filter(order__order_id=order_id).values_list("pk", flat=True))
    for row in unsettled:
        if entry := _same(row, claims):
            _tie(row, entry, now)
        elif known := _reported_before(row):
            row.outcome, row.matched_at, row.same_as = Outcome.SAME, now, known
            row.save(update_fields=["outcome", "matched_at", "same_as"])


def _reported_before(row: UnmatchedPayment) -> UnmatchedPayment | None:
    """Return the payment for a refund without a claim that this one is about, as `_same` finds a booking."""
    payments = UnmatchedPayment.objects.filter(
        outcome=Outcome.NO_CLAIM,
        seller_id=row.seller_id,
        order_id=row.order_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        at__range=(row.at - APART, row.at + APART),
    ).exclude(Q(source=row.source) | Q(told_again__source=row.source))
    return min(payments, key=lambda payment: (abs(payment.at - row.at), payment.pk), default=None)


def _same(row: UnmatchedPayment, claims: Iterable[int]) -> LedgerEntry | None:
    """Return the booking this payment is about: same money, about the same day, not told by its source yet."""
    entries = LedgerEntry.objects.filter(
        claim_id__in=list(claims),
        seller_id=row.seller_id,
        kind__in=MONEY,
        amount_minor=row.amount_minor,
        currency=row.currency,
        at__range=(row.at - APART, row.at + APART),
    ).exclude(told_by__source=row.source)
    found = sorted(entries, key=lambda entry: (abs(entry.at - row.at), entry.pk))
    return found[0] if found else None


def _tie(row: UnmatchedPayment, entry: LedgerEntry, now: datetime) -> None:
    row.outcome, row.matched_at, row.entry = Outcome.SAME, now, entry
    row.save(update_fields=["outcome", "matched_at", "entry"])


def _book(claim: Claim, row: UnmatchedPayment, now: datetime, by: User | None = None) -> LedgerEntry:
    """Write the entry; the database keeps what the claim was paid in all."""
    entry = LedgerEntry.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        kind=LedgerEntry.Kind.PAID if row.amount_minor > 0 else LedgerEntry.Kind.REVERSED,
        amount_minor=row.amount_minor,
        currency=row.currency,
        at=row.at,
        payment=row.payment,
        reference=row.reference,
    )
    row.outcome, row.matched_at, row.entry, row.settled_by = Outcome.BOOKED, now, entry, by
    row.save(update_fields=["outcome", "matched_at", "entry", "settled_by"])
    claim.refresh_from_db(fields=["paid_minor"])
    signals.payment_booked.send(sender=Claim, entry=entry, claim=claim)
    return entry
