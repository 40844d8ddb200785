"""Filing through the real client: finding the order, the four steps, what is kept, and what comes of a submit."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Role
from claims.models import Attachment, Claim, Draft, Order, RefundLine, Return
from claims.rules.lifecycle import EVIDENCE, Reason
from tests.cast import World, picture
from tests.html import CheckingClient

WORDS = "The box came back with a bag of sand in it instead of the train set."


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def alice(client: CheckingClient, world_now: World) -> CheckingClient:
    client.force_login(world_now.alice)
    return client


def text_of(response: Any) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", response.content.decode())).split())


def to_fix(response: Any) -> list[str]:
    return [problem["words"] for problem in response.context["problems"]]


def answer_of(response: Any) -> list[str]:
    """The sentences on why an order can't be claimed."""
    found = response.context["found"]
    return [f"{cause.sentence} {cause.todo}" for cause in found.causes] + [
        cause.sentence for option in found.options for line in option.lines for cause in line.causes
    ]


def begin(client: CheckingClient, line: RefundLine, **fields: str) -> Any:
    body = {
        "seller": line.seller.slug,
        "order": line.order.order_id,
        "refund": line.refund.refunded_at.isoformat(),
        **fields,
    }
    return client.post("/claims/new/", body)


def at(draft: Draft, step: str) -> str:
    return f"/claims/new/{draft.uuid}/{step}/"


def upload(name: str = "photo.png", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if data is None else data, "image/png")


# Finding the order


@pytest.mark.parametrize("shape", ["order", "bare", "spaces", "tracking", "rma"])
def test_a_refund_is_found_by_each_id_of_its_order(alice: CheckingClient, world_now: World, shape: str) -> None:
    line = world_now.refund()
    Return.objects.create(
        seller=line.seller, order=line.order, identity="D123RRMA", rma_id="D123RRMA", tracking_id="1Z999AA10123456784"
    )
    order_id = line.order.order_id
    asked = {
        "order": {"order": order_id},
        "bare": {"order": order_id.replace("-", "")},
        "spaces": {"order": f"  {order_id} "},
        "tracking": {"order": "1z999aa10123456784", "kind": "tracking"},
        "rma": {"order": "D123RRMA", "kind": "rma"},
    }[shape]
    found = alice.get("/claims/new/", asked).context["found"]
    assert (found.order_id, [option.can_file for option in found.options]) == (order_id, [True])


@pytest.mark.parametrize("typed", ["111-222", "hello there", "111-2223334-55566670"])
def test_what_is_no_order_id_is_said_and_stays_typed(alice: CheckingClient, typed: str) -> None:
    response = alice.get("/claims/new/", {"order": typed})
    assert to_fix(response) == [f'"{typed}" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667.']
    assert f'value="{typed}"' in response.content.decode()


def test_no_order_id_at_all_is_said(alice: CheckingClient) -> None:
    assert to_fix(alice.get("/claims/new/", {"order": "  "})) == ["Enter an order id."]


def test_a_rivals_order_is_answered_like_one_that_is_not_there(alice: CheckingClient, world_now: World) -> None:
    theirs = world_now.refund(seller=world_now.lamps).order.order_id
    for order_id in (theirs, "999-9999999-9999999"):
        assert answer_of(alice.get("/claims/new/", {"order": order_id})) == [
            f"There is no order {order_id} in Blue Door Toys. Check the number: 3, 7 and 7 digits, as in "
            "111-2223334-5556667. A refund can take a day to show up here."
        ]


def test_an_order_of_another_account_of_yours_is_a_switch_away(client: CheckingClient, world_now: World) -> None:
    order_id = world_now.refund(seller=world_now.lamps).order.order_id
    client.force_login(world_now.gus)
    response = client.get("/claims/new/", {"order": order_id})
    assert answer_of(response) == [
        f"Order {order_id} belongs to Lichtkontor, where you are a member too. Switch to Lichtkontor."
    ]
    there = client.post("/switch/", {"seller": "seller-b", "next": f"/claims/new/?order={order_id}"}, follow=True)
    assert [option.can_file for option in there.context["found"].options] == [True]


def test_an_order_without_refund_has_nothing_to_claim(alice: CheckingClient, world_now: World) -> None:
    Order.objects.create(seller=world_now.toys, order_id="111-5555555-5555555", marketplace="US")
    assert answer_of(alice.get("/claims/new/", {"order": "111-5555555-5555555"})) == [
        "No refund to the buyer has been seen for this order yet, so there is nothing to claim back. Nothing now. "
        "When the refund shows up, usually within a day, it appears under Refunds with its dates."
    ]


def test_too_late_and_claimed_refunds_are_told_why(alice: CheckingClient, world_now: World) -> None:
    late = world_now.refund(days=-400)
    (words,) = answer_of(alice.get("/claims/new/", {"order": late.order.order_id}))
    assert re.match(r"The window ended \w+ .*: \d+ days after the refund of ", words)
    claim = world_now.claim()
    assert answer_of(alice.get("/claims/new/", {"order": claim.order.order_id})) == [
        f"Claim {claim.claim_id} covers this item."
    ]


# Beginning


def test_continue_begins_one_draft_however_often_it_is_pressed(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund()
    first, again = begin(alice, line), begin(alice, line)
    draft = Draft.objects.get()
    assert (first["Location"], again["Location"]) == (at(draft, "what"), at(draft, "what"))


@pytest.mark.parametrize("refund", ["", "yesterday", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00"])
def test_a_refund_that_is_not_there_begins_nothing(alice: CheckingClient, world_now: World, refund: str) -> None:
    assert begin(alice, world_now.refund(), refund=refund).status_code == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("order", ["\x00", "x" * 5000])
def test_an_unreadable_order_begins_nothing(alice: CheckingClient, world_now: World, order: str) -> None:
    assert begin(alice, world_now.refund(), order=order).status_code == 404


def test_a_viewer_begins_nothing_and_reads_who_could(client: CheckingClient, world_now: World) -> None:
    line = world_now.refund()
    client.force_login(world_now.vera)
    response = begin(client, line)
    assert not Draft.objects.exists()
    assert "Viewers can read but not act. Alice Moreno can." in text_of(client.get(response["Location"]))


def test_who_became_a_viewer_changes_nothing_in_an_old_draft(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    world_now.alice.memberships.update(role=Role.VIEWER)
    before = Draft.objects.values().get()
    for step in ("what", "why", "proof", "review"):
        response = alice.post(at(draft, step), {"statement": "Other words.", "reason": "DAMAGED"})
        assert "Viewers can read but not act." in text_of(response)
    assert Draft.objects.values().get() == before
    assert not Claim.objects.exists()


# The four steps


def test_a_claim_is_filed_in_four_steps_and_a_step_back_loses_nothing(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=2, amount_minor=5000)
    address = begin(alice, line)["Location"]
    draft = Draft.objects.get()
    assert alice.post(address, {f"quantity-{line.sku}": "2"})["Location"] == at(draft, "why")
    assert alice.post(at(draft, "why"), {"reason": "DIFFERENT"})["Location"] == at(draft, "proof")
    files = {f"file-{slot}": upload(f"{slot.lower()}.png") for slot in EVIDENCE[Reason.DIFFERENT].required}
    assert alice.post(at(draft, "proof"), {"statement": WORDS, "back": "1", **files})["Location"] == at(draft, "why")
    assert alice.post(at(draft, "why"), {"reason": "DIFFERENT"})["Location"] == at(draft, "proof")
    proof = alice.get(at(draft, "proof")).content.decode()
    assert WORDS in proof
    assert [name.lower() + ".png" in proof for name in EVIDENCE[Reason.DIFFERENT].required] == [True] * len(files)
    assert alice.post(at(draft, "proof"), {"statement": WORDS})["Location"] == at(draft, "review")
    review = alice.get(at(draft, "review"))
    assert review.context["total"] == "50.00 USD"
    rule = review.context["rule"]
    filed = alice.post(at(draft, "review"), {"accepted": f"{rule.key}/{rule.version}"})
    claim = Claim.objects.get()
    assert filed["Location"] == f"/claims/{claim.claim_id}/receipt/"
    assert (claim.claimed_minor, claim.statement, claim.attachments.count()) == (5000, WORDS, len(files))
    receipt = text_of(alice.get(filed["Location"]))
    assert f"Claim {claim.claim_id} is filed." in receipt
    assert "You claim 50.00 USD. It is the SAFE-T team's turn now." in receipt
    assert "We e-mail you at alice@seller-a.example on every change." in receipt


def test_each_step_says_what_is_to_fix(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund(quantity=3)
    begin(alice, line)
    draft = Draft.objects.get()
    assert to_fix(alice.post(at(draft, "what"), {f"quantity-{line.sku}": "0"})) == ["Choose at least one item."]
    assert to_fix(alice.post(at(draft, "what"), {f"quantity-{line.sku}": "4"})) == ["Choose a quantity from 1 to 3."]
    assert to_fix(alice.post(at(draft, "why"), {"reason": "BORED"})) == ["Choose a reason."]
    alice.post(at(draft, "why"), {"reason": "DIFFERENT"})
    response = alice.post(at(draft, "proof"), {"statement": "Too short"})
    assert to_fix(response) == [
        "Add photo of the item you received.",
        "Add photo of the package with the return label visible.",
        "Describe what happened, in at least 20 characters.",
    ]
    assert "Too short" in response.content.decode()
    assert to_fix(alice.post(at(draft, "proof"), {"statement": "x" * 4001}))[-1] == (
        "The statement is 1 character too long; at most 4,000."
    )


def test_a_statement_keeps_no_zero_bytes(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft(evidence=False)
    alice.post(at(draft, "proof"), {"statement": f"\x00{WORDS}\x00", "stay": "1"})
    alice.post(at(draft, "what"), {"quantity-\x00": "1", "stay": "1"})
    alice.post(at(draft, "why"), {"reason": "\x00", "stay": "1"})
    assert Draft.objects.get().text == WORDS


# Files


@pytest.mark.parametrize(("name", "data", "said"), [
    ("photo.png", b"", "photo.png is empty (0 bytes). Choose it again; on a phone, wait until the photo is saved."),
    ("photo.png", b"MZ" + b"\x90\x00" * 200,
     "photo.png is a program, whatever its name says. "
     "PNG, JPEG, WebP, HEIC, PDF, text, CSV, EML, MP4 and MOV are accepted."),
])  # fmt: skip
def test_a_file_that_is_not_taken_is_named_and_the_rest_kept(
    alice: CheckingClient, world_now: World, name: str, data: bytes, said: str
) -> None:
    draft = world_now.draft(evidence=False)
    body = {"statement": WORDS, "file-OTHER": [upload(name, data), upload("good.png")], "stay": "1"}
    assert to_fix(alice.post(at(draft, "proof"), body)) == [said]
    assert list(Attachment.objects.values_list("name", flat=True)) == ["good.png"]


def test_the_eleventh_file_is_refused(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft(evidence=False)
    files = [upload(f"{n}.png", picture(f"#0000{n:02}")) for n in range(11)]
    response = alice.post(at(draft, "proof"), {"statement": WORDS, "file-OTHER": files, "stay": "1"})
    assert to_fix(response) == ["11 files chosen; at most 10 in one message. Send the rest in a second message."]
    assert Attachment.objects.count() == 10


def test_a_file_is_removed_again(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    out, *stays = Attachment.objects.order_by("pk")
    assert alice.post(at(draft, "proof"), {"statement": WORDS, f"remove-{out.uuid}": "1"}).status_code == 302
    assert list(Attachment.objects.order_by("pk")) == stays


# Submitting


def accepted(client: CheckingClient, draft: Draft) -> dict[str, str]:
    rule = client.get(at(draft, "review")).context["rule"]
    return {"accepted": f"{rule.key}/{rule.version}"}


@pytest.mark.parametrize("ticked", ["", "base", "base/", "base/²", "base/999999", "\x00/1", "another/1"])
def test_the_policy_must_be_ticked(alice: CheckingClient, world_now: World, ticked: str) -> None:
    draft = world_now.draft()
    assert to_fix(alice.post(at(draft, "review"), {"accepted": ticked})) == [
        "Tick the box when you have read the policy."
    ]
    assert not Claim.objects.exists()


def test_a_second_submit_finds_the_same_claim(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    body = accepted(alice, draft)
    alice.post(at(draft, "review"), body)
    claim = Claim.objects.get()
    again = alice.post(at(draft, "review"), body)
    assert again["Location"] == f"/claims/{claim.claim_id}/"
    assert "This claim was already filed. This is it." in text_of(alice.get(again["Location"]))
    assert Claim.objects.count() == 1
    for step in ("what", "review"):  # the browser's back button
        assert alice.get(at(draft, step))["Location"] == f"/claims/{claim.claim_id}/"


def test_what_a_colleague_claimed_meanwhile_is_not_claimed_twice(alice: CheckingClient, world_now: World) -> None:
    line = world_now.refund()
    draft = world_now.draft(line)
    body = accepted(alice, draft)
    first = world_now.claim(line, by=world_now.gus)
    assert to_fix(alice.post(at(draft, "review"), body)) == [f"Claim {first.claim_id} covers this item."]
    assert list(Claim.objects.all()) == [first]


# Drafts


def test_drafts_are_listed_to_their_owner_and_deleted(alice: CheckingClient, world_now: World) -> None:
    draft = world_now.draft()
    world_now.draft(by=world_now.gus)
    rows = alice.get("/drafts/").context["rows"]
    assert [row.uuid for row in rows] == [str(draft.uuid)]
    assert alice.post(f"/claims/new/{draft.uuid}/delete/")["Location"] == "/drafts/"
    assert "No drafts" in text_of(alice.get("/drafts/"))
    assert list(Draft.objects.values_list("user__email", flat=True)) == ["gus@agency.example"]
