"""Keys that a browser names, posted by somebody they don't belong to: what a made-up one gets, and never a 500.

A key of another person or seller must not be in the way, must not find anything, and must not be told apart.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import models
from django.test import Client

from accounts.models import Membership
from claims.filing.batches import begin_drafts, begin_submit
from claims.models import Attachment, Batch, BatchRow, Claim, Draft
from claims.refunds.keys import key_of
from desk.models import SavedFilter
from messaging.compose import own_draft
from messaging.models import Message
from tests.cast import World
from tests.messaging.pages import client_of


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def own_batch(world: World, member: Membership) -> Batch:
    line = world.refund(seller=member.seller)
    rows = [{"number": 2, "order_id": line.order.order_id, "sku": line.sku}]
    return begin_drafts(membership=member, uuid=uuid4(), rows=rows, name="mine.csv", now=world.now)


def test_batch_key_of_another_begins_a_batch_of_ones_own(world: World) -> None:
    alices = own_batch(world, world.member(world.alice))
    line = world.refund(seller=world.lamps)
    answers = []
    for key in (alices.uuid, uuid4()):
        client = client_of(world.mallory)
        answer = client.post("/refunds/selected/", {"seller": "seller-b", "key": str(key), "chosen": key_of(line)})
        page = client.get(f"/refunds/batches/{key}/")
        answers.append((answer.status_code, answer["Location"] == f"/refunds/batches/{key}/", page.status_code))
        assert "mine.csv" not in page.content.decode()
        mine = Batch.objects.get(uuid=key, user=world.mallory)
        assert (mine.seller, mine.total) == (world.lamps, 1)
    assert answers == [(302, True, 200)] * 2
    alices.refresh_from_db()
    assert BatchRow.objects.filter(batch=alices).count() == 1
    assert client_of(world.alice).get(f"/refunds/batches/{alices.uuid}/").status_code == 200


def test_batch_key_of_another_member_of_the_seller_is_none_of_mine(world: World) -> None:
    alices = own_batch(world, world.member(world.alice))
    gus = begin_drafts(membership=world.member(world.gus), uuid=alices.uuid, rows=[], name="his", now=world.now)
    assert (gus.pk != alices.pk, gus.uuid, gus.user) == (True, alices.uuid, world.gus)


def test_ones_own_key_for_another_seller_account_begins_another_batch(world: World) -> None:
    first = own_batch(world, world.member(world.gus))
    rows = [{"number": 2, "order_id": "111-0000000-0000000", "sku": ""}]
    other = begin_drafts(
        membership=world.member(world.gus, world.lamps), uuid=first.uuid, rows=iter(rows), name="other", now=world.now
    )
    assert (other.pk != first.pk, other.uuid != first.uuid, other.seller, other.rows.count()) == (
        True, True, world.lamps, 1,
    )  # fmt: skip
    again = begin_drafts(membership=world.member(world.gus), uuid=first.uuid, rows=rows, name="x", now=world.now)
    assert again == first


def test_drafts_and_batch_of_another_are_submitted_for_nobody(world: World) -> None:
    """By a stranger's own form, with the key of a batch that is there and with one that isn't."""
    draft, alices = world.draft(), own_batch(world, world.member(world.alice))
    fields: dict[str, Any] = {"seller": "seller-b", "accepted": "yes", "draft": [str(draft.uuid), str(uuid4())]}
    client = client_of(world.mallory)
    told = [client.post("/drafts/submit/", {**fields, "key": str(key)}).status_code for key in (alices.uuid, uuid4())]
    assert told == [404, 404]
    own = world.draft(world.refund(seller=world.lamps), by=world.mallory)
    begun = begin_submit(
        membership=world.member(world.mallory, world.lamps), uuid=alices.uuid, drafts=[own.uuid, draft.uuid],
        accepted=[], now=world.now,
    )  # fmt: skip
    assert [row.draft_uuid for row in begun.rows.all()] == [own.uuid]
    assert Claim.objects.count() == 0


@pytest.mark.parametrize("whose", ["alice", "gus"])
def test_draft_key_of_another_sends_and_keeps_ones_own_words_alone(world: World, whose: str) -> None:
    """Of another member of the claim's seller, and of a person of another seller: the message is one's own, once."""
    claim = world.claim()
    theirs = world.reply_draft(claim, by=getattr(world, whose))
    other = world.claim(world.refund(seller=world.lamps), by=world.mallory)
    sender, of = (world.gus, claim) if whose == "alice" else (world.mallory, other)
    page = f"/claims/{of.claim_id}/messages/"
    keys = [theirs.uuid, own_draft.draft_key(claim, theirs.user_id), uuid4()]
    for act in ("auto", "save", "send"):
        told = set()
        for n, key in enumerate(keys):
            fields = {"act": act, "draft": str(key), "text": f"Words {act} {n}.", "tab": f"t{act}{n}", "n": "1"}
            Draft.objects.filter(user=sender, claim=of).delete()
            told.add(client_of(sender).post(page, fields).status_code)
        assert len(told) == 1, act
        assert told <= {200, 302}, act
    said = Message.objects.filter(claim=of, author=sender).order_by("pk").values_list("text", flat=True)
    assert list(said) == [f"Words send {n}." for n in range(3)]
    assert Draft.objects.filter(pk=theirs.pk).count() == 1


def test_message_key_that_another_sent_under_finds_nothing(world: World) -> None:
    claim = world.claim()
    sent = world.message(claim, text="Alice's own words.").message
    assert sent is not None
    key = sent.draft_uuid
    page = f"/claims/{claim.claim_id}/messages/"
    answer = client_of(world.gus).post(page, {"act": "send", "draft": str(key), "text": "Of Gus."}, follow=True)
    assert answer.status_code == 200
    assert Message.objects.filter(claim=claim, author=world.gus).get().text == "Of Gus."


def test_file_key_of_another_takes_no_file_away(world: World) -> None:
    """The key of a file of another's draft, in every form that takes files out."""
    claim, draft = world.claim(), world.draft()
    file = world.add_file(draft, name="alices.txt", data=b"hers")
    sent = claim.attachments.all()[0]
    own = world.claim(world.refund(seller=world.lamps), by=world.mallory)
    own_draft = world.draft(world.refund(seller=world.lamps), by=world.mallory)
    client = client_of(world.mallory)
    before = set(Attachment.objects.values_list("pk", flat=True))
    forms = {
        f"/claims/{own.claim_id}/messages/": lambda key: {"remove": key, "text": "x"},
        f"/claims/new/{own_draft.uuid}/proof/": lambda key: {f"remove-{key}": "1", "statement": "x" * 30},
    }
    for address, fields in forms.items():
        told = {client.post(address, fields(str(key))).status_code for key in (file.uuid, sent.uuid, uuid4())}
        assert (address, len(told)) == (address, 1)
    assert set(Attachment.objects.values_list("pk", flat=True)) == before


def test_saved_filter_of_another_is_neither_replaced_nor_removed(world: World) -> None:
    hers = SavedFilter.objects.create(user=world.hana, name="Mine", query="?queue=all")
    client = client_of(world.sam)
    assert client.post("/admin/desk/filters/", {"name": "Mine", "back": "?queue=mine"}).status_code == 302
    assert [client.post(f"/admin/desk/filters/{pk}/remove/").status_code for pk in (hers.pk, 10**12)] == [404, 404]
    hers.refresh_from_db()
    assert (hers.query, SavedFilter.objects.filter(name="Mine").count()) == ("?queue=all", 2)


@pytest.mark.django_db
def test_every_key_that_is_unique_for_all_is_made_by_us() -> None:
    """A column unique over all people that a form could fill would be in the way of others: here is why none is."""
    from django.apps import apps

    alone = {
        f"{model.__name__}.{field.name}"
        for app in ("accounts", "claims", "messaging", "desk")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if field.unique and isinstance(field, models.UUIDField)
    }
    assert alone == {
        "Attachment.uuid",  # made when the file is kept
        "CalendarFeed.uuid",  # made when the address is
        "Draft.uuid",  # made of person, claim and how long its thread is; a form's is taken where it is made of those
        "EvidencePack.uuid",
        "ExtraAddress.uuid",
        "ImportRun.uuid",  # a form's is taken where no run of somebody else has it
        "Invitation.uuid",
        "OutgoingEmail.uuid",
    }


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "٣" * 32, "{}", "1" * 400, "\x00" * 32])
def test_made_up_keys_begin_a_batch_like_none(world: World, key: str) -> None:
    line = world.refund()
    client: Client = client_of(world.alice)
    answer = client.post("/refunds/selected/", {"seller": "seller-a", "key": key, "chosen": key_of(line)})
    assert re.fullmatch("/refunds/batches/[0-9a-f-]{36}/", answer["Location"])
