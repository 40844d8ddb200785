"""What the filing pages show: an order's refunds with what can be claimed of each, and a draft under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import Membership
from accounts.values import has_nul, ids, plain_text, single_line, whole
from claims.claim_page.file_chips import FileChip, chip
from claims.models import Attachment, Claim, Draft, Order, PolicyRule, Refund, RefundLine, Return
from claims.refunds import keys as refund_keys
from claims.refunds import stored_eligibility
from claims.refunds.list import ctx_of
from claims.rules.eligibility import Assessment, Cause, CauseWithValues
from claims.text import DESK_ONLY_CAUSES, CauseWords, Ctx, cause, formats


class OrderKey(StrEnum):
    """What a person may find an order by."""

    ORDER = "order"
    TRACKING = "tracking"
    RMA = "rma"


@dataclass(frozen=True, slots=True)
class RefundLineChoice:
    item: str
    asin: str
    sku: str
    refunded: str
    left: str
    causes: list[CauseWords]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class RefundChoice:
    """One refund of the order. `key` names it in a form; `can_file` whether any line of it can be claimed."""

    key: str
    refunded_on: str
    file_by: str
    lines: list[RefundLineChoice]
    can_file: bool


@dataclass(frozen=True, slots=True)
class OrderRefunds:
    """The answer to "can I claim this": the order's refunds, or the causes why there is none to claim."""

    order_id: str
    options: list[RefundChoice]
    causes: list[CauseWords]
    other_seller: str = ""
    other_slug: str = ""


def find(
    membership: Membership, others: Sequence[Membership], kind: str, value: str, zone: ZoneInfo, now: datetime
) -> OrderRefunds:
    """Return what can be claimed for the order that `value` names. At most eight queries.

    A rival's order gets the answer of one that isn't there.
    """
    ctx = ctx_of(membership, zone, now)
    typed = single_line(value)[:64]
    order = _order_of(membership.seller_id, kind, typed)
    if order is None:
        return _not_found(membership, others, kind, typed, ctx)
    lines = list(
        RefundLine.objects.filter(order=order)
        .select_related("refund", "order", "seller")
        .order_by("-refund__refunded_at", "sku", "pk")
    )
    if not lines:
        return OrderRefunds(order.order_id, [], [cause(CauseWithValues(Cause.REFUND_NOT_SEEN), ctx)])
    answers = stored_eligibility.assess_lines(lines, None, now)
    by_refund: dict[int, list[tuple[RefundLine, Assessment]]] = {}
    for line, answer in zip(lines, answers, strict=True):
        by_refund.setdefault(line.refund_id, []).append((line, answer))
    options = [_option(pairs, ctx, zone) for pairs in by_refund.values()]
    return OrderRefunds(order.order_id, options, [])


def _order_of(seller_id: int, kind: str, typed: str) -> Order | None:
    mine = Order.objects.filter(seller_id=seller_id)
    bare = ids.code_of(typed)
    if kind == OrderKey.ORDER:
        return mine.filter(order_id=ids.as_order_id(typed) or bare).first()
    column = Q(tracking_id__iexact=bare) if kind == OrderKey.TRACKING else Q(rma_id__iexact=bare)
    back = Return.objects.filter(column, seller_id=seller_id).exclude(tracking_id="", rma_id="").order_by("-pk").first()
    return mine.filter(pk=back.order_id).first() if back and bare else None


def _not_found(membership: Membership, others: Sequence[Membership], kind: str, typed: str, ctx: Ctx) -> OrderRefunds:
    for other in others:
        if other.seller_id != membership.seller_id and _order_of(other.seller_id, kind, typed):
            said = CauseWithValues(Cause.OTHER_ACCOUNT_OF_YOURS, {"value": typed, "other_seller": other.seller.name})
            return OrderRefunds(typed, [], [cause(said, ctx)], other.seller.name, other.seller.slug)
    code = {OrderKey.TRACKING: Cause.TRACKING_NOT_FOUND, OrderKey.RMA: Cause.RMA_NOT_FOUND}.get(
        OrderKey(kind), Cause.ORDER_NOT_FOUND
    )
    return OrderRefunds(typed, [], [cause(CauseWithValues(code, {"value": typed}), ctx)])


def _option(pairs: list[tuple[RefundLine, Assessment]], ctx: Ctx, zone: ZoneInfo) -> RefundChoice:
    refund = pairs[0][0].refund
    closes = min(
        (a.window.closes_at for _line, a in pairs if a.eligible and a.window and a.window.closes_at), default=None
    )
    lines = [
        RefundLineChoice(
            line.title or line.sku,
            line.asin,
            line.sku,
            formats.money(line.amount_minor, line.currency),
            _("%(left)s of %(quantity)s can be claimed")
            % {"left": max(line.quantity - line.held_quantity, 0), "quantity": line.quantity},
            [cause(said, ctx) for said in answer.causes],
            [cause(said, ctx).sentence for said in answer.warnings if said.code not in DESK_ONLY_CAUSES]
            if answer.eligible
            else [],
        )
        for line, answer in pairs
    ]
    file_by = ""
    if closes:
        file_by = _("You can file until %(moment)s (%(left)s).") % {
            "moment": formats.moment_full(closes, zone),
            "left": formats.left(closes, ctx.now),
        }
    return RefundChoice(
        key=refund.refunded_at.isoformat(),
        refunded_on=formats.day(refund.refunded_at, zone),
        file_by=file_by,
        lines=lines,
        can_file=any(answer.eligible for _line, answer in pairs),
    )


def refund_of(membership: Membership, order_id: str, key: str) -> Refund | None:
    """Return the seller's refund that a form names by order id and moment, or None."""
    refunded_at = formats.read_moment(key)
    if refunded_at is None or has_nul(order_id):
        return None
    return Refund.objects.filter(
        seller_id=membership.seller_id, order__order_id=order_id, refunded_at=refunded_at
    ).first()


def line_of(membership: Membership, key: str) -> RefundLine | None:
    """Return the seller's refund line that a row of the list names, or None."""
    return refund_keys.named(membership, key).select_related("refund").first()


def files_of(draft: Draft) -> list[FileChip]:
    """Return the draft's files in the order they came."""
    return [chip(file) for file in Attachment.objects.filter(draft=draft).order_by("pk")]


def filed_with(claim: Claim) -> list[FileChip]:
    """Return the files a claim was filed with, in the order they came: those of the first entry of its thread."""
    files = Attachment.objects.filter(claim=claim, shown_at=claim.filed_at).order_by("pk")
    return [chip(file) for file in files]


def claimed_lines(claim: Claim, zone: str) -> list[dict[str, object]]:
    """Return what a claim asks for, line by line, with the window it was filed in."""
    return [
        {
            "item": line.title or line.sku,
            "quantity": line.quantity,
            "amount": formats.money(line.claimed_minor, claim.currency),
            "window": _("The window was open from %(opens)s to %(closes)s.")
            % {"opens": formats.moment_short(line.opens_at, zone), "closes": formats.moment_short(line.closes_at, zone)}
            if line.opens_at and line.closes_at
            else "",
        }
        for line in claim.lines.order_by("pk")
    ]


def policy_rule(key: str, version: int) -> PolicyRule | None:
    """Return one version of a rule, which anybody signed in may read."""
    return PolicyRule.objects.filter(key=plain_text(key), version=min(version, 32767)).first()


def rule_named(text: str) -> PolicyRule | None:
    """Return the version of a rule that a form names as "key/version", None where it names none."""
    key, _slash, version = text.partition("/")
    number = whole(version, digits=5)
    return policy_rule(key[:64], number) if number is not None else None
