"""The composer's form sent by several requests at once, on PostgreSQL with threads."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import HttpResponse

from claims.models import Attachment, Draft
from claims.rules.lifecycle import Status
from messaging.models import Message
from tests.cast import World
from tests.messaging.pages import address, client_of, form_of, photo

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


@pytest.mark.parametrize("before", ["", "saved", "grown"])
def test_four_clicks_at_once_send_one_reply(world: World, before: str) -> None:
    claim = world.claim()
    world.ask(claim)
    clients = [client_of(world.alice) for _ in range(4)]
    form = form_of(clients[0], claim)
    if before == "grown":
        world.desk_message(claim)
    if before == "saved":
        clients[0].post(address(claim), {**form, "act": "save", "text": "Here"})
        form = form_of(clients[0], claim)
    start = threading.Barrier(4)
    answers: list[HttpResponse] = []

    def click(n: int) -> None:
        try:
            start.wait()
            fields = {**form, "act": "send", "text": "Here it is.", "slot-SERIAL_PHOTO": photo("serial.png")}
            answers.append(clients[n].post(address(claim), fields))
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = Message.objects.get(purpose=Message.Purpose.REPLY)
    place = 5 if before == "grown" else 4
    assert [(a.status_code, a["Location"]) for a in answers] == [(302, address(claim, f"?at={place}#e{place}"))] * 4
    assert Attachment.objects.filter(claim=claim, position=sent.position).count() == 1
    assert not Draft.objects.exists()
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
