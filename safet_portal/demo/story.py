"""The demo's claims: each walks the real verbs at moments in the past, so that every status has one worth opening."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.files.base import File

from accounts.models import Membership, User
from claims.attachments import check, store
from claims.lifecycle import DecisionReason, Ground, Reason, Slot, Verb
from claims.models import Claim, ClaimLine, Draft, RefundLine
from claims.operations import (
    answering,
    batches,
    drafts,
    extending,
    figures,
    filing,
    investigating,
    looking,
    payments,
    reviewing,
)
from claims.operations.answering import Objection
from claims.operations.judging import LineDecision
from claims.operations.moving import desk_actor, seller_actor
from messaging import operations
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
        for slot in reviewing.review(draft, now).evidence.required:
            name, data = evidence(slot, line, line.order.order_id, back.tracking_id if back else "")
            add_file(draft, name, data, slot, stage.people[by], now)
        rule = reviewing.review(draft, now).rule
        assert rule is not None
        stage.claim, _ = filing.file_claim(draft_uuid=draft.uuid, membership=member, now=now, accepted_rule=rule.pk)

    return step


def take(days: float, by: str = "hana") -> Step:
    return lambda stage: _take(stage, days, by)


def _take(stage: Stage, days: float, by: str) -> None:
    investigating.take(stage.claim.pk, user=stage.people[by], now=stage.at(days))


def ask(days: float, words: str, *slots: Slot, own: str = "", by: str = "hana") -> Step:
    def step(stage: Stage) -> None:
        operations.request_information(
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
    appeal = partial(operations.appeal, objections=_objections(stage.claim))
    verbs: dict[str, Callable[..., Any]] = {
        "reply": operations.reply,
        "appeal": appeal,
        "message": operations.send_message,
    }
    verbs[verb](claim_pk=stage.claim.pk, membership=member, text=words, draft_uuid=draft.uuid, received_at=now)


def _objections(claim: Claim) -> list[Objection]:
    """Each item given less than claimed: something is not so, and there is a new photo."""
    lines = answering.open_to_objection(claim)
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
        operations.send_desk_message(claim_pk=stage.claim.pk, user=stage.people[by], text=words, now=stage.at(days))

    return step


def note(days: float, words: str, *, by: str = "hana") -> Step:
    def step(stage: Stage) -> None:
        operations.add_note(claim_pk=stage.claim.pk, user=stage.people[by], text=words, now=stage.at(days))

    return step


def decide(days: float, part: float, words: str, *reasons: tuple[DecisionReason, str], by: str = "hana") -> Step:
    """Return the step that grants `part` (0 to 1) of each line, or denies at 0, with (code, detail) reasons."""

    def step(stage: Stage) -> None:
        codes = tuple((code, {"detail": detail} if detail else {}) for code, detail in reasons)
        lines = {
            line.pk: LineDecision(max(int(line.claimed_minor * part), line.approved_minor), codes)
            for line in stage.lines()
        }
        verb = Verb.GRANT if any(one.amount_minor for one in lines.values()) else Verb.DENY
        for file in stage.claim.attachments.filter(shown_at__isnull=False):
            looking.opened(file, stage.people[by], stage.at(days))
        operations.decide(
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
        extending.move_deadline(claim.pk, to=was + timedelta(days=more), why=why, by=handler, now=stage.at(days))

    return step


def lapse() -> Step:
    """Return the step in which no reply comes: the claim lapses half an hour after reply-by."""

    def step(stage: Stage) -> None:
        reply_by = stage.fresh().reply_by
        assert reply_by is not None
        answering.lapse(stage.claim.pk, now=reply_by + timedelta(minutes=30))

    return step


def pay(days: float, part: float = 1, reference: str = "") -> Step:
    """Return the step in which the finance data names a payment of `part` of what is granted."""

    def step(stage: Stage) -> None:
        claim = stage.fresh()
        told = payments.Told(
            seller_id=claim.seller_id,
            source=payments.Source.FINANCES_V0,
            payment=f"demo {claim.claim_id} {days}",
            amount_minor=int(claim.approved_minor * part),
            currency=claim.currency,
            at=stage.at(days),
            claim_id=claim.claim_id,
            reference=reference,
        )
        payments.record(told, stage.at(days))

    return step


def pay_by_order(days: float) -> Step:
    """Return the step in which a settlement report names a payment for the order, which waits for an operator."""

    def step(stage: Stage) -> None:
        claim = stage.fresh()
        told = payments.Told(
            seller_id=claim.seller_id,
            source=payments.Source.SETTLEMENT,
            payment=f"demo settlement {claim.order.order_id}",
            amount_minor=claim.approved_minor,
            currency=claim.currency,
            at=stage.at(days),
            order_id=claim.order.order_id,
            sku=stage.lines()[0].sku,
            reference="90000000001",
        )
        payments.record(told, stage.at(days))

    return step


def correct(days: float, part: float, words: str, *reasons: tuple[DecisionReason, str], by: str = "sam") -> Step:
    """Return the step that raises the decision to `part` (0 to 1) of each line."""

    def step(stage: Stage) -> None:
        codes = tuple((code, {"detail": detail} if detail else {}) for code, detail in reasons)
        lines = {line.pk: LineDecision(int(line.claimed_minor * part), codes) for line in stage.lines()}
        operations.correct(claim_pk=stage.claim.pk, user=stage.people[by], lines=lines, words=words, now=stage.at(days))

    return step


def withdraw(days: float, by: str = "alice") -> Step:
    def step(stage: Stage) -> None:
        answering.withdraw(stage.claim.pk, by=seller_actor(stage.member(by)), now=stage.at(days))

    return step


R, S = DecisionReason, Slot
SAND = "The box came back with a bag of sand in it instead of what we sent. The seal had been cut and taped over."
BROKEN = "It left us new and in one piece. It came back with a cracked side and paint scratched off; it can't be sold."
NEVER = "The refund was made three weeks ago and nothing has come back. The label was never scanned by the carrier."
PARTS = "The item came back without its accessories. The list in the box shows what belongs to it and what is missing."
USED = (
    "The tags are cut off and there are clear signs of weeks of use. The buyer sent it back on the last day, for free."
)
TWICE = (
    "We sent a replacement at the buyer's wish, it was delivered and signed for, and the refund was made all the same."
)

CLAIMS: tuple[tuple[Step, ...], ...] = (
    # the whole story: asked, denied, appealed, asked again, granted on appeal
    (
        file("TOY-029", -28, Reason.DIFFERENT, SAND),
        take(-26),
        note(-25.5, "Weight on the label is 4.1 kg, the item weighs 2.3 kg. Looks as the seller says."),
        ask(-25, "Thank you for the photos. We can't make out the seal. Can you show it?", S.SERIAL_PHOTO),
        reply(-23, "Here is the seal and the serial number of what came back.", S.SERIAL_PHOTO),
        decide(-20, 0, "We could not match the number to your order.", (R.EVIDENCE_UNREADABLE, "what-came-back.jpg")),
        appeal(-18, "The number can be read in the new photo. It is not the one on our invoice, which we add."),
        ask(
            -15,
            "Please add the invoice; it wasn't among the files.",
            own="the invoice with the serial number",
            by="sam",
        ),
        reply(-14, "Sorry, here it is.", S.OTHER),
        decide(-10, 1, "The invoice and the photo show two different items.", by="sam"),
    ),
    (
        file("TOY-028", -27, Reason.REPLACED, TWICE),
        decide(-22, 1, "The tracking shows the replacement was delivered."),
    ),
    (
        file("TOY-027", -26, Reason.DAMAGED, BROKEN),
        decide(-21, 0.5, "The item still has a value as a second.", (R.LESS_RESALE, "half of the price")),
        pay_by_order(-16),
    ),
    (
        file("TOY-026", -25, Reason.ABUSE, USED),
        decide(-20, 0, "", (R.SELLER_FAULT, "the listing promised a free trial")),
    ),
    (
        file("TOY-025", -25, Reason.PARTS, PARTS),
        ask(-24, "What exactly is missing?", S.MISSING_LIST),
        lapse(),
        appeal(-15, "We missed your question. Two rails and the bridge are missing."),
        ask(-13, "Thank you. What do these parts cost?", own="the price of each part", by="sam"),
        lapse(),
    ),
    (
        file("TOY-024", -20, Reason.DAMAGED, BROKEN),
        ask(-11, "Please show the damage from close by.", S.ITEM_PHOTO, own="what a repair would cost"),
        lapse(),
    ),
    (
        file("TOY-023", -20, Reason.NOT_RETURNED, NEVER),
        take(-5),
        decide(-3, 0, "The carrier's page shows a signature at your door.", (R.RETURN_DELIVERED, "1Z0000000000000023")),
    ),
    (
        file("TOY-022", -19, Reason.DAMAGED, BROKEN, quantity=2),
        decide(-2, 0.6, "One of the two can be sold as it is.", (R.LESS_RESALE, "a third of the price")),
        correct(-1, 0.8, "We had counted the repair twice.", (R.LESS_RESALE, "a fifth of the price")),
    ),
    (
        file("TOY-021", -20, Reason.DIFFERENT, SAND),
        decide(-9, 0, "", (R.EVIDENCE_OTHER_ORDER, "package-label.jpg"), (R.RETURN_IN_ORDER, "")),
        appeal(-4, "The label is the one the marketplace sent for this order: the number matches the returns page."),
    ),
    (
        file("TOY-020", -19, Reason.ABUSE, USED, by="gus"),
        decide(-15, 0, "", (R.REFUND_WAS_DUE, "the returns policy for toys, section 2")),
        appeal(-12, "Section 2 excludes items that were used. The photos show use.", by="gus"),
        decide(
            -6,
            0,
            "Section 2 covers this item in any state.",
            (R.REFUND_WAS_DUE, "the returns policy, section 2"),
            by="sam",
        ),
    ),
    (file("TOY-019", -15, Reason.NOT_RETURNED, NEVER), withdraw(-10)),
    (
        file("TOY-018", -12, Reason.DIFFERENT, SAND),
        take(-7),
        ask(-6.5, "We need the label to match the package to the return.", S.LABEL_PHOTO, S.WEIGHT),
        extend(-5, 3, "the carrier takes days to send its label pictures"),
    ),
    (
        file("TOY-017", -10, Reason.PARTS, PARTS),
        ask(
            -2,
            "Which parts are missing? A list helps us to decide on the amount.",
            S.MISSING_LIST,
            own="the price of each part",
        ),
    ),
    (
        file("TOY-016", -14, Reason.DAMAGED, BROKEN),
        ask(-8, "Can you show the serial number?", S.SERIAL_PHOTO),
        reply(-5, "Here it is. The sticker is on the underside.", S.SERIAL_PHOTO),
    ),
    (file("TOY-015", -12, Reason.NO_RETURN_ASKED, "The marketplace let the buyer keep the item without asking us."),),
    (file("TOY-014", -1, Reason.DAMAGED, BROKEN, quantity=1),),
    (file("TOY-013", -2, Reason.OUTSIDE_WINDOW, "The buyer asked for the return 52 days after delivery.", by="gus"),),
    (
        file("TOY-012", -9, Reason.REPLACED, TWICE),
        take(-6),
        desk_message(-5, "Thank you, we have all we need. You will hear from us this week."),
        message(-4, "Thanks! The tracking number of the replacement is on page 1: https://example.com/track"),
        note(-3.5, "Agreement is clear. Check whether the replacement was charged."),
    ),
    (
        file("TOY-011", -11, Reason.DAMAGED, BROKEN),
        decide(-8, 0, "", (R.EVIDENCE_TOO_OLD, "what-came-back.jpg")),
        appeal(-5, "The photo was taken on the day the package arrived. Here is another one."),
        ask(-2, "Please send the photo as your phone made it, with its date.", S.ITEM_PHOTO, by="sam"),
    ),
    (file("TOY-010", -9, Reason.DELIVERED, "Tracking shows delivery and a signature."), decide(-4, 1, "")),
    (
        file("TOY-009", -8, Reason.DIFFERENT, SAND, quantity=2),
        decide(-5, 0, "Both photos show the item you sell.", (R.RETURN_IN_ORDER, "")),
    ),
    (file("TOY-040", -13, Reason.DAMAGED, BROKEN), decide(-11, 0.4, "", (R.LESS_FEE_KEPT, "a restocking fee"))),
    (
        file("TOY-041", -14, Reason.SHIPPING, "The buyer changed their mind, so the return label was theirs to pay."),
        message(-13, "On second thoughts: the label was ours."),
        withdraw(-12),
    ),
    (  # above what one handler grants alone: waits for a second one
        file("TOY-079", -6, Reason.REPLACED, TWICE),
        take(-2),
        decide(-1, 1, "The buyer agreed to the replacement, and it was delivered and signed for."),
    ),
    (file("LAMP-003", -2, Reason.DAMAGED, BROKEN, by="mallory"),),
    (
        file("LAMP-005", -7, Reason.NOT_RETURNED, NEVER, by="mallory"),
        ask(-3, "Has the carrier told you anything?", own="what the carrier says"),
    ),
    (file("LAMP-007", -12, Reason.REPLACED, TWICE, by="gus"), decide(-6, 1, "")),
)


def tell(people: dict[str, User], now: datetime) -> int:
    """Make the claims and two unfinished drafts; return how many claims there are."""
    for steps in CLAIMS:
        stage = Stage(claim=Claim(), people=people, now=now)
        for step in steps:
            step(stage)
    _leave_drafts(people, now)
    _pay_without_claim(now)
    while figures.count_new(now) == figures.MOST_DAYS:
        pass
    return len(CLAIMS)


def _pay_without_claim(now: datetime) -> None:
    """Let a settlement report tell a payment for a refund nobody claimed: an operator says that it is one."""
    line = RefundLine.objects.select_related("order").get(sku="TOY-006")
    at = now - timedelta(days=1)
    told = payments.Told(
        seller_id=line.seller_id,
        source=payments.Source.SETTLEMENT,
        payment=f"demo settlement {line.order.order_id}",
        amount_minor=line.amount_minor,
        currency=line.currency,
        at=at,
        order_id=line.order.order_id,
        sku=line.sku,
        reference="90000000001",
    )
    payments.record(told, at)


def _leave_drafts(people: dict[str, User], now: datetime) -> None:
    line = RefundLine.objects.select_related("refund", "seller").get(sku="TOY-005")
    member = Membership.objects.select_related("seller").get(user=people["alice"], seller=line.seller)
    at = now - timedelta(hours=5)
    draft = drafts.begin_filing(membership=member, refund=line.refund, now=at)
    drafts.save(draft, now=at, text="The box was empty when it came", quantities={line.sku: 1}, reason=Reason.DIFFERENT)
    _leave_batch(member, now)


def _leave_batch(member: Membership, now: datetime) -> None:
    """Upload a short file of claims, as a seller would: one row complete, one without its photos, one that can't be."""
    free = RefundLine.objects.filter(seller=member.seller, against="", held_quantity=0, first_closes_at__gt=now)
    lines = free.exclude(sku="TOY-005").select_related("order").order_by("-first_closes_at", "pk")[:2]
    given: list[dict[str, str]] = [
        {"reason": "not_returned", "description": NEVER},
        {"reason": "damaged", "description": BROKEN},
    ]
    rows: list[dict[str, object]] = [
        {"number": number, "order_id": line.order.order_id, "sku": line.sku, "given": each}
        for number, (line, each) in enumerate(zip(lines, given, strict=False), 2)
    ]
    rows.append({"number": 4, "order_id": "111-0000000-0000000", "given": given[0]})
    at = now - timedelta(minutes=50)
    batch = batches.begin_drafts(membership=member, uuid=uuid4(), rows=rows, name="claims-to-file.csv", now=at)
    batches.work(batch.pk, clock=lambda: at)
