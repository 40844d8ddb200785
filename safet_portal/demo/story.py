"""The demo's claims: each walks the real verbs at moments in the past, so that every status has one worth opening."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from accounts.models import Membership, User
from claims.filing import batches, drafts
from claims.models import Claim, RefundLine
from claims.payments import match_payments
from claims.rules.lifecycle import DecisionReason, Reason, Slot
from claims.statistics import count
from safet_portal.demo.steps import (
    Stage,
    Step,
    appeal,
    ask,
    correct,
    decide,
    desk_message,
    extend,
    file,
    lapse,
    message,
    note,
    pay_by_order,
    reply,
    take,
    withdraw,
)

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
    while count.count_new(now) == count.MOST_DAYS:
        pass
    return len(CLAIMS)


def _pay_without_claim(now: datetime) -> None:
    """Let a settlement report tell a payment for a refund nobody claimed: an operator says that it is one."""
    line = RefundLine.objects.select_related("order").get(sku="TOY-006")
    at = now - timedelta(days=1)
    payment = match_payments.ReportedPayment(
        seller_id=line.seller_id,
        source=match_payments.Source.SETTLEMENT,
        payment=f"demo settlement {line.order.order_id}",
        amount_minor=line.amount_minor,
        currency=line.currency,
        at=at,
        order_id=line.order.order_id,
        sku=line.sku,
        reference="90000000001",
    )
    match_payments.record(payment, at)


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
