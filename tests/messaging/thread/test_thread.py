"""The thread as sellers and the desk read it: order, words, places, paging, and what never shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from claims.models import Claim, Decision
from claims.records import read_marks
from claims.rules.lifecycle import DecisionReason, Slot
from claims.workflow import move_deadline
from claims.workflow.transitions import desk_actor
from messaging import thread
from messaging.compose import verbs
from messaging.models import InternalNote, Message
from messaging.thread import ThreadPage
from messaging.thread.kinds import KINDS, EntryKind
from tests.cast import STATEMENT, World

ZONE = "America/Los_Angeles"


def read(claim: Claim, world: World, *, viewer: thread.Viewer = "seller", **where: int) -> ThreadPage:
    claim = Claim.objects.select_related("seller", "order").get(pk=claim.pk)
    return thread.entries(claim, viewer=viewer, zone=ZONE, now=world.now, **where)


def told(page: ThreadPage) -> list[tuple[str, str]]:
    """Each entry as (kind, its first words)."""
    return [
        (entry.kind, entry.card.title if entry.card else entry.words or f"{entry.author}: {entry.body}")
        for entry in page.entries
    ]


def messages(claim: Claim, world: World, count: int) -> None:
    """Posts of the desk, a minute apart, straight into the table."""
    start = claim.next_position
    Message.objects.bulk_create(
        Message(
            seller_id=claim.seller_id,
            claim=claim,
            position=start + n,
            at=world.at(-4) + timedelta(minutes=n),
            party=Message.Party.DESK,
            author=world.hana,
            text=f"Message {n}",
        )
        for n in range(count)
    )
    Claim.objects.filter(pk=claim.pk).update(next_position=start + count)
    claim.refresh_from_db()


def test_everything_said_and_done_stands_in_one_order(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    world.reply(claim)
    world.decide(claim, 4000, words="The box alone was damaged.")
    world.appeal(claim)
    page = read(claim, world)
    assert told(page) == [
        ("event", "Claim filed by Alice Moreno"),
        ("post", f"Alice Moreno: {STATEMENT}"),
        ("post", "SAFE-T team: We can&#x27;t make out the number."),
        (
            "event",
            "The SAFE-T team asked for photo of the serial number. Reply by Thu, Nov 26, 2026, 11:59 PM PST.",
        ),
        ("post", "Alice Moreno: Here it is."),
        ("event", "Alice Moreno replied"),
        ("decision", "Granted in part"),
        ("post", "Alice Moreno: Look again."),
        ("event", "Alice Moreno appealed"),
    ]
    assert [entry.anchors for entry in page.entries] == [(1,), (), (2,), (3,), (4,), (5,), (6, 7), (8,), (9,)]
    assert [entry.mine for entry in page.entries if entry.kind == "post"] == [True, False, True, True]
    assert (page.older, page.newer, page.target) == (None, None, None)


def test_evidence_stands_with_the_statement_by_slot(world: World) -> None:
    world.photos = True
    post = read(world.claim(), world).entries[1]
    assert [(file.name, file.slot_title) for file in post.files] == [
        ("item_photo.png", "Photo of the item you received"),
        ("label_photo.png", "Photo of the package with the return label visible"),
    ]


def test_decision_card_says_all_that_was_decided(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 4000, reasons=((DecisionReason.LESS_RESALE, {"detail": "49.99 USD"}),), words="See\nabove.")
    card = read(claim, world).entries[-1].card
    assert card is not None
    assert [(row.claimed, row.granted, row.why) for row in card.rows] == [
        ("89.99 USD", "40.00 USD", ("The item can still be sold; the loss in value is 49.99 USD.",))
    ]
    assert card.words == "See\nabove."
    assert card.would_change == ("Proof that it can't be sold.",)
    assert card.decided_by == "Decided by a case handler"
    assert card.appeal_line == (
        "You can appeal once, until Sat, Nov 28, 2026, 11:59 PM PST (in 5 days). "
        "An appeal never lowers what was granted."
    )
    assert card.policy.endswith(", version 1")
    assert card.policy_href.startswith("/policy/")


def test_only_the_decision_in_force_speaks_of_appealing(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    world.appeal(claim)
    world.decide(claim, 8999, days=-0.5)
    cards = [entry.card for entry in read(claim, world).entries if entry.card]
    assert [(card.title, card.appeal_line) for card in cards] == [
        ("Denied", ""),
        ("Decided on appeal: Granted", "This decision is final."),
    ]


def test_lapse_is_told_with_its_reply_by(world: World) -> None:
    claim = world.claim(days=-9)
    world.ask(claim, days=-8.9)
    world.lapse(claim)
    card = read(claim, world).entries[-1].card
    assert card is not None
    assert (card.title, card.icon, card.decided_by) == (
        "Denied: no reply arrived by Sat, Nov 21, 2026, 11:59 PM PST",
        "hourglass",
        "Decided automatically: no reply arrived in time",
    )


def test_request_without_own_words_is_one_line_that_answers_to_both_places(world: World) -> None:
    claim = world.claim()
    verbs.request_information(
        claim_pk=claim.pk,
        user=world.hana,
        slots=[Slot.WEIGHT],
        own_words=["The name of the driver"],
        text="",
        now=world.at(-3),
    )
    entry = read(claim, world).entries[-1]
    assert (entry.kind, entry.anchors) == ("event", (2, 3))
    assert entry.words.startswith("The SAFE-T team asked for package weight and The name of the driver. Reply by ")


def test_payments_stand_where_they_were_booked(world: World) -> None:
    claim = world.claim()
    world.decide(claim, days=-3)
    for days, amount in ((-2, 8999), (-1, -1000)):
        world.pay(claim, amount, payment=f"p{days}", at=world.at(days), reference="R-7")
    assert told(read(claim, world))[-3:] == [
        ("decision", "Granted"),
        ("event", "Paid 89.99 USD, reference R-7"),
        ("event", "10.00 USD taken back"),
    ]


def test_imported_claim_says_where_it_came_from(world: World) -> None:
    assert told(read(world.import_claim(), world)) == [("event", "Imported from old-claims.csv")]


def test_imported_mail_stands_at_its_own_date_and_is_marked(world: World) -> None:
    claim = world.claim()
    Message.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        position=claim.next_position,
        at=world.at(-90),
        party=Message.Party.SELLER,
        origin=Message.Origin.IMPORTED,
        text="As I wrote before.",
        quoted="> older words",
        created_at=world.at(-1),
    )
    first = read(claim, world).entries[0]
    assert (first.author, first.side, first.imported) == ("Blue Door Toys", "", "Aug 25, 2026, imported Nov 22, 2026")
    assert first.quoted == "&gt; older words"


def test_mail_without_a_date_says_so(world: World) -> None:
    claim = world.claim()
    Message.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        position=claim.next_position,
        at=world.at(-1),
        party=Message.Party.DESK,
        origin=Message.Origin.IMPORTED,
        date_known=False,
        text="Dear seller",
        created_at=world.at(-1),
    )
    assert read(claim, world).entries[-1].imported == "date unknown, imported Nov 22, 2026"


def test_erased_words_leave_their_place(world: World) -> None:
    claim = world.claim()
    sent = world.message(claim, days=-2)
    assert sent.message is not None
    Message.objects.filter(pk=sent.message.pk).update(text="", erased_at=world.at(-1))
    world.decide(claim, 0, days=-0.5, words="Private words")
    Decision.objects.filter(claim=claim).update(words="", erased_at=world.now)
    Claim.objects.filter(pk=claim.pk).update(statement="", statement_erased_at=world.now)
    page = read(claim, world)
    assert [entry.removed for entry in page.entries if entry.kind == "post"] == [
        "Removed on Nov 23, 2026.",
        "Removed on Nov 22, 2026.",
    ]
    card = page.entries[-1].card
    assert card is not None
    assert (card.words, card.removed) == ("", "Removed on Nov 23, 2026.")


def test_names_of_handlers_and_notes_are_for_the_desk_alone(world: World) -> None:
    claim = world.claim()
    world.desk_message(claim)
    verbs.add_note(claim_pk=claim.pk, user=world.hana, text="Third time this month.", now=world.at(-0.5))
    verbs.add_note(claim_pk=world.claim().pk, user=world.hana, text="Of another claim.", now=world.at(-0.5))
    world.decide(claim, 0, days=-0.2)
    assert InternalNote.objects.filter(claim=claim).count() == 1
    assert "Hana" not in repr(read(claim, world))
    assert "Third time" not in repr(read(claim, world))
    desk = read(claim, world, viewer="desk")
    assert told(desk)[-3:] == [
        ("post", "Hana Sato: We have all we need."),
        ("note", "Hana Sato: Third time this month."),
        ("decision", "Denied"),
    ]
    assert [entry.mine for entry in desk.entries if entry.kind == "post"] == [False, True]
    assert desk.entries[-1].card is not None
    assert desk.entries[-1].card.decided_by == "Decided by Hana Sato"


def test_words_are_escaped_and_addresses_become_links_that_vouch_for_nothing(world: World) -> None:
    claim = world.claim()
    world.message(claim, text="<script>alert(1)</script> https://carrier.example/t?id=1 & so")
    assert read(claim, world).entries[-1].body == (
        "&lt;script&gt;alert(1)&lt;/script&gt; "
        '<a href="https://carrier.example/t?id=1" rel="nofollow noopener">https://carrier.example/t?id=1</a> &amp; so'
    )


def test_pages_up_and_down_show_every_entry_once(world: World) -> None:
    claim = world.claim()
    messages(claim, world, 130)
    newest = read(claim, world)
    middle = read(claim, world, before=newest.older or 0)
    oldest = read(claim, world, before=middle.older or 0)
    shown = [entry.anchors for page in (oldest, middle, newest) for entry in page.entries if entry.anchors]
    assert shown == [(position,) for position in range(1, 132)]
    assert (newest.newer, oldest.older) == (None, None)
    again = read(claim, world, after=oldest.newer or 0)
    assert [entry.anchors for entry in again.entries] == [entry.anchors for entry in middle.entries]


def test_place_far_up_opens_its_page(world: World) -> None:
    claim = world.claim()
    messages(claim, world, 130)
    page = read(claim, world, at=20)
    assert page.target == 20
    assert [entry.position for entry in page.entries if entry.is_target] == [20]
    assert page.older is None
    assert page.newer == 30


@pytest.mark.parametrize("position", [0, 999_999_999])
def test_place_nobody_has_gives_the_newest_page(world: World, position: int) -> None:
    claim = world.claim()
    messages(claim, world, 60)
    page = read(claim, world, at=position)
    assert (page.target, page.entries[-1].position) == (None, 61)
    assert read(claim, world, before=position).entries == read(claim, world).entries


def test_place_of_a_change_finds_the_card_of_its_decision(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    messages(claim, world, 60)
    for position in (2, 3):
        page = read(claim, world, at=position)
        assert [entry.kind for entry in page.entries if entry.is_target] == ["decision"]


@pytest.mark.parametrize("count", [1, 30, 2000])
def test_thread_costs_the_same_however_long_it_is(world: World, count: int) -> None:
    claim = world.claim()
    messages(claim, world, count)
    claim = Claim.objects.select_related("seller", "order").get(pk=claim.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        thread.entries(claim, viewer="seller", zone=ZONE, now=world.now)
    assert len(queries) == 3
    with CaptureQueriesContext(connection) as queries:
        thread.entries(claim, viewer="desk", zone=ZONE, now=world.now)
    assert len(queries) == 5


def test_desk_sees_how_far_each_member_has_read(world: World) -> None:
    claim = world.claim()
    read_marks.open_claim(claim, world.gus.pk)
    world.desk_message(claim, text="First", days=-3)
    read_marks.open_claim(claim, world.alice.pk)
    world.desk_message(claim, text="Second", days=-2)
    read_marks.open_claim(claim, world.vera.pk)
    Membership.objects.filter(user=world.vera).update(is_active=False)
    desk = read(claim, world, viewer="desk")
    assert [entry.seen_by for entry in desk.entries] == [("Gus Okafor",), (), ("Alice Moreno",), ()]
    assert [entry.seen_by for entry in read(claim, world).entries] == [()] * 4


def test_unread_is_what_others_wrote_since(world: World) -> None:
    claim = world.claim()
    world.message(claim, days=-3)
    world.desk_message(claim, days=-2)
    world.message(claim, days=-1)
    page = read(claim, world)
    unread = thread.with_unread(page, seen=1, user_id=world.alice.pk)
    assert [entry.position for entry in unread.entries if entry.is_new] == [3]
    for_gus = thread.with_unread(page, seen=2, user_id=world.gus.pk)
    assert [entry.position for entry in for_gus.entries if entry.is_new] == [3, 4]
    first_visit = thread.with_unread(page, seen=0, user_id=world.gus.pk)
    assert [entry for entry in first_visit.entries if entry.is_new] == []


def test_entries_carry_what_became_of_their_emails(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    asked: list[int] = []

    def deliveries(of: Claim, positions: Sequence[int]) -> dict[int, thread.Delivery]:
        asked.extend(positions)
        return {1: thread.Delivery("E-mail sent"), 3: thread.Delivery("E-mail bounced", failed=True)}

    claim = Claim.objects.select_related("seller", "order").get(pk=claim.pk)
    page = thread.entries(claim, viewer="seller", zone=ZONE, now=world.now, deliveries=deliveries)
    assert asked == [1, 2, 3]
    assert [(entry.kind, entry.delivery and entry.delivery.words) for entry in page.entries] == [
        ("event", "E-mail sent"),
        ("post", None),
        ("decision", "E-mail bounced"),
    ]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.reading.name)
def test_each_kind_of_line_is_read_in_order_by_an_index_and_has_its_place_to_itself(db: None, kind: EntryKind) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, kind.reading.table).values()
    assert ["claim_id", "at", "position"] in [one["columns"] for one in found if one["index"]]
    assert ["claim_id", "position"] in [one["columns"] for one in found if one["unique"]]


def test_moved_deadline_is_a_line_with_its_reason(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    move_deadline.move_deadline(
        claim.pk, to=world.at(6), why="The portal was down.", by=desk_actor(world.hana), now=world.at(-1)
    )
    entry = read(claim, world).entries[-1]
    assert (entry.anchors, entry.words) == (
        (4,),
        "Reply-by moved from Nov 26, 2026, 11:59 PM PST to Sun, Nov 29, 2026, 4:00 AM PST: The portal was down.",
    )
