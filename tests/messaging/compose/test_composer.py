"""Reading and answering on the Communication page, with the real client."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import unescape
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from claims.models import Attachment, Claim, Draft, ReadMark, Unseen
from claims.rules.lifecycle import Slot, Stage, Status
from messaging.compose import form, submit
from messaging.models import Message
from tests.cast import PASSWORD, World
from tests.html import CheckingClient
from tests.messaging.pages import address, alerts, client_of, form_of, hidden, photo, send
from tests.messaging.thread.test_thread import messages


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html)))


# -- reading ----------------------------------------------------------------------------------------------------------


def test_deep_link_survives_the_sign_in(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    link = address(claim, "?at=3")
    client = CheckingClient()
    response = client.get(link)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next=/claims/{claim.claim_id}/messages/%3Fat%3D3"
    response = client.post(response["Location"], {"login": world.alice.email, "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, link)
    html = client.get(link).content.decode()
    assert re.findall(r'<li class="event is-target"\s+id="e(\d)"', html) == ["3"]


@pytest.mark.parametrize(
    "query", ["?at=x", "?at=-1", "?at=", "?at=99999999999999999999", "?at=%00", "?before=%F0%9F", "?after=0", "?at=²"]
)
def test_places_that_are_none_show_the_newest_page(world: World, query: str) -> None:
    claim = world.claim()
    response = client_of(world.alice).get(address(claim, query))
    assert response.status_code == 200
    assert "is-target" not in response.content.decode()


def test_opening_marks_as_seen_and_shows_where_reading_stopped(world: World) -> None:
    claim = world.claim()
    client = client_of(world.gus)
    assert client.get(address(claim)).status_code == 200
    world.ask(claim)
    assert Unseen.objects.filter(user=world.gus, claim=claim).count() == 1
    html = client.get(address(claim)).content.decode()
    assert html.count("New since you last looked") == 1
    assert "2 new" in text_of(html)
    assert Unseen.objects.filter(user=world.gus, claim=claim).count() == 0
    assert "New since you last looked" not in client.get(address(claim)).content.decode()
    assert Unseen.objects.filter(user=world.alice, claim=claim).count() == 1


@pytest.mark.parametrize("headers", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}])
def test_what_a_browser_fetches_beforehand_is_not_seen(world: World, headers: dict[str, str]) -> None:
    claim = world.claim()
    world.ask(claim)
    client = client_of(world.alice)
    assert client.get(address(claim), headers=headers).status_code == 200
    assert client.head(address(claim)).status_code == 200
    assert Unseen.objects.filter(user=world.alice).count() == 1
    assert not ReadMark.objects.exists()


@pytest.mark.parametrize("count", [1, 30, 2000])
def test_page_asks_ten_questions_however_long_the_thread(world: World, count: int) -> None:
    claim = world.claim()
    world.ask(claim)
    messages(claim, world, count)
    client = client_of(world.alice)
    client.get(address(claim))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address(claim)).status_code == 200
    assert len(queries) == 10


def test_page_asks_as_much_in_every_position(world: World) -> None:
    counts = {}
    client = client_of(world.alice)
    for position, claim in world.in_every_position():
        client.get(address(claim))
        with CaptureQueriesContext(connection) as queries:
            client.get(address(claim, "?at=2"))
        counts[position] = len(queries)
    assert set(counts.values()) == {10}


def test_links_to_older_and_newer_pages(world: World) -> None:
    claim = world.claim()
    messages(claim, world, 60)
    client = client_of(world.alice)
    html = client.get(address(claim)).content.decode()
    older = re.findall(r'href="(\?before=\d+)#thread"', html)
    assert older == ["?before=12"]
    html = client.get(address(claim, older[0])).content.decode()
    assert re.findall(r'href="(\?after=\d+)#thread"', html) == ["?after=11"]


# -- who may write ----------------------------------------------------------------------------------------------------


def test_viewer_reads_and_has_no_box(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    client = client_of(world.vera)
    html = client.get(address(claim)).content.decode()
    assert "<textarea" not in html
    assert "Blue Door Toys's turn" in text_of(html)
    assert "Viewers can read but not act. Alice Moreno can." in text_of(html)
    response = client.post(address(claim), {"text": "Let me in", "act": "send"})
    assert response.status_code == 200
    assert alerts(response) == ["Viewers can read but not act. Alice Moreno can."]
    assert (Draft.objects.count(), Message.objects.filter(author=world.vera).count()) == (0, 0)


def test_withdrawn_claim_has_no_box_and_says_when(world: World) -> None:
    claim = world.claim()
    world.withdraw(claim)
    html = client_of(world.alice).get(address(claim)).content.decode()
    assert "<textarea" not in html
    assert "This claim was withdrawn on " in text_of(html)


# -- replying ---------------------------------------------------------------------------------------------------------


def test_reply_hands_the_claim_back_and_leads_to_the_entry(world: World) -> None:
    claim = world.claim()
    world.ask(claim, slots=(Slot.SERIAL_PHOTO, Slot.WEIGHT))
    client = client_of(world.alice)
    response = send(client, claim, text="Here is the number.", **{"slot-SERIAL_PHOTO": photo("serial.png")})
    assert (response.status_code, response["Location"]) == (302, address(claim, "?at=4#e4"))
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
    file = Attachment.objects.get(name="serial.png")
    assert (file.claim_id, file.position, file.slot) == (claim.pk, 4, Slot.SERIAL_PHOTO)
    html = client.get(response["Location"]).content.decode()
    assert re.search(r"Sent \d+:\d\d [AP]M E[SD]T\. It is the SAFE-T team's turn\.", text_of(html))
    assert html.count("is-target") == 1
    assert not Draft.objects.exists()


def test_box_lists_what_was_asked_and_what_is_missing(world: World) -> None:
    claim = world.claim()
    world.ask(claim, slots=(Slot.SERIAL_PHOTO, Slot.WEIGHT))
    client = client_of(world.alice)
    form = form_of(client, claim)
    response = client.post(address(claim), {**form, "act": "save", "slot-WEIGHT": photo("scale.png")})
    assert (response.status_code, response["Location"]) == (302, address(claim, "#composer"))
    html = text_of(client.get(address(claim)).content.decode())
    assert "Still missing: photo of the serial number. You can send without, and say why." in html
    assert "Package weight Have 1 file" in html
    assert "Photo of the serial number Missing" in html


def test_reply_locks_the_claim_once(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    client = client_of(world.alice)
    form = {**form_of(client, claim), "act": "send", "text": "Here it is."}
    with CaptureQueriesContext(connection) as queries:
        assert client.post(address(claim), form).status_code == 302
    asked = [query["sql"] for query in queries]
    assert len([sql for sql in asked if 'FROM "claims_claim"' in sql and "FOR NO KEY UPDATE" in sql]) == 1
    assert len(asked) == 39


def test_words_kept_while_they_are_written_ask_twelve_questions(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    client.post(address(claim), {**form, "act": "auto", "n": 1, "text": "Hel"})
    with CaptureQueriesContext(connection) as queries:
        assert client.post(address(claim), {**form, "act": "auto", "n": 2, "text": "Hello"}).status_code == 200
    assert len(queries) == 12


def test_reply_counts_from_when_its_request_began(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    Claim.objects.filter(pk=claim.pk).update(reply_by=world.at(-1))
    claim = Claim.objects.select_related("seller", "order").get(pk=claim.pk)
    request = RequestFactory().post(address(claim), {"text": "Sent in time, long on its way", "act": "send"})
    outcome = submit.handle(claim, world.member(world.alice), form.read(request), zone="UTC", received_at=world.at(-1))
    assert outcome.problems == ()
    assert Message.objects.get(purpose=Message.Purpose.REPLY).at == world.at(-1)


def test_reply_after_reply_by_is_refused_with_its_sentence_and_kept(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    client = client_of(world.alice)
    form = form_of(client, claim)
    Claim.objects.filter(pk=claim.pk).update(reply_by=world.at(-0.001))
    response = client.post(address(claim), {**form, "act": "send", "text": "Too late?"})
    assert response.status_code == 200
    assert [alert[:13] for alert in alerts(response)] == ["Reply-by was "]
    assert "Too late?" in response.content.decode()
    assert Draft.objects.get().text == "Too late?"


def test_claim_that_moved_while_writing_is_told_and_the_text_kept(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    world.ask(claim)
    response = client.post(address(claim), {**form, "act": "send", "text": "By the way"})
    assert alerts(response) == [
        'This claim changed while you were writing: it is now "Awaiting Seller Response". '
        "Your text and files are kept below. Read the change, then decide what to send."
    ]
    shown = hidden(response.content.decode())
    assert (shown["text"], shown["stands"]) == ("By the way", "AWAITING_SELLER-FIRST")
    response = client.post(address(claim), {**shown, "act": "send"})
    assert response.status_code == 302
    assert Message.objects.get(text="By the way").purpose == Message.Purpose.REPLY


# -- messages and appeals ---------------------------------------------------------------------------------------------


def test_message_while_it_is_their_turn_moves_nothing(world: World) -> None:
    claim = world.claim()
    client = client_of(world.gus)
    response = send(client, claim, text="One more thing.", files=[photo("more.png")])
    assert response.status_code == 302
    claim.refresh_from_db()
    assert (claim.status, Message.objects.get().purpose) == (Status.UNDER_INVESTIGATION, Message.Purpose.MESSAGE)


def test_resolved_claim_asks_what_the_words_are_and_chooses_nothing(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    html = client.get(address(claim)).content.decode()
    assert re.findall(r'name="(kind|confirm)"[^>]*checked', html) == []
    response = send(client, claim, text="But look!")
    assert alerts(response) == ["Choose: appeal this decision, or send only a message."]
    response = send(client, claim, text="But look!", kind="appeal")
    assert alerts(response) == [
        "Say what is wrong with the decision: choose at least one thing.",
        f"Tick the box: this uses your one appeal for claim {claim.claim_id}.",
    ]
    assert Message.objects.count() == 0
    response = send(client, claim, text="But look!", kind="appeal", confirm="yes", **{"ground-0": "FACTS"})
    assert response.status_code == 302
    claim.refresh_from_db()
    assert (claim.status, claim.stage) == (Status.UNDER_INVESTIGATION, Stage.APPEAL)
    assert "Appeal filed " in text_of(client.get(response["Location"]).content.decode())


def test_thank_you_does_not_use_the_appeal_up(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 4000)
    client = client_of(world.alice)
    response = send(client, claim, text="Thank you.", kind="message")
    assert response.status_code == 302
    claim.refresh_from_db()
    assert (claim.status, claim.stage) == (Status.GRANTED, Stage.FIRST)
    html = text_of(client.get(response["Location"]).content.decode())
    assert "Appeal this decision" in html
    assert not re.search(r"Sent [^.]*\. It is the SAFE-T team's turn", html)


def test_after_the_time_to_appeal_only_a_message(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    form = form_of(client, claim)
    Claim.objects.filter(pk=claim.pk).update(appeal_by=world.at(-0.001))
    response = client.post(address(claim), {**form, "act": "send", "text": "Late", "kind": "appeal", "confirm": "yes"})
    assert [alert[:25] for alert in alerts(response)] == ["The time to appeal ended "]
    html = client.get(address(claim)).content.decode()
    assert "This is not an appeal." in html
    assert 'name="kind"' not in html
    assert send(client, claim).status_code == 302
    assert Message.objects.get().purpose == Message.Purpose.MESSAGE


# -- once, and nothing lost -------------------------------------------------------------------------------------------


def test_double_click_sends_once(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = {**form_of(client, claim), "act": "send", "text": "Once."}
    first = client.post(address(claim), {**form, "files": [photo()]})
    second = client.post(address(claim), {**form, "files": [photo()]})
    assert first["Location"] == second["Location"] == address(claim, "?at=2#e2")
    assert "You already sent this less than a minute ago." in text_of(client.get(second["Location"]).content.decode())
    assert (Message.objects.count(), Attachment.objects.filter(position=2).count()) == (1, 1)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("kept_before", [False, True])
def test_double_click_sends_once_though_the_thread_grew_since_the_page_was_opened(
    world: World, kept_before: bool
) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = {**form_of(client, claim), "text": "Once."}
    world.desk_message(claim)
    if kept_before:
        client.post(address(claim), {**form, "act": "auto"})
    first = client.post(address(claim), {**form, "act": "send"})
    second = client.post(address(claim), {**form, "act": "send"})
    assert first["Location"] == second["Location"] == address(claim, "?at=3#e3")
    assert Message.objects.filter(author=world.alice).count() == 1
    assert not Draft.objects.exists()


def test_a_second_tab_with_the_same_draft_sends_it_no_second_time_though_the_first_was_opened_before(
    world: World,
) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    first = {**form_of(client, claim), "text": "Once."}
    world.desk_message(claim)
    client.post(address(claim), {**first, "act": "save", "files": [photo("a.png")]})
    second = form_of(client, claim)
    assert (second["text"], second["draft"] == first["draft"]) == ("Once.", False)
    sent = client.post(address(claim), {**first, "act": "send"})
    again = client.post(address(claim), {**second, "act": "send"})
    assert sent["Location"] == again["Location"] == address(claim, "?at=3#e3")
    assert Message.objects.filter(author=world.alice).count() == 1
    assert not Draft.objects.exists()


def test_the_same_words_with_another_file_are_no_second_click(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    first = {**form_of(client, claim), "text": "Here it is."}
    world.desk_message(claim)
    client.post(address(claim), {**first, "act": "save"})
    second = form_of(client, claim)
    client.post(address(claim), {**first, "act": "send"})
    client.post(address(claim), {**second, "act": "send", "files": [photo("a.png")]})
    kept = Attachment.objects.get(name="a.png")
    assert (kept.claim_id, Message.objects.filter(author=world.alice).count()) == (claim.pk, 2)


def test_the_key_of_another_members_draft_is_not_taken(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    others = form_of(client_of(world.gus), claim)["draft"]
    for key in (others, str(uuid4())):
        client.post(address(claim), {**form_of(client, claim), "draft": key, "act": "send", "text": "Mine."})
        assert str(Message.objects.latest("pk").draft_uuid) != key
    assert Message.objects.count() == 2


def test_two_tabs_send_once(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    tabs = [form_of(client, claim) for _ in range(2)]
    assert tabs[0]["draft"] == tabs[1]["draft"]
    for tab in tabs:
        client.post(address(claim), {**tab, "act": "send", "text": "From two tabs."})
    assert Message.objects.count() == 1


def test_other_words_from_a_used_tab_are_kept_and_not_sent(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    client.post(address(claim), {**form, "act": "send", "text": "First."})
    response = client.post(address(claim), {**form, "act": "send", "text": "Second."})
    assert len(alerts(response)) == 1
    assert Draft.objects.get().text == "Second."
    response = client.post(address(claim), {**hidden(response.content.decode()), "act": "send"})
    assert response.status_code == 302
    assert list(Message.objects.order_by("position").values_list("text", flat=True)) == ["First.", "Second."]


def test_draft_keeps_text_files_and_choice_through_signing_out(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    form = form_of(client, claim)
    client.post(address(claim), {**form, "act": "save", "text": "Half", "kind": "appeal", "files": [photo("a.png")]})
    client.logout()
    html = client_of(world.alice).get(address(claim)).content.decode()
    assert hidden(html)["text"] == "Half"
    assert "a.png" in html
    assert re.search(r'id="kind-appeal" value="appeal"\s+checked', html)
    assert re.search(r"Draft saved \d+:\d\d [AP]M E[SD]T\. Only you can see it\.", html)
    assert "a.png" not in client_of(world.gus).get(address(claim)).content.decode()


def test_remove_takes_a_file_out_and_keeps_the_text(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    files = [photo("a.png"), photo("b.png", "#ffffff")]
    client.post(address(claim), {**form, "act": "save", "text": "x", "files": files})
    file = Attachment.objects.get(name="a.png")
    client.post(address(claim), {**form_of(client, claim), "text": "y", "remove": str(file.uuid)})
    draft = Draft.objects.get()
    assert (draft.text, [each.name for each in draft.attachments.all()]) == ("y", ["b.png"])


def test_newer_draft_of_another_tab_is_not_overwritten_unasked(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    old, new = form_of(client, claim), form_of(client, claim)
    client.post(address(claim), {**new, "act": "save", "text": "Newer words"})
    assert client.post(address(claim), {**old, "act": "auto", "text": "Older"}).status_code == 409
    response = client.post(address(claim), {**old, "act": "send", "text": "Older words"})
    html = response.content.decode()
    assert "A newer draft from " in text_of(html)
    assert hidden(html)["text"] == "Older words"
    assert Draft.objects.get().text == "Newer words"
    client.post(address(claim), {**hidden(html), "act": "keep"})
    assert Draft.objects.get().text == "Older words"
    assert send(client, claim).status_code == 302
    assert Message.objects.get().text == "Older words"


def test_script_keeps_what_is_written_and_never_what_was_sent(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    for text in ("Hel", "Hello"):
        response = client.post(address(claim), {**form, "act": "auto", "text": text})
        assert (response.status_code, list(response.json())) == (200, ["words", "kept_at"])
    assert Draft.objects.get().text == "Hello"
    assert client.post(address(claim), {**form, "act": "send", "text": "Hello."}).status_code == 302
    assert client.post(address(claim), {**form, "act": "auto", "text": "Hello"}).status_code == 409
    assert not Draft.objects.exists()


def test_who_writes_on_where_another_tab_sent_reads_that_it_is_not_kept_by_itself(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    client.post(address(claim), {**form, "act": "send", "text": "First."})
    response = client.post(address(claim), {**form, "act": "auto", "text": "What else there is to say"})
    assert response.status_code == 409
    assert "is not saved automatically" in response.json()["words"]
    assert not Draft.objects.exists()


# -- bad input --------------------------------------------------------------------------------------------------------


def test_empty_and_too_long_messages_are_told(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    assert alerts(send(client, claim, text="  \r\n ")) == ["Write a message or attach a file."]
    response = send(client, claim, text="a" * 10_001)
    assert alerts(response) == ["The message is 1 character too long; at most 10,000."]
    assert hidden(response.content.decode())["text"] == "a" * 10_001
    assert send(client, claim, text="a" * 10_000).status_code == 302


def test_characters_nobody_can_read_are_taken_out_and_told(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    response = send(client, claim, text="a\x00b\x07c\ufffe")
    assert alerts(response) == [
        "The text held characters that can't be shown. They were removed: read it again, then send."
    ]
    assert hidden(response.content.decode())["text"] == "abc"
    assert send(client, claim).status_code == 302


def test_each_file_has_its_sentence_and_the_good_ones_stay(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    program = SimpleUploadedFile("invoice.pdf", b"MZ\x90\x00\x03" + b"\x00" * 60, "application/pdf")
    files = [photo("good.png"), program, SimpleUploadedFile("empty.png", b"", "image/png")]
    response = send(client, claim, text="See files", files=files)
    assert alerts(response) == [
        "invoice.pdf is a program, whatever its name says. "
        "PNG, JPEG, WebP, HEIC, PDF, text, CSV, EML, MP4 and MOV are accepted.",
        "empty.png is empty (0 bytes). Choose it again; on a phone, wait until the photo is saved.",
    ]
    draft = Draft.objects.get()
    assert (draft.text, [file.name for file in draft.attachments.all()]) == ("See files", ["good.png"])


def test_eleven_files_are_too_many(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    files = [photo(f"{n}.png", f"#0000{n:02x}") for n in range(11)]
    response = send(client, claim, text="All", files=files)
    assert alerts(response) == ["11 files chosen; at most 10 in one message. Send the rest in a second message."]


def test_names_and_words_of_an_attacker_stay_words(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    name = "<img src=x onerror=alert(1)>\u202egnp.exe.png"
    response = send(client, claim, text="<script>alert(1)</script>\u202e", files=[photo(name)])
    html = client.get(response["Location"]).content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "\u202e" not in Attachment.objects.get(position=2).name


@pytest.mark.parametrize(
    "fields",
    [
        {"draft": "not-a-uuid"},
        {"draft": "00000000-0000-0000-0000-000000000000"},
        {"kept_at": "\x00", "stands": "\x00"},
        {"act": "explode", "kind": "bribe", "confirm": "maybe", "remove": "../../x"},
        {"remove": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_forged_fields_never_break_the_page(world: World, fields: dict[str, str]) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    response = send(client_of(world.alice), claim, **{"text": "x", **fields})
    assert response.status_code in (200, 302)
    assert Message.objects.count() == 0


def test_draft_of_somebody_else_cannot_be_sent(world: World) -> None:
    claim = world.claim()
    draft = world.reply_draft(claim, by=world.gus)
    world.add_file(draft)
    response = send(client_of(world.alice), claim, text="Mine", draft=str(draft.uuid))
    assert response.status_code == 302
    assert Message.objects.get().author_id == world.alice.pk
    assert draft.attachments.count() == 1


def test_reader_further_east_is_told_the_last_day(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    assert claim.reply_by is not None
    day = claim.reply_by.astimezone(ZoneInfo("America/Los_Angeles"))
    sentence = f"The last day is {day:%a}, {day:%b} {day.day}: it ends at midnight {day:%Z}."
    assert sentence in text_of(client_of(world.alice).get(address(claim)).content.decode())
    world.alice.zone = "America/Los_Angeles"
    world.alice.save()
    assert "The last day is" not in text_of(client_of(world.alice).get(address(claim)).content.decode())


def test_who_has_more_unread_than_a_page_is_led_to_where_they_stopped(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    client.get(address(claim))
    messages(claim, world, 60)
    assert 'href="?at=1#e1"' in client.get(address(claim)).content.decode()
    world.desk_message(claim)
    html = client.get(address(claim)).content.decode()
    assert 'href="#new"' in html
    assert html.count('id="new"') == 1
