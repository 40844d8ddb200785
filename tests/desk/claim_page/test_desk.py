"""The desk: who may come in, the queue, a claim's page, and each verb through its form."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.groups import CASE_HANDLER
from accounts.models import User
from claims.models import ClockRule
from claims.rules import policy
from claims.rules.lifecycle import Slot, Status, Verb
from claims.text import formats
from claims.workflow import deadlines, desk_actions
from messaging.models import InternalNote, Message
from tests.cast import World, picture
from tests.desk.pages import address, decision, made_from
from tests.html import CheckingClient, content_of

XSS = "<script>alert(1)</script>"


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.mark.parametrize(
    ("name", "status"),
    [("hana", 200), ("sam", 200), ("ada", 200), ("alice", 302), ("gus", 302), ("mallory", 302), ("vera", 302)],
)
def test_only_the_desk_comes_in(client: CheckingClient, world_now: World, name: str, status: int) -> None:
    claim = world_now.claim()
    client.force_login(getattr(world_now, name))
    assert client.get("/admin/claims/claim/").status_code == status
    assert client.get(address(claim)).status_code == status


def test_staff_land_on_the_queue(client: CheckingClient, world_now: World) -> None:
    client.force_login(world_now.hana)
    assert client.get("/").headers["Location"] == "/admin/claims/claim/"


def test_an_ordinary_case_takes_four_clicks(client: CheckingClient, world_now: World) -> None:
    first, second = world_now.claim(days=-6), world_now.claim(days=-5)
    client.force_login(world_now.hana)
    page = client.post("/admin/desk/next/", follow=True)  # 1: take next
    assert page.redirect_chain[-1][0] == address(first)
    sent = decision(client, first, Verb.GRANT, next="1")  # 2: decide, 3: grant
    done = client.post(address(first, "decide"), sent, follow=True)  # 4: send and take next
    assert done.redirect_chain[-1][0] == address(second)
    first.refresh_from_db()
    assert (first.status, first.granted_minor) == (Status.GRANTED, 8999)


def test_a_denial_needs_a_reason_and_keeps_what_was_typed(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    refused = client.post(address(claim, "decide"), decision(client, claim, Verb.DENY, words="Not shown."))
    assert refused.context["wrong"] == ["Choose a reason for each item that gets less than claimed."]
    assert refused.context["words"] == "Not shown."
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
    client.post(address(claim, "decide"), decision(client, claim, Verb.DENY, "", "RETURN_IN_ORDER"))
    claim.refresh_from_db()
    assert (claim.status, claim.granted_minor) == (Status.DENIED, 0)


def test_what_is_decided_has_to_be_chosen(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    sent = decision(client, claim, Verb.GRANT)
    for outcome in ("", "GIVE", "\x00"):
        refused = client.post(address(claim, "decide"), {**sent, "outcome": outcome})
        assert refused.context["wrong"] == ["Choose what you decide."]
    nothing = client.post(address(claim, "decide"), decision(client, claim, Verb.GRANT, "0", "RETURN_IN_ORDER"))
    assert nothing.context["wrong"] == ["All amounts are 0: choose Deny."]
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION


def test_a_preview_changes_nothing_and_is_the_card_the_seller_gets(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    sent = decision(client, claim, Verb.GRANT, "40,00", "LESS_RESALE:half", words="It can be sold as a second.")
    del sent["send"]
    preview = client.post(address(claim, "decide"), {**sent, "preview": "1"}).context["preview"]
    assert (preview.title, preview.rows[0].granted) == ("Granted in part", "40.00 USD")
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
    client.post(address(claim, "decide"), {**sent, "send": "1"})
    client.force_login(world_now.alice)
    thread = client.get(f"/claims/{claim.claim_id}/messages/").context["page"]
    (card,) = [entry.card for entry in thread.entries if entry.card]
    assert (card.rows, card.words, card.would_change, card.policy) == (
        preview.rows,
        preview.words,
        preview.would_change,
        preview.policy,
    )


def test_a_form_that_was_overtaken_keeps_its_input_and_shows_what_changed(
    client: CheckingClient, world_now: World
) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    sent = decision(client, claim, Verb.GRANT, words="Mine.")
    world_now.message(claim, text="The label is in the second photo.")
    refused = client.post(address(claim, "decide"), sent)
    assert refused.context["wrong"][0].startswith("Alice Moreno changed this claim")
    assert [(each.what, str(each.said)) for each in refused.context["changes"]] == [
        ("Alice Moreno wrote", "The label is in the second photo.")
    ]
    assert refused.context["words"] == "Mine."
    client.post(address(claim, "decide"), {**sent, **made_from(refused)})
    claim.refresh_from_db()
    assert claim.status == Status.GRANTED


def test_words_of_a_form_that_came_too_late_can_be_kept_as_a_note(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    sent = decision(client, claim, Verb.GRANT, words="The seal was cut.")
    world_now.decide(claim, 0, by=world_now.sam)
    refused = client.post(address(claim, "decide"), sent)
    assert [each.what for each in refused.context["changes"]] == ["Denied"]
    client.post(address(claim, "note"), {**sent, **made_from(refused), "keep": "words"})
    assert InternalNote.objects.get(claim=claim).text == "The seal was cut."


def test_asking_hands_the_claim_to_the_seller(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    nothing = client.post(address(claim, "request"), {"version": claim.version, "text": "Hello"})
    assert nothing.context["wrong"] == ["Choose what you ask for, or write it."]
    sent = {"version": claim.version, f"slot-{Slot.SERIAL_PHOTO}": "1", "own-0": "the invoice", "text": "Thanks."}
    client.post(address(claim, "request"), sent)
    claim.refresh_from_db()
    assert claim.status == Status.AWAITING_SELLER
    items = claim.information_requests.get().items.order_by("pk").values_list("slot", "words")
    assert list(items) == [("SERIAL_PHOTO", ""), ("", "the invoice")]


def test_reply_by_may_be_later_than_policy_gives_and_never_earlier(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    sent = {"version": claim.version, f"slot-{Slot.SERIAL_PHOTO}": "1", "text": "Thanks."}
    for day, said in (
        (world_now.at(1), "Reply-by can be later than"),
        ("soon", "Choose a day, as in 2026-12-24."),
        ("9999-12-31", "Choose a day, as in 2026-12-24."),
        (world_now.at(400), "That is more than a year from now."),
    ):
        typed = day if isinstance(day, str) else f"{day:%Y-%m-%d}"
        refused = client.post(address(claim, "request"), {**sent, "day": typed})
        assert (typed, [words.startswith(said) for words in refused.context["wrong"]]) == (typed, [True])
        assert f'value="{typed}"' in refused.content.decode()
    later = world_now.at(20)
    client.post(address(claim, "request"), {**sent, "day": f"{later:%Y-%m-%d}"})
    claim.refresh_from_db()
    assert claim.reply_by == policy.end_of_day(later.date(), deadlines.zone_of(claim))


def test_policy_may_give_more_than_a_year_to_reply(client: CheckingClient, world_now: World) -> None:
    newest = ClockRule.objects.latest("version")
    newest.pk, newest.version, newest.reply_days = None, newest.version + 1, 400
    newest.save(force_insert=True)
    claim = world_now.claim()
    client.force_login(world_now.hana)
    client.post(address(claim, "request"), {"version": claim.version, f"slot-{Slot.WEIGHT}": "1"})
    claim.refresh_from_db()
    assert claim.reply_by and claim.reply_by > world_now.at(399)


def test_a_note_never_reaches_the_seller(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    client.post(address(claim, "note"), {"note": "The weight is odd."})
    assert (InternalNote.objects.count(), Message.objects.count()) == (1, 0)
    assert "The weight is odd." in client.get(address(claim)).content.decode()
    client.force_login(world_now.alice)
    assert "The weight is odd." not in client.get(f"/claims/{claim.claim_id}/messages/").content.decode()


def test_a_superuser_without_a_group_reads_and_decides_nothing(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.ada)
    assert client.get(address(claim)).context["card"].verbs == (Verb.REDACT,)  # a keeper's verb, not a handler's
    opened = client.get(address(claim, "decide"))
    assert opened.context["wrong"] == ["You can read this claim. Decisions belong to case handlers."]
    refused = client.post(address(claim, "decide"), decision(client, claim, Verb.GRANT))
    assert refused.context["wrong"] == ["You can read this claim. Decisions belong to case handlers."]
    sent = client.post(address(claim, "message"), {"version": claim.version, "message": "Hello."})
    assert sent.context["wrong"] == ["You can read this claim. Decisions belong to case handlers."]
    assert Message.objects.count() == 0
    assert client.post("/admin/desk/next/").headers["Location"] == "/admin/claims/claim/"


def test_files_of_a_message_that_was_overtaken_are_asked_for_again(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    page = client.get(address(claim, "message"))
    world_now.message(claim, text="One more thing.")
    sent = {**made_from(page), "message": "Hello.", "files": SimpleUploadedFile("label.png", picture())}
    refused = client.post(address(claim, "message"), sent)
    assert refused.context["text"] == "Hello."
    assert refused.context["wrong"][-1] == "Nothing was sent. Choose the files again."
    assert not claim.attachments.filter(uploaded_by=world_now.hana).exists()


def test_an_appeal_is_for_another_and_a_senior_handler(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.decide(claim, 0)
    world_now.appeal(claim)
    client.force_login(world_now.hana)
    sent = decision(client, claim, Verb.GRANT, "50", "RETURN_IN_ORDER")
    refused = client.post(address(claim, "decide"), sent)
    assert refused.context["wrong"] == [
        "You made the first decision, so someone else decides the appeal. A senior handler decides appeals."
    ]
    client.force_login(world_now.sam)
    client.post(address(claim, "decide"), sent)
    claim.refresh_from_db()
    assert (claim.status, claim.stage, claim.granted_minor) == (Status.GRANTED, "APPEAL", 5000)


def test_the_card_says_whose_an_appeal_is_and_what_is_new(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.decide(claim, 0)
    world_now.appeal(claim)
    omar = User.objects.create_user("omar@desk.example", name="Omar", is_staff=True)
    omar.groups.add(Group.objects.get(name=CASE_HANDLER))
    said = "New since then: 1 message, 1 file."
    for user, headline in (
        (world_now.hana, "Not yours to decide"),
        (omar, "For a senior handler"),
        (world_now.sam, "No one has this claim"),
    ):
        client.force_login(user)
        card = client.get(address(claim)).context["card"]
        assert (card.headline, said in card.what) == (headline, True)
    desk_actions.take(claim.pk, user=world_now.sam, now=world_now.now)
    assert client.get(address(claim)).context["card"].headline == "Your turn: appeal"
    client.force_login(omar)
    assert client.get(address(claim)).context["card"].headline == "Sam Whitfield's turn"


def test_the_card_counts_what_came_of_what_was_asked_for(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    world_now.ask(claim, slots=(Slot.SERIAL_PHOTO, Slot.WEIGHT))
    asked = client.get(address(claim)).context["card"].what
    assert asked.startswith(f"Asked on {formats.day(world_now.at(-4), 'America/New_York')}: ")
    world_now.reply(claim)
    assert "sent 1 of 2 things you asked for." in client.get(address(claim)).context["card"].what


def test_hostile_text_is_shown_as_text(client: CheckingClient, world_now: World) -> None:
    line = world_now.refund()
    line.title = XSS
    line.save()
    claim = world_now.claim(line, text=f"{XSS} and twenty more characters")
    world_now.message(claim, text=XSS)
    client.force_login(world_now.hana)
    client.post(address(claim, "note"), {"note": XSS})
    for page in (address(claim), address(claim, "decide"), "/admin/claims/claim/"):
        assert XSS not in client.get(page).content.decode()


def test_the_desk_downloads_files_of_claims_and_none_of_drafts(client: CheckingClient, world_now: World) -> None:
    world_now.photos = True
    claim = world_now.claim()
    file = claim.attachments.order_by("pk")[0]
    client.force_login(world_now.hana)
    kept = client.get(f"/admin/desk/files/{file.uuid}/")
    assert (kept.status_code, kept["Content-Disposition"], kept["X-Content-Type-Options"]) == (
        200,
        'attachment; filename="item_photo.png"',
        "nosniff",
    )
    assert content_of(kept).startswith(b"\x89PNG")
    draft = world_now.draft()
    hidden = draft.attachments.order_by("pk")[0]
    assert client.get(f"/admin/desk/files/{hidden.uuid}/").status_code == 404
    assert client.get(f"/admin/desk/files/{hidden.uuid}/preview/0/").status_code == 404


def test_no_field_of_a_claim_can_be_edited(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.ada)
    client.post(f"/admin/claims/claim/{claim.pk}/change/", {"status": "GRANTED", "granted_minor": "1"})
    before = claim.version
    claim.refresh_from_db()
    assert (claim.status, claim.version) == (Status.UNDER_INVESTIGATION, before)
    assert client.get("/admin/claims/claim/add/").status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_a_claims_page_costs_the_same_however_much_was_said(
    client: CheckingClient, world_now: World, django_assert_num_queries: Any, count: int
) -> None:
    claim = world_now.claim()
    for n in range(count):
        world_now.desk_message(claim, text=f"Message {n}.")
    client.force_login(world_now.hana)
    client.get(address(claim))
    with django_assert_num_queries(26):
        page = client.get(address(claim))
    assert sum(entry.kind == "post" and not entry.mine for entry in page.context["page"].entries) >= 1
