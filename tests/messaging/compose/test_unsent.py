"""Words sent from a page that nobody is signed in on any more, or that is too old: they come back to their writer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from accounts import unsent
from claims.models import Claim, Draft
from messaging.models import Message
from tests.cast import PASSWORD, World
from tests.html import CheckingClient
from tests.messaging.pages import address, client_of, form_of, hidden, photo


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def sent_signed_out(world: World, claim: Claim, **fields: Any) -> tuple[CheckingClient, str]:
    """Fill in the box, let the session end, send; return the client and where it is led."""
    client = client_of(world.alice)
    form = form_of(client, claim)
    Session.objects.filter(pk=client.session.session_key).delete()
    response = client.post(address(claim), {**form, "act": "send", "text": "An hour of work.", **fields})
    assert response.status_code == 302
    return client, response["Location"]


def sign_in(client: CheckingClient, where: str, email: str) -> str:
    response = client.post(where, {"login": email, "password": PASSWORD})
    assert response.status_code == 302
    return response["Location"]


def test_words_sent_after_the_session_ended_are_in_the_box_after_the_sign_in(world: World) -> None:
    claim = world.claim()
    client, where = sent_signed_out(world, claim)
    assert where == f"/accounts/login/?next={address(claim)}"
    assert "You were signed out. Your text is kept; sign in to go on." in client.get(where).content.decode()
    html = client.get(sign_in(client, where, world.alice.email)).content.decode()
    assert hidden(html)["text"] == "An hour of work."
    assert "That page was too old to send from. Nothing was sent" in html
    assert (Draft.objects.get().text, Message.objects.count()) == ("An hour of work.", 0)
    assert "too old to send from" not in client.get(address(claim)).content.decode()


def test_grounds_stay_and_files_have_to_be_chosen_again(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client, where = sent_signed_out(world, claim, kind="appeal", files=[photo()], **{"ground-0": ["FACTS", "FILES"]})
    html = client.get(sign_in(client, where, world.alice.email)).content.decode()
    assert "Choose the files again." in html
    assert Draft.objects.get().choices["grounds"] == [[0, "FACTS"], [0, "FILES"]]


def test_newer_draft_is_not_overwritten(world: World) -> None:
    claim = world.claim()
    other = client_of(world.alice)
    client, where = sent_signed_out(world, claim)
    other.post(address(claim), {**form_of(other, claim), "act": "save", "text": "Meanwhile, elsewhere."})
    html = client.get(sign_in(client, where, world.alice.email)).content.decode()
    assert hidden(html)["text"] == "An hour of work."
    assert "A newer draft from " in html
    assert Draft.objects.get().text == "Meanwhile, elsewhere."


def test_somebody_else_who_signs_in_there_reads_nothing_of_it(world: World) -> None:
    claim = world.claim()
    client, where = sent_signed_out(world, claim)
    html = client.get(sign_in(client, where, world.gus.email)).content.decode()
    assert "An hour of work." not in html
    assert not Draft.objects.exists()


@pytest.mark.parametrize("unsent_of", ["", "x", "[1]:1abcde:abcdef", "another claim", "another person"])
def test_form_that_is_not_ours_is_not_kept(world: World, unsent_of: str) -> None:
    claim, other = world.claim(), world.claim()
    proof = {
        "another claim": unsent.proof(world.alice.pk, address(other)),
        "another person": unsent.proof(world.gus.pk, address(claim)),
    }.get(unsent_of, unsent_of)
    client, where = sent_signed_out(world, claim, unsent=proof)
    html = client.get(sign_in(client, where, world.alice.email)).content.decode()
    assert "An hour of work." not in html


def test_form_with_an_old_proof_comes_back_with_its_words(world: World) -> None:
    claim = world.claim()
    client = CheckingClient(enforce_csrf_checks=True)
    client.force_login(world.alice)
    form = form_of(client, claim)
    response = client.post(address(claim), {**form, "act": "send", "text": "An hour of work."})
    assert (response.status_code, response["Location"]) == (302, address(claim))
    html = client.get(address(claim)).content.decode()
    assert hidden(html)["text"] == "An hour of work."
    assert Message.objects.count() == 0


def test_form_forged_elsewhere_is_refused_and_not_kept(world: World) -> None:
    claim = world.claim()
    client = CheckingClient(enforce_csrf_checks=True)
    client.force_login(world.alice)
    form = form_of(client, claim)
    for proof in ("", unsent.proof(world.mallory.pk, address(claim))):
        response = client.post(address(claim), {**form, "act": "send", "text": "Buy now.", "unsent": proof})
        assert response.status_code == 403
    assert "Buy now." not in client.get(address(claim)).content.decode()


def test_what_the_script_keeps_is_told_that_nobody_is_signed_in(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    form = form_of(client, claim)
    client.logout()
    response = client.post(address(claim), {**form, "act": "auto", "text": "Hel"})
    assert response.status_code == 302
    assert Session.objects.count() == 0


def test_script_is_offered_what_another_tab_wrote(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    first, second = form_of(client, claim), form_of(client, claim)
    client.post(address(claim), {**first, "act": "auto", "text": "First tab"})
    response = client.post(address(claim), {**second, "act": "auto", "text": "Second tab"})
    said = response.json()
    assert response.status_code == 409
    assert said["words"].startswith("A newer draft from ")
    assert said["other"]["text"] == "First tab"
    used = {**second, "act": "auto", "text": "First tab, and more", "kept_at": said["other"]["kept_at"]}
    assert client.post(address(claim), used).status_code == 200
    kept = client.post(
        address(claim), {**first, "act": "keep", "text": "First tab alone"}, headers={"Accept": "application/json"}
    )
    assert (kept.status_code, Draft.objects.get().text) == (200, "First tab alone")
