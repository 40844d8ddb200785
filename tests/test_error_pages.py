"""Pages for what went wrong: one thing said, nothing lost, never a page that itself breaks."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from django.db import InterfaceError
from django.template.loader import render_to_string
from django.test import Client

from accounts.models import Membership, Role, Seller, User
from claims.files.bucket import StorageAway
from safet_portal.errors import server_error
from safet_portal.logs import is_draft_kept
from tests.cast import World
from tests.html import CheckingClient, problems


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("400", "The address or the form sent isn't one of this portal."),
        ("403", "You may read this, but not do it. Nothing was changed."),
        ("403_csrf", "The page couldn't prove that it was yours. Go back, reload, and send again."),
        ("404", "This address doesn't exist, or it isn't yours to see."),
        ("413", "One message can carry 10 files of 10 MB. Nothing was sent. Go back in your browser to your text"),
        ("429", "Wait a few minutes."),
        ("500", "It may work in a minute."),
        ("503", "The portal can't reach its data at the moment. Wait a minute, then reload this page."),
    ],
)
def test_page_is_drawn_with_nothing_known(name: str, sentence: str) -> None:
    page = render_to_string(f"{name}.html")
    assert (" ".join(page.split()).count(sentence), problems(page)) == (1, [])


def test_wait_is_said_in_minutes() -> None:
    assert "Wait 1 minute." in render_to_string("429.html", {"minutes": 1})
    assert "Wait 5 minutes." in render_to_string("429.html", {"minutes": 5})


def test_broken_page_says_by_what_to_be_found() -> None:
    page = render_to_string("500.html", {"request_id": "8f3a"})
    assert 'If it happens again, quote <span class="id">8f3a</span>.' in page


def test_a_draft_is_promised_only_where_one_was_kept(world: World, django_capture_on_commit_callbacks: Any) -> None:
    """By the request that broke, and for good: what its transaction took back is none."""
    structlog.contextvars.clear_contextvars()
    with django_capture_on_commit_callbacks() as callbacks:
        world.draft()
    assert not is_draft_kept()
    for callback in callbacks:
        callback()
    assert is_draft_kept()
    structlog.contextvars.clear_contextvars()
    for name in ("500", "503"):
        said = {"was_sent": True, "draft_kept": True}
        assert "Your draft is kept." in render_to_string(f"{name}.html", said)
        assert "Your draft is kept." not in render_to_string(f"{name}.html", {**said, "draft_kept": False})


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (StorageAway("gone"), 503, "Files can't be reached at the moment."),
        (InterfaceError("connection already closed"), 503, "The portal can't reach its data at the moment."),
        (ValueError("a fault of ours"), 500, "Something broke on our side"),
    ],
)
def test_what_may_work_in_a_minute_says_so(rf: Any, error: Exception, status: int, sentence: str) -> None:
    try:
        raise error
    except Exception:
        response = server_error(rf.get("/claims/"))
    assert (response.status_code, response.headers.get("Retry-After")) == (status, "60" if status == 503 else None)
    assert sentence in response.content.decode()


def test_strangers_are_offered_to_sign_in(client: CheckingClient, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert 'href="/accounts/login/"' in response.content.decode()


def test_member_of_two_sellers_is_offered_the_other(client: CheckingClient, db: None) -> None:
    user = User.objects.create_user("gus@agency.example", "demo")
    for slug in ("blue-door", "rival"):
        seller = Seller.objects.create(slug=slug, name=slug.title(), marketplace="US")
        Membership.objects.create(user=user, seller=seller, role=Role.MEMBER)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/nowhere/").content.decode()
    assert "Signed in as gus@agency.example, Blue-Door." in page
    assert [page.count(f"Switch to {name}") for name in ("Rival", "Blue-Door")] == [1, 0]


def test_form_without_proof_is_refused_with_a_page(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@example.com", "password": "x"})
    assert (response.status_code, "Nothing was changed" in response.content.decode()) == (403, True)
