"""What happens to a claim of the demo, a step each: the real verbs, at moments in the past."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.files.base import File

from accounts.models import Membership, User
from claims.decisions.checks import LineDecision
from claims.files import check, store
from claims.filing import draft_check, drafts, file_claim
from claims.models import Claim, ClaimLine, Draft, RefundLine
from claims.payments import match_payments
from claims.records import files_opened
from claims.rules.lifecycle import DecisionReason, Ground, Reason, Slot, Verb
from claims.workflow import desk_actions, move_deadline, seller_actions
from claims.workflow.seller_actions import Objection
from claims.workflow.transitions import desk_actor, seller_actor
from messaging.compose import verbs
from safet_portal.demo import pictures

Step = Callable[["Stage"], None]


@dataclass(slots=True)
class Stage:
    """A claim under way, with the people who act on it."""

    claim: Claim
    people: dict[str, User]
    now: datetime

    def at(self, days: float) -> datetime:
        return self.now + timedelta(days=days)

    def fresh(self) -> Claim:
        self.claim.refresh_from_db()
        return self.claim

    def member(self, name: str) -> Membership:
        return Membership.objects.select_related("seller").get(user=self.people[name], seller=self.claim.seller)

    def lines(self) -> list[ClaimLine]:
        return list(self.claim.lines.order_by("pk"))


def add_file(draft: Draft, name: str, data: bytes, slot: str, user: User, now: datetime) -> None:
    """Put a file into a draft the way an upload does: checked by content, then kept."""
    file = File(io.BytesIO(data), name=name)
    store.keep(file, check.examine(file), now=now, draft=draft, slot=slot, uploaded_by_id=user.pk)


def evidence(slot: Slot, claim_line: RefundLine, order_id: str, tracking_id: str) -> tuple[str, bytes]:
    """Return a file (name, bytes) that fills the slot."""
    match slot:
        case Slot.LABEL_PHOTO:
            return "package-label.jpg", pictures.parcel(order_id, tracking_id)
        case Slot.BUYER_AGREEMENT:
            return "buyer-agreement.pdf", pictures.paper(
                "Message from the buyer",
                "",
                f"Order {order_id}",
                "",
                "Yes, please send me a new one instead.",
                "Thanks!",
            )
        case Slot.DELIVERY_TRACKING:
            return "tracking.pdf", pictures.paper(
                "Tracking",
                "",
                tracking_id,
                "Out for delivery, 8:12",
                "Delivered, front door, 14:20",
                "Signed by: resident",
            )
        case Slot.ABUSE_PROOF:
            return "photos-of-use.jpg", pictures.item(claim_line.title, "worn, tags cut off")
    return "what-came-back.jpg", pictures.item(claim_line.title, "broken, parts missing")


def file(sku: str, days: float, reason: Reason, words: str, *, by: str = "alice", quantity: int = 1) -> Step:
    """Return the first step of a claim: filed on a refund line, with all required evidence."""

    def step(stage: Stage) -> None:
        now = stage.at(days)
        line = RefundLine.objects.select_related("refund", "order", "seller").get(sku=sku, refund__refunded_at__lt=now)
        member = Membership.objects.select_related("seller").get(user=stage.people[by], seller=line.seller)
        draft = drafts.begin_filing(membership=member, refund=line.refund, now=now)
        draft = drafts.save(draft, now=now, text=words, quantities={sku: quantity}, reason=reason)
        back = line.returns.first()
        for slot in draft_check.review(draft, now).evidence.required:
            name, data = evidence(slot, line, line.order.order_id, back.tracking_id if back else "")
            add_file(draft, name, data, slot, stage.people[by], now)
        rule = draft_check.review(draft, now).rule
        assert rule is not None
        stage.claim, _ = file_claim.file_claim(draft_uuid=draft.uuid, membership=member, now=now, accepted_rule=rule.pk)

    return step


def take(days: float, by: str = "hana") -> Step:
    return lambda stage: _take(stage, days, by)


def _take(stage: Stage, days: float, by: str) -> None:
    desk_actions.take(stage.claim.pk, user=stage.people[by], now=stage.at(days))


def ask(days: float, words: str, *slots: Slot, own: str = "", by: str = "hana") -> Step:
    def step(stage: Stage) -> None:
        verbs.request_information(
            claim_pk=stage.claim.pk,
            user=stage.people[by],
            slots=slots,
            own_words=[own],
            text=words,
            now=stage.at(days),
        )

    return step


def _write(
    stage: Stage, days: float, words: str, by: str, files: tuple[tuple[str, bytes, str], ...], verb: str
) -> None:
    now, member = stage.at(days), stage.member(by)
    draft = drafts.begin_reply(membership=member, claim=stage.fresh(), now=now)
    for name, data, slot in files:
        add_file(draft, name, data, slot, stage.people[by], now)
    appeal = partial(verbs.appeal, objections=_objections(stage.claim))
    verb_named: dict[str, Callable[..., Any]] = {
        "reply": verbs.reply,
        "appeal": appeal,
        "message": verbs.send_message,
    }
    verb_named[verb](claim_pk=stage.claim.pk, membership=member, text=words, draft_uuid=draft.uuid, received_at=now)


def _objections(claim: Claim) -> list[Objection]:
    """Each item given less than claimed: something is not so, and there is a new photo."""
    lines = seller_actions.open_to_objection(claim)
    return [Objection(ground, line) for line in lines for ground in (Ground.FACTS, Ground.NEW_EVIDENCE)]


def reply(days: float, words: str, *slots: Slot, by: str = "alice") -> Step:
    def step(stage: Stage) -> None:
        line = stage.lines()[0].refund_line
        assert line is not None
        order_id = stage.claim.order.order_id
        files = tuple((*evidence(slot, line, order_id, "1Z0000000000000099"), str(slot)) for slot in slots)
        _write(stage, days, words, by, files, "reply")

    return step


def appeal(days: float, words: str, *, by: str = "alice") -> Step:
    def step(stage: Stage) -> None:
        line = stage.lines()[0]
        proof = (("serial-number.jpg", pictures.item(line.title, "serial no. differs"), str(Slot.SERIAL_PHOTO)),)
        _write(stage, days, words, by, proof, "appeal")

    return step


def message(days: float, words: str, *, by: str = "alice") -> Step:
    return lambda stage: _write(stage, days, words, by, (), "message")


def desk_message(days: float, words: str, *, by: str = "hana") -> Step:
    def step(stage: Stage) -> None:
        verbs.send_desk_message(claim_pk=stage.claim.pk, user=stage.people[by], text=words, now=stage.at(days))

    return step


def note(days: float, words: str, *, by: str = "hana") -> Step:
    def step(stage: Stage) -> None:
        verbs.add_note(claim_pk=stage.claim.pk, user=stage.people[by], text=words, now=stage.at(days))

    return step


def decide(days: float, part: float, words: str, *reasons: tuple[DecisionReason, str], by: str = "hana") -> Step:
    """Return the step that grants `part` (0 to 1) of each line, or denies at 0, with (code, detail) reasons."""

    def step(stage: Stage) -> None:
        codes = tuple((code, {"detail": detail} if detail else {}) for code, detail in reasons)
        lines = {
            line.pk: LineDecision(max(int(line.claimed_minor * part), line.granted_minor), codes)
            for line in stage.lines()
        }
        verb = Verb.GRANT if any(one.amount_minor for one in lines.values()) else Verb.DENY
        for file in stage.claim.attachments.filter(shown_at__isnull=False):
            files_opened.opened(file, stage.people[by], stage.at(days))
        verbs.decide(
            claim_pk=stage.claim.pk, user=stage.people[by], verb=verb, lines=lines, words=words, now=stage.at(days)
        )

    return step


def extend(days: float, more: float, why: str, *, by: str = "hana") -> Step:
    """Return the step in which a handler moves the running deadline `more` days later."""

    def step(stage: Stage) -> None:
        claim = stage.fresh()
        was = claim.reply_by or claim.appeal_by
        assert was is not None
        handler = desk_actor(stage.people[by])
        move_deadline.move_deadline(claim.pk, to=was + timedelta(days=more), why=why, by=handler, now=stage.at(days))

    return step


def lapse() -> Step:
    """Return the step in which no reply comes: the claim lapses half an hour after reply-by."""

    def step(stage: Stage) -> None:
        reply_by = stage.fresh().reply_by
        assert reply_by is not None
        seller_actions.lapse(stage.claim.pk, now=reply_by + timedelta(minutes=30))

    return step


def pay(days: float, part: float = 1, reference: str = "") -> Step:
    """Return the step in which the finance data names a payment of `part` of what is granted."""

    def step(stage: Stage) -> None:
        claim = stage.fresh()
        payment = match_payments.ReportedPayment(
            seller_id=claim.seller_id,
            source=match_payments.Source.FINANCES_V0,
            payment=f"demo {claim.claim_id} {days}",
            amount_minor=int(claim.granted_minor * part),
            currency=claim.currency,
            at=stage.at(days),
            claim_id=claim.claim_id,
            reference=reference,
        )
        match_payments.record(payment, stage.at(days))

    return step


def pay_by_order(days: float) -> Step:
    """Return the step in which a settlement report names a payment for the order, which waits for an operator."""

    def step(stage: Stage) -> None:
        claim = stage.fresh()
        payment = match_payments.ReportedPayment(
            seller_id=claim.seller_id,
            source=match_payments.Source.SETTLEMENT,
            payment=f"demo settlement {claim.order.order_id}",
            amount_minor=claim.granted_minor,
            currency=claim.currency,
            at=stage.at(days),
            order_id=claim.order.order_id,
            sku=stage.lines()[0].sku,
            reference="90000000001",
        )
        match_payments.record(payment, stage.at(days))

    return step


def correct(days: float, part: float, words: str, *reasons: tuple[DecisionReason, str], by: str = "sam") -> Step:
    """Return the step that raises the decision to `part` (0 to 1) of each line."""

    def step(stage: Stage) -> None:
        codes = tuple((code, {"detail": detail} if detail else {}) for code, detail in reasons)
        lines = {line.pk: LineDecision(int(line.claimed_minor * part), codes) for line in stage.lines()}
        verbs.correct(claim_pk=stage.claim.pk, user=stage.people[by], lines=lines, words=words, now=stage.at(days))

    return step


def withdraw(days: float, by: str = "alice") -> Step:
    def step(stage: Stage) -> None:
        seller_actions.withdraw(stage.claim.pk, by=seller_actor(stage.member(by)), now=stage.at(days))

    return step
