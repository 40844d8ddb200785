"""In a made-up language that puts every translated text in brackets, no page says anything of ours without them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from accounts.models import User
from messaging.notifications import delivery
from tests import pseudo
from tests.cast import World
from tests.html import content_of
from tests.test_isolation import TwoSellers, addresses, two_sellers

__all__ = ["two_sellers"]
# What other libraries and the record's rows show as it is: their own names, keys of JSON, signs between texts.
THEIRS = re.compile(
    r"Seller A|"  # who wrote an old e-mail, as its own header says
    r"\b[Aa]uthenticators?\b|\|[\w ]*\||^[\w ]+\||\bpath:.*|\bSHA-|\bTrue\b|\bFalse\b|\{\".*|\b\w+ object \(.*"
)


def pages_of(people: Iterable[User], asked: list[str]) -> dict[str, str]:
    """Return what pages say without brackets, each with the address of one that says it."""
    found: dict[str, str] = {}
    for person in people:
        client = Client(raise_request_exception=False)
        known = pseudo.data()
        for address in dict.fromkeys(asked):
            client.force_login(person)
            answer = client.get(address)
            content = content_of(answer)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                for text in pseudo.unmarked(content.decode(), known):
                    if re.search(r"[^\W\d_]{2,}", THEIRS.sub(" ", text)):
                        found.setdefault(text, address)
    return found


def told(found: dict[str, str]) -> str:
    return "\n".join(f"{text!r} on {place}" for text, place in found.items())


@pytest.mark.parametrize("side", ["seller", "desk"])
def test_all_that_pages_say_is_given_to_gettext(two_sellers: TwoSellers, side: str) -> None:
    world, is_desk = two_sellers.world, side == "desk"
    claims = [claim for _position, claim in world.in_every_position()]
    pages = ("/admin/desk/{}/",) if is_desk else ("/claims/{}/", "/claims/{}/messages/")
    asked = [page.format(claim.claim_id) for claim in claims for page in pages]
    asked += [path for _route, path in addresses(two_sellers.ours.ids) if path.startswith("/admin/") == is_desk]
    with pseudo.speak():
        found = pages_of((world.sam, world.ada) if is_desk else (world.alice,), asked)
    assert not found, told(found)


def test_all_that_emails_say_is_given_to_gettext(world: World, mailoutbox: list[EmailMultiAlternatives]) -> None:
    world.now = timezone.now()
    for _position, claim in world.in_every_position():
        assert claim.pk
    with pseudo.speak():
        delivery.deliver(timezone.now())
        known = pseudo.data()
    assert len({email.subject for email in mailoutbox}) > 20
    found = {}
    for email in mailoutbox:
        html = next(str(part) for part, kind in email.alternatives if kind == "text/html")
        texts = pseudo.unmarked(html, known) + pseudo.unmarked_text(f"{email.subject}\n{email.body}", known)
        found.update(dict.fromkeys(texts, email.subject))
    assert not found, told(found)
