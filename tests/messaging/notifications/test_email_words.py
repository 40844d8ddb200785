"""What each kind of e-mail says: what happened first, then until when, one button; and nothing it must not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from accounts import memberships as people
from accounts.models import Membership
from claims.decisions.checks import LineDecision
from claims.files import publish
from claims.models import Attachment, Claim, ClockRule, LedgerEntry, UnmatchedPayment
from claims.payments import match_payments
from claims.rules.lifecycle import DecisionReason, Slot
from claims.workflow import move_deadline
from claims.workflow.transitions import desk_actor
from messaging.compose import verbs
from messaging.models import OutgoingEmail
from messaging.notifications import addresses, enqueue
from messaging.notifications.render_email import Rendered, render
from messaging.notifications.words import plain_name
from tests.cast import World
from tests.html import problems


def last(user: Any = None, **where: Any) -> OutgoingEmail:
    rows = OutgoingEmail.objects.select_related("claim__order", "claim__seller", "seller", "user")
    if user is not None:
        where["user"] = user
    found = rows.filter(**where).order_by("-pk").first()
    assert found is not None
    return found


def read(world: World, email: OutgoingEmail, days: float = 0, *, by: Any = None) -> Rendered:
    member = world.member(email.user, email.seller) if email.user and email.seller else by
    return render(email, member, world.at(days))


def newest(world: World, claim: Claim, days: float = 0) -> tuple[str, str, str]:
    """The subject without the ids, the first line and the rest of the text of alice's last e-mail on the claim."""
    said = read(world, last(world.alice, claim=claim), days)
    ids = f": SAFE-T claim {claim.claim_id}, order {claim.order.order_id}"
    assert said.subject.endswith(ids), said.subject
    first, _, rest = said.text.partition("\n")
    return said.subject.removesuffix(ids), first, rest


def test_filed(world: World) -> None:
    claim = world.claim()
    subject, first, rest = newest(world, claim, -5)
    assert (subject, first) == (
        "Filed",
        "Alice Moreno filed a claim for 89.99 USD. It is with the SAFE-T team.",
    )
    assert "The SAFE-T team's turn\nAnswer expected by " in rest
    assert "See the claim: http://testserver/claims/" in rest


def test_information_requested(world: World) -> None:
    claim = world.claim()
    world.ask(claim, slots=(Slot.SERIAL_PHOTO, Slot.WEIGHT))
    subject, first, rest = newest(world, claim, -4)
    assert (subject, first) == (
        "Reply by Nov 27",
        "The SAFE-T team needs 2 things from you: photo of the serial number and package weight. "
        "Without a reply by Fri, Nov 27, 2026, 2:59 AM EST the claim is denied.",
    )
    assert "Your turn\nReply by Fri, Nov 27, 2026, 2:59 AM EST (in 7 days). After that the claim is denied." in rest
    assert "Reply: http" in rest


def test_many_things_asked_for_are_a_list(world: World) -> None:
    claim = world.claim()
    world.ask(claim, slots=(Slot.SERIAL_PHOTO, Slot.WEIGHT, Slot.ITEM_PHOTO, Slot.LABEL_PHOTO))
    _subject, first, rest = newest(world, claim, -4)
    assert first.startswith("The SAFE-T team needs 4 things from you. Without a reply by ")
    assert rest.splitlines()[1:5] == [
        "- photo of the serial number",
        "- package weight",
        "- photo of the item you received",
        "- photo of the package with the return label visible",
    ]


def test_the_day_to_reply_by_is_a_clock_when_it_is_near(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    assert newest(world, claim, 3)[0] == "Reply by tomorrow 2:59 AM EST"
    assert newest(world, claim, 3.75)[0] == "Reply by today 2:59 AM EST"


def test_on_appeal_no_reply_ends_the_appeal(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 3000, days=-4)
    world.appeal(claim, days=-3)
    world.ask(claim, days=-2)
    _subject, first, rest = newest(world, claim, -2)
    assert first.startswith("The SAFE-T team needs 1 thing for your appeal: photo of the serial number. ")
    assert first.endswith("the appeal ends and the first decision stands: granted, 30.00 USD.")
    assert "Your turn: appeal" in rest


def test_reply_received(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    world.reply(claim)
    subject, first, _rest = newest(world, claim, -3)
    assert (subject, first) == (
        "Reply sent",
        "Alice Moreno replied Nov 20, 2026, 7:00 AM EST. The claim is under investigation again.",
    )


def test_decisions(world: World) -> None:
    full = world.claim()
    world.decide(full)
    assert newest(world, full)[:2] == (
        "Granted, 89.99 USD",
        "The SAFE-T team granted all you claimed: 89.99 USD. You get another e-mail when it is paid.",
    )
    part = world.claim()
    world.decide(part, 4000)
    subject, first, rest = newest(world, part)
    assert subject == "Granted in part, 40.00 USD of 89.99 USD"
    assert first == (
        "The SAFE-T team granted 40.00 USD of 89.99 USD. What the files show came back as it was sold. "
        "You can appeal once, until Sun, Nov 29, 2026, 2:59 AM EST."
    )
    assert "You can appeal once, until Sun, Nov 29, 2026, 2:59 AM EST (in 5 days)." in rest
    denied = world.claim()
    world.decide(denied, 0)
    subject, first, rest = newest(world, denied)
    assert (subject, first) == (
        "Denied",
        "The SAFE-T team denied the claim. What the files show came back as it was sold. "
        "You can appeal once, until Sun, Nov 29, 2026, 2:59 AM EST.",
    )
    assert "See the decision: http" in rest


def test_an_email_sent_late_still_says_what_happened_then(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0, days=-4)
    email = last(world.alice, claim=claim)
    world.appeal(claim, days=-3)
    world.decide(claim, 8999, days=-2)
    said = read(world, email)
    assert said.subject.startswith("Denied: SAFE-T claim ")
    assert "You can appeal once, until" in said.text
    assert "final" not in said.text


def test_lapsed_and_appeal_lapsed(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    world.lapse(claim)
    subject, first, rest = newest(world, claim, 4)
    assert subject == "Denied, no reply"
    assert first.startswith("No reply arrived by Fri, Nov 27, 2026, 2:59 AM EST, so the claim was denied. ")
    assert first.endswith("with what was asked for: photo of the serial number.")
    assert "Appeal: http" in rest
    again = world.claim()
    world.decide(again, 0, days=-4)
    world.appeal(again, days=-3)
    world.ask(again, days=-2)
    world.lapse(again)
    assert newest(world, again, 6)[:2] == (
        "Appeal ended, no reply",
        "No reply arrived by Sun, Nov 29, 2026, 2:59 AM EST, so the first decision stands: denied. This is final.",
    )


def test_appeals(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0, days=-4)
    world.appeal(claim, days=-3)
    assert newest(world, claim, -3)[:2] == (
        "Appeal filed",
        "Alice Moreno appealed. Someone who did not make the first decision looks at it.",
    )
    world.decide(claim, 5000, days=-2)
    assert newest(world, claim)[:2] == (
        "Appeal granted, 50.00 USD of 89.99 USD",
        "On appeal 50.00 USD of 89.99 USD is granted; the first decision was: denied. This decision is final.",
    )
    other = world.claim()
    world.decide(other, 3000, days=-4)
    world.appeal(other, days=-3)
    world.decide(other, 3000, days=-2)
    subject, first, rest = newest(world, other)
    assert subject == "Appeal decided, no change"
    assert first.startswith("The first decision stands: granted, 30.00 USD.")
    assert "This decision is final." in rest


def test_withdrawn(world: World) -> None:
    claim = world.claim()
    world.withdraw(claim)
    assert newest(world, claim)[1].startswith("Alice Moreno withdrew the claim. You can file again until ")
    assert newest(world, claim, 90)[1] == "Alice Moreno withdrew the claim. The filing window has ended."


def test_decision_corrected(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 3000)
    lines = {line.pk: LineDecision(5000, ((DecisionReason.RETURN_IN_ORDER, {}),)) for line in claim.lines.all()}
    verbs.correct(claim_pk=claim.pk, user=world.sam, lines=lines, words="A file counts.", now=world.at(-1))
    subject, first, rest = newest(world, claim)
    assert (subject, first) == (
        "Decision corrected",
        "The SAFE-T team corrected its decision of Nov 21, 2026: 50.00 USD of 89.99 USD is granted. "
        "Your appeal is untouched.",
    )
    assert "You can appeal once, until Sun, Nov 29, 2026, 2:59 AM EST (in 5 days)." in rest


def test_reply_by_and_appeal_by_moved(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    move_deadline.move_deadline(
        claim.pk, to=world.at(10), why="The mail was slow.", by=desk_actor(world.hana), now=world.at(-2)
    )
    claim.refresh_from_db()
    subject, first, rest = newest(world, claim, -2)
    assert (subject, first) == (
        "More time, until Dec 3",
        "Reply-by was moved from Fri, Nov 27, 2026, 2:59 AM EST to Thu, Dec 3, 2026, 7:00 AM EST: The mail was slow.",
    )
    assert "Reply by Thu, Dec 3, 2026, 7:00 AM EST (in 12 days). After that the claim is denied." in rest
    assert "Reply: http" in rest
    decided = world.claim()
    world.decide(decided, 0, days=-4)
    move_deadline.move_deadline(
        decided.pk, to=world.at(10), why="We were away.", by=desk_actor(world.hana), now=world.at(-2)
    )
    _subject, first, rest = newest(world, decided, -2)
    assert first.startswith("Appeal-by was moved from ")
    assert "See the decision: http" in rest


def test_message_and_message_while_something_is_asked_for(world: World) -> None:
    claim = world.claim()
    world.desk_message(claim, text="We have\nall we need. " + "Really. " * 40)
    subject, first, _rest = newest(world, claim)
    assert subject == "New message"
    assert first.startswith('The SAFE-T team wrote: "We have all we need. Really. ')
    assert first.endswith(" …\" You don't have to reply.")
    assert len(first) < 270
    asked = world.claim()
    world.ask(asked)
    world.desk_message(asked)
    _subject, first, rest = newest(world, asked)
    assert first.endswith("What it asked for before is still needed.")
    assert "Reply by Fri, Nov 27, 2026, 2:59 AM EST" in rest


def test_file_not_accepted(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    draft = world.reply_draft(claim)
    world.add_file(draft, Slot.SERIAL_PHOTO, name="serial.png")
    world.reply(claim)
    file = Attachment.objects.get(claim=claim, name="serial.png")
    assert publish.scanned(file.pk, threat="Eicar", now=world.at(-2))
    subject, first, rest = newest(world, claim)
    assert (subject, first) == (
        "File not accepted",
        "serial.png was not added to the claim: it failed the virus check.",
    )
    assert "Send another file: http" in rest
    world.ask(claim, days=-1, slots=(Slot.WEIGHT,))
    assert "Still missing: package weight, reply by " in read(world, last(world.alice, kind="file-not-accepted")).text


def test_a_file_of_the_team_that_failed_the_check_is_not_asked_of_the_seller(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    file = claim.attachments.order_by("pk")[0]
    Attachment.objects.filter(pk=file.pk).update(party="DESK", name="label.pdf")
    assert publish.scanned(file.pk, threat="Eicar", now=world.at(-2))
    _subject, first, rest = newest(world, claim)
    assert first == "label.pdf, a file of the SAFE-T team, was not added to the claim: it failed the virus check."
    assert "See the claim: http" in rest and "Send another file" not in rest


def paid(world: World, claim: Claim, amount: int, days: float, reference: str = "") -> LedgerEntry:
    return LedgerEntry.objects.create(
        seller=claim.seller,
        claim=claim,
        kind="PAID" if amount > 0 else "REVERSED",
        amount_minor=amount,
        currency=claim.currency,
        at=world.at(days),
        payment=f"{claim.claim_id} {days}",
        reference=reference,
    )


def test_paid_and_taken_back(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 4000)
    assert enqueue.owe_for_payment(paid(world, claim, 4000, -1, "ADJ-7"), claim) == 3
    assert newest(world, claim)[:2] == (
        "Paid, 40.00 USD",
        "40.00 USD of 40.00 USD was booked on Nov 22, 2026, reference ADJ-7.",
    )
    enqueue.owe_for_payment(paid(world, claim, -1500, -0.5), claim)
    assert newest(world, claim)[:2] == (
        "Payment taken back, 15.00 USD",
        "15.00 USD was taken back on Nov 22, 2026. If you don't know why, ask on the claim.",
    )


def test_a_payment_of_the_finance_data_is_told_once(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 4000)
    told = match_payments.ReportedPayment(
        world.toys.pk, UnmatchedPayment.Source.FINANCES_V0, "p1", 4000, "USD", world.at(-1), claim_id=claim.claim_id
    )
    assert (match_payments.record(told, world.now), match_payments.record(told, world.now)) == (True, False)
    assert OutgoingEmail.objects.filter(kind="paid").count() == 3
    assert newest(world, claim)[0] == "Paid, 40.00 USD"


def test_what_was_paid_before_a_claim_was_imported_is_news_to_nobody(world: World) -> None:
    from claims.rules.lifecycle import Status

    claim = world.import_claim(Status.GRANTED)
    assert enqueue.owe_for_payment(paid(world, claim, 5000, -2), claim) == 0
    assert enqueue.owe_for_payment(paid(world, claim, 100, 1), claim) == 3


def test_invitation_for_a_new_person_for_one_with_an_account_and_from_an_operator(world: World) -> None:
    def said(email: str, by: Any) -> tuple[str, str]:
        people.invite(world.toys, by, email, "viewer", world.now)
        rendered = read(world, last(kind="invitation"))
        assert rendered.text.count("http://testserver/people/join/") == 1
        assert "E-mail settings" not in rendered.text
        return rendered.subject, rendered.text.partition("\n")[0]

    subject = "Alice Moreno invited you to Blue Door Toys on Example Market SAFE-T"
    until = "by Mon, Nov 30, 2026, 4:00 AM PST to join as viewer."
    assert said("nina@example.com", world.alice) == (subject, f"Set a password {until}")
    assert said("mallory@seller-b.example", world.alice) == (subject, f"Sign in {until}")
    assert said("olga@example.com", None) == ("Join Blue Door Toys on Example Market SAFE-T", f"Set a password {until}")


def test_confirm_address(world: World) -> None:
    addresses.ask(world.member(world.alice), "books@example.com", world.now)
    said = read(world, last(kind="confirm-address"))
    assert said.subject == "Confirm this address for SAFE-T e-mail"
    assert said.text.splitlines()[0] == (
        "Alice Moreno wants SAFE-T e-mail of Blue Door Toys sent here. Nothing is sent until you confirm, by "
        "Mon, Nov 30, 2026, 4:00 AM PST."
    )
    assert "Confirm: http://testserver/email/confirm/" in said.text


def test_names_that_strangers_read_make_no_link_and_no_message() -> None:
    assert (
        plain_name("You won! https://evil.example/<b>now</b>\r\nBcc: x") == "You won! https evil․example b now b Bcc x"
    )
    assert plain_name("A" * 100) == "A" * 59 + "…"


def test_a_person_of_two_sellers_reads_which_one(world: World) -> None:
    world.claim()
    assert read(world, last(world.gus)).subject.startswith("[Blue Door Toys] Filed: SAFE-T claim ")
    assert read(world, last(world.alice)).subject.startswith("Filed: SAFE-T claim ")


def test_the_foot_says_as_whom_and_a_copy_how_to_stop(world: World) -> None:
    asked = addresses.ask(world.member(world.alice), "books@example.com", world.at(-20))
    type(asked).objects.update(confirmed_at=world.at(-19))
    world.claim()
    assert "You get this as Viewer of Blue Door Toys." in read(world, last(world.vera)).text
    copy = read(world, last(extra_address="books@example.com", kind="filed"))
    assert "You get this because Blue Door Toys has copies of its SAFE-T e-mail sent here." in copy.text
    assert "E-mail settings" not in copy.text
    assert copy.headers["List-Unsubscribe"].startswith("<http://testserver/email/stop-copies/")


def test_one_click_stops_what_may_be_stopped_and_nothing_else(world: World) -> None:
    claim = world.claim()
    said = read(world, last(world.alice))
    assert said.headers == {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": said.headers["List-Unsubscribe"],
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    world.ask(claim)
    assert read(world, last(world.alice)).headers == {"Auto-Submitted": "auto-generated"}  # the last owner gets these
    assert "List-Unsubscribe" in read(world, last(world.vera)).headers


@pytest.fixture
def everything(world: World) -> World:
    world.line = world.refund()  # type: ignore[attr-defined]
    for _position, _claim in world.in_every_position():
        pass
    return world


def test_no_email_holds_what_it_must_not(everything: World) -> None:
    """Files, internal notes, and whatever of the buyer's: the seller's own words are not repeated either."""
    world = everything
    claim = world.claim(text="The buyer Jane Roe of 1 Elm Street sent sand.")
    verbs.add_note(claim_pk=claim.pk, user=world.hana, text="Looks like fraud.", now=world.at(-1))
    world.decide(claim, 0)
    for email in OutgoingEmail.objects.select_related("claim__order", "claim__seller", "seller", "user"):
        said = read(world, email)
        for secret in ("Jane Roe", "Elm Street", "Looks like fraud", "Hana Sato", "Sam Whitfield", "/attachments/"):
            assert secret not in said.text + said.html


def test_html_is_well_formed_inline_and_says_what_the_text_says(everything: World) -> None:
    world = everything
    for email in OutgoingEmail.objects.filter(user=world.alice).select_related(
        "claim__order", "claim__seller", "seller"
    ):
        said = read(world, email)
        assert problems(said.html) == []
        assert "%(" not in said.html + said.text
        assert said.html.count('class="button"') == 1
        assert re.search(r'<a[^>]* class="button"[^>]* style="[^"]*background-color: #0a58a8', said.html)
        assert "prefers-color-scheme: dark" in said.html
        first = said.text.partition("\n")[0]
        plain = re.sub(r"&#x27;|&quot;", lambda found: {"&#x27;": "'", "&quot;": '"'}[found[0]], said.html)
        plain = re.sub(r'<span class="id"[^>]*>([\d-]+)</span>', r"\1", plain)
        assert f">{first}</p>" in plain
        assert said.html.count('class="id"') >= 2  # no id breaks over two lines


def test_queries_of_an_email_do_not_grow_with_the_claim(world: World, django_assert_max_num_queries: Any) -> None:
    claim = world.claim()
    world.ask(claim)
    email = last(world.alice)
    member = Membership.objects.select_related("user", "seller").get(user=world.alice, seller=world.toys)
    with django_assert_max_num_queries(9):
        render(email, member, world.at(-4))
    for minute in range(15):
        world.desk_message(claim, days=-3 + minute / 1440)
    with django_assert_max_num_queries(9):
        render(email, member, world.at(-4))


def test_the_excerpt_of_what_was_redacted_is_gone(world: World) -> None:
    claim = world.claim()
    sent = world.desk_message(claim, text="Secret words.")
    assert sent.message is not None
    type(sent.message).objects.filter(pk=sent.message.pk).update(text="", erased_at=world.now + timedelta(hours=1))
    assert newest(world, claim)[1] == "The SAFE-T team wrote to you."


def test_where_policy_knows_no_appeal_none_is_promised(world: World) -> None:
    rule = ClockRule.objects.latest("version")
    rule.pk, rule.version, rule.appeals = None, rule.version + 1, 0
    rule.save(force_insert=True)
    in_part, denied, lapsed = world.claim(), world.claim(), world.claim()
    world.decide(in_part, 3000)
    world.decide(denied, 0)
    world.ask(lapsed)
    world.lapse(lapsed)
    for claim, days in ((in_part, -2), (denied, -2), (lapsed, 6)):
        _subject, first, rest = newest(world, claim, days)
        assert "ppeal" not in first + rest
        assert "until ." not in first
