"""What the pages of the four steps show of a draft, as plain ready values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.urls import reverse
from django.utils.translation import gettext as _

from claims.claim_page import file_chips
from claims.filing import order_lookup
from claims.filing.draft_card import STEPS, draft_card, step_of
from claims.filing.draft_check import STATEMENT_MAX, ChosenLine, Problem, Review
from claims.rules.eligibility import assess, evidence_of
from claims.rules.lifecycle import SUB_REASONS, Reason
from claims.text import (
    Ctx,
    cause,
    filing_problem,
    formats,
    reason_help,
    reason_label,
    slot_name,
    slot_title,
    sub_reason_label,
    why_most,
)

if TYPE_CHECKING:
    from claims.access.seller_rows import Draft


@dataclass(slots=True)
class ToFix:
    """One thing to fix: the id of its field on the page of `step` ("" for none), the sentence, and a way there."""

    field: str
    step: str
    words: str
    href: str = ""


def _labels() -> dict[str, str]:
    return {"what": _("What"), "why": _("Why"), "proof": _("Proof"), "review": _("Review")}


def to_fix(review: Review, step: str | None = None, problems: Sequence[Problem] | None = None) -> list[ToFix]:
    """Return the things to fix of one step, or of all; `problems` instead of the review's own where given.

    What can be claimed depends on the reason, so an amount that is too much is said where the reason is chosen, too.
    """
    places = {chosen.line.sku: number for number, chosen in enumerate(review.lines, 1)}
    fixes = []
    for problem in review.problems if problems is None else problems:
        where, (kind, _dash, which) = step_of(problem.field), problem.field.partition("-")
        if step not in (None, where) and not (step == "why" and kind == "amount"):
            continue
        field = f"{kind}-{places.get(which, 1)}" if kind in ("quantity", "amount") else problem.field
        fixes.append(ToFix(field, where, filing_problem(problem)))
    return fixes


def parts(draft: Draft, review: Review, step: str, ctx: Ctx, problems: list[ToFix]) -> dict[str, Any]:
    """Return the context of one step's page: the frame, and what the step shows."""
    labels, at = _labels(), STEPS.index(step)
    for problem in problems:
        if problem.step != step and problem.field:
            problem.href = f"{reverse('claims:new_step', args=[draft.uuid, problem.step])}#{problem.field}"
    causes = [cause(said, ctx) for said in review.causes]
    return {
        "draft": draft,
        "tab": uuid4().hex,
        "step": step,
        "number": at + 1,
        "title": labels[step],
        "steps": [
            {
                "label": labels[name],
                "state": "current" if name == step else "done" if index < at else "ahead",
                "href": reverse("claims:new_step", args=[draft.uuid, name]) if index < at else "",
            }
            for index, name in enumerate(STEPS)
        ],
        "problems": [
            {"field": each.field, "step": each.step, "words": each.words, "href": each.href} for each in problems
        ],
        "wrong": {each.field: each.words for each in problems if each.field and each.step == step},
        "saved": formats.clock(draft.updated_at, ctx.zone),
        "card": draft_card(draft, review, ctx=ctx),
        "causes": list({each.sentence: each for each in causes}.values()),
        "order_id": draft.refund.order.order_id if draft.refund else "",
        **_of_step(draft, review, step, ctx, {each.field for each in problems if each.step == step}),
    }


def _of_step(draft: Draft, review: Review, step: str, ctx: Ctx, wrong: set[str]) -> dict[str, Any]:
    match step:
        case "what":
            lines = [_line(chosen, number, draft, ctx) for number, chosen in enumerate(review.lines, 1)]
            for line in lines:
                line["quantity_wrong"] = f"quantity-{line['number']}" in wrong
                line["amount_wrong"] = f"amount-{line['number']}" in wrong
            return {"lines": lines}
        case "why":
            return {"reasons": [_reason(reason, review, ctx) for reason in Reason]}
        case "proof":
            return {
                "slots": _slots(review, draft),
                "statement": draft.text,
                "length": len(draft.text.strip()),
                "max": STATEMENT_MAX,
                "no_files_needed": review.reason is not None and not review.evidence.required,
            }
    currency = review.lines[0].line.currency if review.lines else ""
    case = sub_reason_label(review.sub_reason) if review.sub_reason else ""
    return {
        "lines": [_line(line, number, draft, ctx) for number, line in enumerate(review.lines, 1) if line.quantity],
        "total": formats.money(review.total_minor, currency) if currency else "",
        "reason": reason_label(review.reason) if review.reason else "",
        "case": case,
        "slots": [slot for slot in _slots(review, draft) if slot["files"]],
        "statement": draft.text,
        "rule": review.rule,
        "still": [
            {"step": each.step, "field": each.field, "words": each.words} for each in to_fix(review)
        ],
    }  # fmt: skip


def _line(chosen: ChosenLine, number: int, draft: Draft, ctx: Ctx) -> dict[str, Any]:
    line = chosen.line
    typed = (draft.choices.get("amounts") or {}).get(line.sku)
    amount = formats.amount(chosen.amount_minor, line.currency).replace(",", "") if chosen.quantity else ""
    return {
        "number": number,
        "sku": line.sku,
        "item": line.title or line.sku,
        "asin": line.asin,
        "quantity": chosen.quantity,
        "left": max(chosen.left, 0),
        "total": line.quantity,
        "refunded": formats.money(line.amount_minor, line.currency),
        "refunded_on": formats.day(line.refund.refunded_at, ctx.zone),
        "currency": line.currency,
        "amount": typed if isinstance(typed, str) else amount,
        "claimed": formats.money(max(chosen.amount_minor, 0), line.currency),
        "most": formats.money(chosen.most.minor, line.currency) if chosen.quantity else "",
        "why_most": why_most(chosen.most) if chosen.quantity else "",
        "causes": [] if chosen.assessment.eligible else [cause(said, ctx) for said in chosen.assessment.causes],
        "choices": list(range(max(chosen.left, chosen.quantity if chosen.quantity < 1000 else 0, 0) + 1)),
    }


def _reason(reason: Reason, review: Review, ctx: Ctx) -> dict[str, Any]:
    """One reason of the form: what it needs, until when it can be chosen, or why not."""
    needs = evidence_of(review.rule_for(reason), reason)
    when, is_open = "", True
    if review.facts is not None:
        answer = assess(review.facts, review.book, reason, ctx.now)
        when, is_open = cause(answer.answer, ctx).sentence, answer.eligible
    return {
        "code": reason.value,
        "label": reason_label(reason),
        "help": reason_help(reason),
        "chosen": reason is review.reason,
        "needs": formats.and_list([slot_name(slot) for slot in needs.required]),
        "helps": formats.and_list([slot_name(slot) for slot in needs.recommended]),
        "when": when,
        "is_open": is_open,
        "cases": [
            {"code": case.value, "label": sub_reason_label(case), "chosen": case is review.sub_reason}
            for case in SUB_REASONS.get(reason, ())
        ],
    }


def _slots(review: Review, draft: Draft) -> list[dict[str, Any]]:
    """The evidence slots of the reason, each with its files; then the place for any other file."""
    needs = review.evidence
    files: dict[str, list[file_chips.FileChip]] = {}
    for file in order_lookup.files_of(draft):
        files.setdefault(file.slot, []).append(file)
    needed = [(slot, True) for slot in needs.required] + [(slot, False) for slot in needs.recommended]
    # Files of a reason chosen earlier stay: nothing that was uploaded is lost by a step back.
    rest = [chip for slot, chips in files.items() if slot not in {s for s, _r in needed} for chip in chips]
    slots = [
        {
            "code": slot.value,
            "title": slot_title(slot),
            "required": required,
            "files": files.get(slot, []),
            "have": [chip for chip in files.get(slot, []) if not chip.is_refused],
            "is_photo": "PHOTO" in slot.value,
        }
        for slot, required in needed
    ]
    other = {"code": "OTHER", "title": _("Other files"), "required": False, "files": rest, "have": rest}
    return [*slots, {**other, "is_photo": False}]
