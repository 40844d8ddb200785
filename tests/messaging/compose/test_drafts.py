"""Words on their way into a draft: late ones, long ones, files without any, two tabs; none gets lost."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from claims.models import Attachment, Claim, Draft
from messaging.models import Message
from tests.cast import PASSWORD, World
from tests.html import CheckingClient
from tests.messaging.pages import address, alerts, client_of, form_of, hidden, photo, send


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def auto(client: CheckingClient, claim: Claim, form: dict[str, Any], n: int, text: str) -> Any:
    return client.post(address(claim), {**form, "act": "auto", "n": n, "text": text})


# -- in order ---------------------------------------------------------------------------------------------------------


def test_older_words_that_come_last_don_t_overwrite_newer_ones(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    assert auto(client, claim, form, 2, "Newer words").status_code == 200
    late = auto(client, claim, form, 1, "Newer")
    assert (late.status_code, late.json(), Draft.objects.get().text) == (200, {"n": 2}, "Newer words")
    assert auto(client, claim, form, 3, "Newest words").status_code == 200
    assert Draft.objects.get().text == "Newest words"


def test_late_words_of_a_page_are_late_after_another_page_wrote(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    client.post(address(claim), {**form, "act": "save", "n": 5, "text": "Saved by a button"})
    again = form_of(client, claim)
    auto(client, claim, again, 1, "Written on the next page")
    assert auto(client, claim, form, 4, "Saved by a").status_code in (200, 409)
    assert Draft.objects.get().text == "Written on the next page"


def test_a_person_who_sends_what_came_back_from_the_history_is_asked(world: World) -> None:
    """The page has its old number again. A script is told the number; words that a person sends are offered."""
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    auto(client, claim, form, 7, "What stands in the draft")
    response = client.post(address(claim), {**form, "act": "save", "n": 1, "text": "What stood on the page"})
    assert "A newer draft from " in response.content.decode()
    assert (hidden(response.content.decode())["text"], Draft.objects.get().text) == (
        "What stood on the page",
        "What stands in the draft",
    )


@pytest.mark.parametrize("n", ["", "-1", "²", "1" * 30, "x"])
def test_numbers_that_are_none_count_as_the_first(world: World, n: str) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    assert client.post(address(claim), {**form, "act": "auto", "n": n, "text": "Hello"}).status_code == 200
    assert Draft.objects.get().text == "Hello"


# -- files without words ----------------------------------------------------------------------------------------------


def test_an_upload_changes_neither_words_nor_choices(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    form = form_of(client, claim)
    chosen = {"kind": "appeal", "ground-0": ["FACTS"]}
    client.post(address(claim), {**form, "act": "auto", "n": 2, "text": "Newer words", **chosen})
    before = Draft.objects.get()
    late = {**form, "act": "upload", "text": "Old words", "kind": "message", "files": [photo()]}
    assert client.post(address(claim), late).status_code == 302
    draft = Draft.objects.get()
    assert (draft.text, draft.choices, draft.attachments.count()) == ("Newer words", before.choices, 1)
    assert form_of(client, claim)["kept_at"] == before.choices["words_at"]


def test_an_upload_in_a_second_tab_makes_no_words_of_it_newer(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    first, second = form_of(client, claim), form_of(client, claim)
    client.post(address(claim), {**second, "act": "upload", "files": [photo("a.png")]})
    auto(client, claim, first, 1, "Written in the first")
    client.post(address(claim), {**second, "act": "upload", "files": [photo("b.png", "#ffffff")]})
    assert auto(client, claim, first, 2, "Written in the first tab").status_code == 200
    assert auto(client, claim, second, 1, "Written in the second").status_code == 409
    assert (Draft.objects.get().text, Draft.objects.get().attachments.count()) == ("Written in the first tab", 2)


def test_what_a_form_does_not_carry_stays(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    form = form_of(client, claim)
    client.post(address(claim), {**form, "act": "save", "text": "Half", "kind": "appeal", "ground-0": ["FACTS"]})
    bare = {name: form[name] for name in ("draft", "tab", "n", "stands")}
    file = client.post(address(claim), {**bare, "act": "save", "files": [photo()]})
    client.post(address(claim), {**bare, "act": "remove", "remove": str(Attachment.objects.get(name="label.png").uuid)})
    draft = Draft.objects.get()
    assert (file.status_code, draft.text, draft.choices["kind"], draft.choices["grounds"]) == (
        302, "Half", "appeal", [[0, "FACTS"]],
    )  # fmt: skip


def test_a_choice_that_was_taken_back_is_none(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    form = {**form_of(client, claim), "act": "save", "text": "Half", "kind": "appeal"}
    client.post(address(claim), {**form, "ground-0": ["FACTS"]})
    client.post(address(claim), form)
    assert Draft.objects.get().choices["grounds"] == []


def test_an_upload_by_who_is_signed_out_holds_no_words(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    Session.objects.all().delete()
    response = client.post(address(claim), {**form, "act": "upload", "files": [photo()]})
    where = client.post(response["Location"], {"login": world.alice.email, "password": PASSWORD})["Location"]
    assert "too old to send from" not in client.get(where).content.decode()


# -- two tabs ---------------------------------------------------------------------------------------------------------


def two_tabs(world: World, claim: Claim) -> tuple[CheckingClient, dict[str, str]]:
    """Another tab kept "Theirs"; this one is told so when it saves "Mine". Return its form as it is shown then."""
    client = client_of(world.alice)
    mine, theirs = form_of(client, claim), form_of(client, claim)
    client.post(address(claim), {**theirs, "act": "save", "text": "Theirs"})
    html = client.post(address(claim), {**mine, "act": "save", "text": "Mine"}).content.decode()
    assert "A newer draft from " in html
    return client, hidden(html)


@pytest.mark.parametrize(("act", "text", "aside"), [("use", "Theirs", "Mine"), ("keep", "Mine", "Theirs")])
def test_words_that_give_way_are_kept_for_one_step_back(world: World, act: str, text: str, aside: str) -> None:
    claim = world.claim()
    client, form = two_tabs(world, claim)
    assert client.post(address(claim), {**form, "act": act}).status_code == 302
    html = client.get(address(claim)).content.decode()
    assert (hidden(html)["text"], Draft.objects.get().choices["aside"]["text"]) == (text, aside)
    assert "The text that was here until " in html
    for shown in (aside, text):  # there, and there again
        assert client.post(address(claim), {**form_of(client, claim), "act": "back"}).status_code == 302
        assert form_of(client, claim)["text"] == shown


def test_script_is_given_the_words_it_asked_for(world: World) -> None:
    claim = world.claim()
    client, form = two_tabs(world, claim)
    said = client.post(address(claim), {**form, "act": "use"}, headers={"accept": "application/json"}).json()
    assert (said["text"], said["aside"].startswith("The text that was here until ")) == ("Theirs", True)
    assert Draft.objects.get().text == "Theirs"
    assert auto(client, claim, {**form, "kept_at": said["kept_at"]}, 2, "Theirs, and mine").status_code == 200


def test_nothing_gives_way_to_an_empty_draft_and_no_step_back_is_none(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    for act in ("use", "back"):
        client.post(address(claim), {**form, "act": act, "text": "Mine"})
        assert (Draft.objects.get().text, Draft.objects.get().choices.get("aside")) == ("Mine", None)


# -- long ones --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["a", "😀"])
def test_ten_thousand_characters_are_enough_whatever_their_bytes(world: World, letter: str) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    said = auto(client, claim, form_of(client, claim), 1, letter * 10_003).json()["words"]
    assert said.endswith("Only you can see it. The message is 3 characters too long; at most 10,000.")
    assert Draft.objects.get().text == letter * 10_003
    assert alerts(send(client, claim)) == ["The message is 3 characters too long; at most 10,000."]
    assert send(client, claim, text=letter * 10_000).status_code == 302
    assert Message.objects.get().text == letter * 10_000


def test_far_too_many_characters_are_kept_too(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    said = auto(client, claim, form_of(client, claim), 1, "😀" * 70_000)
    assert said.status_code == 200
    html = client.get(address(claim)).content.decode()
    assert "The message is 60000 characters too long" in unescape(html)
    assert hidden(html)["text"] == "😀" * 70_000


def test_more_than_any_draft_takes_is_refused_by_its_size(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    auto(client, claim, form, 1, "What is kept")
    assert auto(client, claim, form, 2, "a" * 1_100_000).status_code == 413
    assert Draft.objects.get().text == "What is kept"


def test_long_words_come_back_whole_after_the_sign_in(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    Session.objects.all().delete()
    response = client.post(address(claim), {**form, "act": "send", "text": "a" * 60_000})
    where = client.post(response["Location"], {"login": world.alice.email, "password": PASSWORD})["Location"]
    assert hidden(client.get(where).content.decode())["text"] == "a" * 60_000
