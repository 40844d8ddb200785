"""The rows of a batch that name refunds: which refund each means, and the draft that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings

from accounts import marketplaces, values
from accounts.models import Membership
from accounts.values import amounts, days
from accounts.values.text import is_rounded
from claims.filing.batch_remarks import Remark, of_cause, of_problem, of_row
from claims.filing.draft_check import MissingField, Review, review, reviews
from claims.models import BatchRow, Draft, PolicyRule, RefundLine
from claims.refunds import stored_eligibility
from claims.rules.eligibility import Cause, CauseWithValues, assess
from claims.rules.lifecycle import SUB_REASONS, Reason
from claims.text import Ctx, reason_by_label

Result = BatchRow.Result
MOST_WORDS = 10_000


def ctx_of(membership: Membership, now: datetime) -> Ctx:
    """Return what sentences about this member's refunds name."""
    zone = membership.user.zone or marketplaces.zone(membership.seller.marketplace)
    return Ctx(membership.seller.name, settings.HELP_URL, zone, now, settings.MARKETPLACE_NAME)


def rule_of(draft: Draft, now: datetime) -> PolicyRule | None:
    """Return the policy rule whose text has to be accepted to file the draft."""
    return review(draft, now).rule


def make_drafts(rows: Sequence[BatchRow], membership: Membership, now: datetime) -> None:
    """Make or change the draft of each row, which is set to its result; the caller saves the rows.

    About a dozen statements whatever the number of rows. The transaction is the caller's.
    """
    named = _lines_named(rows, membership)
    picked: list[tuple[BatchRow, RefundLine, dict[str, Any]]] = []
    for row in rows:
        line = _meant(row, named.get(row.order_id, []))
        choices = _choices(row, line) if line else None
        if line and choices is not None:
            picked.append((row, line, choices))
    picked = _claimable(picked, now)
    drafts = _drafts_for([line for _row, line, _choices in picked], membership, now)
    touched: dict[int, Draft] = {}
    for row, line, choices in picked:
        draft, is_new = drafts[line.refund_id]
        row.result = _fill(draft, line, choices, row, is_new and line.refund_id not in touched)
        row.draft_uuid = draft.uuid
        if row.result != Result.SAME:
            draft.updated_at = now
        touched[line.refund_id] = draft
    changed = [draft for draft in touched.values() if draft.updated_at == now]
    Draft.objects.bulk_update(changed, ["text", "choices", "updated_at"], batch_size=500)
    _tell(picked, touched, now)


def _lines_named(rows: Sequence[BatchRow], membership: Membership) -> dict[str, list[RefundLine]]:
    """Return the seller's refund lines by order id. A rival's order has none here, like one that isn't there."""
    found: dict[str, list[RefundLine]] = {}
    lines = RefundLine.objects.filter(
        seller_id=membership.seller_id, order__order_id__in={row.order_id for row in rows}
    ).select_related("refund", "order", "seller")
    for line in lines.order_by("pk"):
        found.setdefault(line.order.order_id, []).append(line)
    return found


def _refuse(row: BatchRow, *remarks: Remark) -> None:
    row.result, row.remarks = Result.REFUSED, list(remarks)


def _meant(row: BatchRow, lines: list[RefundLine]) -> RefundLine | None:
    """Return the line the row means, or refuse the row."""
    if not lines:
        _refuse(row, of_cause(CauseWithValues(Cause.ORDER_NOT_FOUND, {"value": row.order_id})))
        return None
    if row.sku:
        of_sku = [line for line in lines if line.sku == row.sku]
        if not of_sku and not (len(lines) == 1 and _is_mangled(row.sku, lines[0].sku)):
            _refuse(row, of_row("SKU_NOT_THERE", sku=row.sku, order_id=row.order_id))
            return None
        lines = of_sku or lines
    if written := row.given.get("refunded_on", ""):
        meant = [date.fromisoformat(day) for day in row.given.get("days", [])] or list(days.candidates(written))
        if not meant:
            _refuse(row, of_row("DAY", value=written[:40]))
            return None
        by_day = [each for day in meant if (each := _lines_of(lines, day))]
        if not by_day:
            _refuse(row, of_row("DAY_NOT_THERE", order_id=row.order_id))
            return None
        if len(by_day) > 1 and by_day[0] != by_day[1]:
            _refuse(row, of_row("DAY_TWICE", value=written[:40]))
            return None
        lines = by_day[0]
    exact = row.given.get("refunded_at")
    lines = [line for line in lines if line.refund.refunded_at.isoformat() == exact] if exact else lines
    if len(lines) != 1:
        _refuse(row, of_row("SEVERAL" if lines else "DAY_NOT_THERE", n=len(lines), order_id=row.order_id))
        return None
    return lines[0]


def _lines_of(lines: Sequence[RefundLine], day: date) -> list[RefundLine]:
    return [line for line in lines if _day_of(line) == day or line.refund.refunded_at.date() == day]


def _is_mangled(written: str, sku: str) -> bool:
    """Whether a spreadsheet may have made the one of the other: leading zeros gone, a number rounded, a day of it."""
    if is_rounded(written) or days.candidates(written):
        return True
    one, other = ("".join(c for c in text.casefold() if c.isalnum()).lstrip("0") for text in (written, sku))
    return one == other != ""


def _day_of(line: RefundLine) -> date:
    return line.refund.refunded_at.astimezone(marketplaces.by_code()[line.order.marketplace].tz).date()


def _choices(row: BatchRow, line: RefundLine) -> dict[str, Any] | None:
    """Return what the row chooses for its line, as a draft keeps it; None after the row was refused."""
    given, left = row.given, line.quantity - line.held_quantity
    chosen: dict[str, Any] = {}
    if text := given.get("quantity", ""):
        number = values.count_of(text) or 0
        if not 0 < number <= max(left, 0):
            _refuse(row, of_row("QUANTITY", value=text[:20], max=max(left, 0)))
            return None
        chosen["quantity"] = number
    if text := given.get("amount", ""):
        minor = amounts.typed(text, line.currency)
        if minor is None or minor <= 0:
            _refuse(row, of_row("AMOUNT", value=text[:20]))
            return None
        chosen["amount"] = minor
    if text := given.get("reason", ""):
        reason = reason_by_label(text)
        if reason is None:
            _refuse(row, of_row("REASON", value=text[:60]))
            return None
        chosen["reason"] = reason
        case = given.get("case", "")
        if case:
            found = next(
                (one for one in SUB_REASONS.get(Reason(reason), ()) if one == case.upper().replace(" ", "_")), None
            )
            if found is None:
                _refuse(row, of_row("CASE", value=case[:60], reason=reason))
                return None
            chosen["sub_reason"] = found
    if len(given.get("description", "")) > MOST_WORDS:
        _refuse(row, of_row("TOO_LONG", max=MOST_WORDS))
        return None
    return chosen


Picked = list[tuple[BatchRow, RefundLine, dict[str, Any]]]


def _claimable(picked: Picked, now: datetime) -> Picked:
    """Return those that can be claimed now, for their reason where they give one; refuse the others with all causes."""
    stays = []
    book, facts = stored_eligibility.rules(), stored_eligibility.facts_of([line for _row, line, _choices in picked])
    for (row, line, choices), known in zip(picked, facts, strict=True):
        reason = choices.get("reason")
        answer = assess(known, book, Reason(reason) if reason else None, now, sub_reason=choices.get("sub_reason"))
        if answer.eligible:
            stays.append((row, line, choices))
        else:
            _refuse(row, *map(of_cause, answer.causes))
    return stays


def _drafts_for(lines: Sequence[RefundLine], membership: Membership, now: datetime) -> dict[int, tuple[Draft, bool]]:
    """Return the member's draft for each refund, locked, with whether it is new."""
    refunds = list(dict.fromkeys(line.refund_id for line in lines))
    mine = Draft.objects.filter(user_id=membership.user_id, purpose=Draft.Purpose.FILE, refund_id__in=refunds)
    known = set(mine.values_list("refund_id", flat=True))
    fresh = [
        Draft(
            uuid=uuid4(),
            seller_id=membership.seller_id,
            user_id=membership.user_id,
            refund_id=refund_id,
            purpose=Draft.Purpose.FILE,
            created_at=now,
            updated_at=now,
        )
        for refund_id in refunds
        if refund_id not in known
    ]
    Draft.objects.bulk_create(fresh, ignore_conflicts=True)
    made = {draft.uuid for draft in fresh}
    locked = mine.order_by("pk").select_for_update(of=("self",))
    return {draft.refund_id: (draft, draft.uuid in made) for draft in locked if draft.refund_id is not None}


def _fill(draft: Draft, line: RefundLine, chosen: dict[str, Any], row: BatchRow, is_new: bool) -> str:
    """Put what the row gives into the draft, and nothing in the place of what it doesn't give; return the result."""
    before = (draft.text, dict(draft.choices))
    choices = dict(draft.choices)
    quantities, amounts = dict(choices.get("quantities") or {}), dict(choices.get("amounts") or {})
    if "quantity" in chosen or not quantities.get(line.sku):
        quantities[line.sku] = chosen.get("quantity", max(line.quantity - line.held_quantity, 0))
    if "amount" in chosen:
        amounts[line.sku] = chosen["amount"]
    choices["quantities"] = quantities
    if amounts:
        choices["amounts"] = amounts
    if "reason" in chosen:
        same = choices.get("reason") == chosen["reason"]
        choices["reason"] = chosen["reason"]
        choices["sub_reason"] = chosen.get("sub_reason", choices.get("sub_reason", "") if same else "")
    draft.text = row.given.get("description", "") or draft.text
    draft.choices = choices
    if is_new:
        return Result.MADE
    return Result.SAME if (draft.text, draft.choices) == before else Result.CHANGED


def _tell(picked: Picked, drafts: dict[int, Draft], now: datetime) -> None:
    """Note on each row whether its draft could be filed as it is, and if not, what is still to do."""
    refunds = list(drafts)
    found: dict[int, Review] = dict(zip(refunds, reviews([drafts[pk] for pk in refunds], now), strict=True))
    for row, line, _chosen in picked:
        seen = found[line.refund_id]
        todo = [problem for problem in seen.problems if problem.code is not MissingField.POLICY]
        row.is_complete = not todo and not seen.causes
        row.policy_rule = seen.rule
        row.remarks = [of_row("COMPLETE")] if row.is_complete else [of_problem(problem) for problem in todo]
        if row.sku and row.sku != line.sku:
            row.remarks.append(of_row("SKU_TAKEN", value=row.sku, sku=line.sku))
