"""Appealing on the Communication page: what is said against which item, what stays unsent, what is made up."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection

from claims.claim_page.appeal_form import ground_rows
from claims.claim_page.snapshot import load_snapshot
from claims.decisions.checks import LineDecision
from claims.models import AppealGround, Attachment, Claim, Draft, RefundLine
from claims.rules.lifecycle import DecisionReason, Ground, Slot, Stage, Status
from messaging.compose import verbs
from messaging.compose.verbs import NotSent, Unsendable
from messaging.models import Message
from tests.cast import World
from tests.messaging.pages import address, alerts, client_of, form_of, hidden, photo, send


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


def two_items(world: World) -> Claim:
    """A claim of two items, decided: the first in part, the second in full."""
    line = world.refund()
    RefundLine.objects.create(
        seller=line.seller,
        refund=line.refund,
        order=line.order,
        sku="SKU-SECOND",
        quantity=1,
        currency="USD",
        gross_minor=2000,
        amount_minor=2000,
        title="Signal box",
    )
    draft = world.draft(line)
    draft.choices["quantities"] = {line.sku: 1, "SKU-SECOND": 1}
    draft.save()
    claim, _ = world.file(draft)
    first, second = claim.lines.order_by("id")
    verbs.decide(
        claim_pk=claim.pk,
        user=world.hana,
        verb=verbs.Verb.GRANT,
        lines={
            first.pk: LineDecision(4000, ((DecisionReason.RETURN_IN_ORDER, {}),)),
            second.pk: LineDecision(2000, ()),
        },
        words="",
        now=world.at(-1),
    )
    claim.refresh_from_db()
    return claim


def form_part(html: str) -> str:
    found = re.search(r'<div class="appeal-form".*?name="confirm".*?\n</div>', html, re.DOTALL)
    assert found
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", found[0])).strip()


def test_form_names_what_was_given_less_until_when_and_what_is_final(world: World) -> None:
    claim = two_items(world)
    html = client_of(world.alice).get(address(claim)).content.decode()
    assert form_part(html) == (
        "Someone who did not make the first decision looks at it. What they decide is final. "
        "What is wrong with the decision? "
        "Wooden train set 1 40.00 USD of 89.99 USD granted · What the files show came back as it was sold. "
        "Something it says is not so A file was missed or misread There is new evidence "
        "The policy was applied wrongly The amount is wrong "
        "Say it below in your words, and attach what is new. "
        "What would change it: Files that show the damage or the difference. "
        "New evidence What you add appears with the files below. "
        "Files that show the damage or the difference. Helpful Add file "
        f"This uses your one appeal for claim {claim.claim_id}."
    )
    assert re.search(r"You can appeal once, until \w{3}, [^(]+ \(in \d+ days\)\.", html)


def test_grounds_are_kept_with_the_appeal_and_told_in_the_thread(world: World) -> None:
    claim = two_items(world)
    client = client_of(world.alice)
    response = send(
        client,
        claim,
        text="The label shows another weight.",
        kind="appeal",
        confirm="yes",
        files=[photo("scale.png")],
        **{"ground-0": ["NEW_EVIDENCE", "FACTS"]},
    )
    assert response.status_code == 302
    first = claim.lines.order_by("id")[0]
    kept = AppealGround.objects.order_by("id").values_list("seller_id", "appeal__claim_id", "claim_line_id", "code")
    assert list(kept) == [
        (claim.seller_id, claim.pk, first.pk, Ground.FACTS),
        (claim.seller_id, claim.pk, first.pk, Ground.NEW_EVIDENCE),
    ]
    html = client.get(response["Location"]).content.decode()
    told = r"<dt dir=\"auto\">Wooden train set 1</dt>\s*<dd>Something it says is not so · There is new evidence</dd>"
    assert re.search(told, html)
    claim.refresh_from_db()
    rows = ground_rows(load_snapshot(claim))
    assert [(row.item, row.grounds) for row in rows] == [
        ("Wooden train set 1", ("Something it says is not so", "There is new evidence"))
    ]


@pytest.mark.parametrize(
    ("reason", "params", "wanted"),
    [
        ("EVIDENCE_MISSING", {"slots": ["WEIGHT", "the packing slip"]}, ["WEIGHT"]),
        ("NO_AGREEMENT", {}, ["BUYER_AGREEMENT"]),
        ("NOT_DELIVERED", {"detail": "1Z"}, ["DELIVERY_TRACKING"]),
        ("EVIDENCE_UNREADABLE", {"detail": "label.png"}, ["OTHER"]),
        ("ALREADY_REIMBURSED", {"detail": "x"}, []),
    ],
)
def test_new_evidence_has_a_place_for_each_thing_that_would_change_the_decision(
    world: World, reason: str, params: dict[str, Any], wanted: list[str]
) -> None:
    claim = world.claim()
    world.ask(claim, slots=(Slot.WEIGHT,))
    world.reply(claim)  # without it
    world.decide(claim, 0, reasons=((DecisionReason(reason), params),))
    client = client_of(world.alice)
    html = client.get(address(claim)).content.decode()
    form = html[html.index('<div class="appeal-form"') : html.index('name="confirm"')]
    assert re.findall(r'type="file"\s+name="slot-(\w+)"\s+id="slot-\w+"', form) == wanted
    if not wanted:
        return
    field = f"slot-{wanted[0]}"
    assert client.post(address(claim), {**form_of(client, claim), "act": "upload", field: photo("new.png")}).status_code
    html = client.get(address(claim)).content.decode()
    assert "Have 1 file" in html
    remove = re.search(r"Remove\s*<span", html)
    assert remove is not None
    assert html.index('id="composer-files"') < remove.start()  # whatever is chosen, it can be seen
    send(client, claim, text="Here.", kind="appeal", confirm="yes", **{"ground-0": "NEW_EVIDENCE"})
    file = Attachment.objects.get(name="new.png")
    assert (file.claim, file.slot) == (claim, wanted[0])


def test_appeal_of_a_claim_that_was_not_answered_has_a_place_for_what_was_asked(world: World) -> None:
    claim = world.claim()
    world.ask(claim, slots=(Slot.SERIAL_PHOTO, Slot.WEIGHT))
    world.lapse(claim)
    html = client_of(world.alice).get(address(claim)).content.decode()
    assert set(re.findall(r'type="file"\s+name="slot-(\w+)"', html)) == {"SERIAL_PHOTO", "WEIGHT"}


def test_imported_claim_is_appealed_like_any_other(world: World) -> None:
    claim = world.import_claim(Status.DENIED, days=-1)
    response = send(client_of(world.alice), claim, text="x", kind="appeal", confirm="yes", **{"ground-0": "POLICY"})
    assert response.status_code == 302
    assert list(AppealGround.objects.values_list("claim_line_id", "code")) == [(claim.lines.get().pk, Ground.POLICY)]


def test_what_was_chosen_stays_in_the_draft_and_the_tick_does_not(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    client = client_of(world.alice)
    form = {**form_of(client, claim), "text": "Half", "kind": "appeal", "confirm": "yes", "ground-0": ["FILES"]}
    assert client.post(address(claim), {**form, "act": "auto"}).status_code == 200
    html = client_of(world.alice).get(address(claim)).content.decode()
    assert re.findall(r'id="([\w-]+)" value="\w+"\s+checked', html) == ["kind-appeal", "ground-0-FILES"]
    assert Draft.objects.get().choices["grounds"] == [[0, "FILES"]]


def test_button_of_the_card_opens_the_appeal(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    html = client_of(world.alice).get(address(claim)).content.decode()
    assert f'href="{address(claim)}?do=appeal#composer"' in html
    html = client_of(world.alice).get(address(claim, "?do=appeal")).content.decode()
    assert re.findall(r'id="([\w-]+)" value="\w+"\s+checked', html) == ["kind-appeal"]


@pytest.mark.parametrize(
    "made_up",
    [
        {"ground-1": "FACTS"},  # an item that was granted in full
        {"ground-99": "FACTS"},
        {"ground-999999999999999999999": "FACTS"},
        {"ground--1": "FACTS"},
        {"ground-0": "BRIBE"},
        {"ground-0": "\x00"},
        {"ground-²": "FACTS"},
    ],
)
def test_made_up_grounds_are_none(world: World, made_up: dict[str, str]) -> None:
    claim = two_items(world)
    response = send(client_of(world.alice), claim, text="x", kind="appeal", confirm="yes", **made_up)
    assert alerts(response) == ["Say what is wrong with the decision: choose at least one thing."]
    assert hidden(response.content.decode())["text"] == "x"
    claim.refresh_from_db()
    assert (claim.stage, Message.objects.count()) == (Stage.FIRST, 0)


def test_verb_itself_refuses_an_appeal_that_objects_to_nothing(world: World) -> None:
    claim = two_items(world)
    second = claim.lines.order_by("id")[1]
    rival = world.claim(world.refund(seller=world.lamps), by=world.mallory).lines.get()
    draft = world.reply_draft(claim)
    for lines in ([], [second.pk], [rival.pk]):
        objections = [verbs.Objection(Ground.FACTS, line) for line in lines]
        with pytest.raises(NotSent) as error:
            verbs.appeal(
                claim_pk=claim.pk,
                membership=world.member(world.alice),
                text="Look again.",
                draft_uuid=draft.uuid,
                received_at=world.now,
                objections=objections,
            )
        assert error.value.code is Unsendable.GROUND
    claim.refresh_from_db()
    assert (claim.stage, AppealGround.objects.count()) == (Stage.FIRST, 0)


def test_ground_of_another_seller_is_refused_by_the_database(world: World) -> None:
    claim = world.claim()
    world.decide(claim, 0)
    world.appeal(claim)
    ground = AppealGround.objects.get()
    AppealGround(seller=world.lamps, appeal=ground.appeal, claim_line=ground.claim_line, code=Ground.POLICY).save()
    with pytest.raises(DatabaseError, match="claims_appealground_appeal_same_seller"):
        connection.check_constraints()
