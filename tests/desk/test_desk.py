"""The desk: who may come in, the queue, a claim's page, and each verb through its form."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from claims.lifecycle import Slot, Status, Verb
from claims.models import Claim
from messaging.models import InternalNote, Message
from tests.cast import World
from tests.html import CheckingClient

XSS = "<script>alert(1)</script>"


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


def address(claim: Claim, verb: str = "") -> str:
    return f"/admin/desk/{claim.claim_id}/{verb + '/' if verb else ''}"


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


@pytest.mark.parametrize("count", [1, 30])
def test_the_queue_costs_the_same_at_any_length(
    client: CheckingClient, world_now: World, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        world_now.claim()
    client.force_login(world_now.hana)
    client.get("/admin/claims/claim/")
    with django_assert_num_queries(10):
        response = client.get("/admin/claims/claim/?queue=unassigned")
    assert len(response.context["rows"]) == count


def test_an_ordinary_case_takes_four_clicks(client: CheckingClient, world_now: World) -> None:
    first, second = world_now.claim(days=-6), world_now.claim(days=-5)
    client.force_login(world_now.hana)
    page = client.post("/admin/desk/next/", follow=True)  # 1: take next
    assert page.redirect_chain[-1][0] == address(first)
    form = client.get(address(first, "decide"))  # 2: decide
    (row,) = form.context["rows"]
    sent = {"version": form.context["version"], f"amount-{row['pk']}": row["typed"], "words": "", "next": "1"}
    done = client.post(address(first, "decide"), sent, follow=True)  # 3: send and take next
    assert done.redirect_chain[-1][0] == address(second)
    first.refresh_from_db()
    assert (first.status, first.approved_minor) == (Status.GRANTED, 8999)


def test_a_denial_needs_a_reason_and_keeps_what_was_typed(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    (row,) = client.get(address(claim, "decide")).context["rows"]
    sent = {"version": claim.version, f"amount-{row['pk']}": "0", "words": "Not shown.", "send": "1"}
    refused = client.post(address(claim, "decide"), sent)
    assert refused.context["wrong"] == ["Choose a reason for each item that gets less than claimed."]
    assert refused.context["words"] == "Not shown."
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION
    client.post(address(claim, "decide"), {**sent, f"reason-{row['pk']}-RETURN_IN_ORDER": "1"})
    claim.refresh_from_db()
    assert claim.status == Status.DENIED


def test_a_preview_changes_nothing(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.hana)
    (row,) = client.get(address(claim, "decide")).context["rows"]
    sent = {
        "version": claim.version,
        f"amount-{row['pk']}": "40,00",
        f"reason-{row['pk']}-LESS_RESALE": "1",
        f"detail-{row['pk']}-LESS_RESALE": "half",
        "preview": "1",
    }
    preview = client.post(address(claim, "decide"), sent).context["preview"]
    assert (preview["badge"].words, preview["lines"][0]["granted"]) == ("Granted in part", "40.00 USD")
    claim.refresh_from_db()
    assert claim.status == Status.UNDER_INVESTIGATION


def test_a_form_that_was_overtaken_keeps_its_input_and_says_what_changed(
    client: CheckingClient, world_now: World
) -> None:
    claim = world_now.claim()
    stale = claim.version
    world_now.message(claim)
    client.force_login(world_now.hana)
    (row,) = client.get(address(claim, "decide")).context["rows"]
    sent = {"version": stale, f"amount-{row['pk']}": row["typed"], "words": "Mine.", "send": "1"}
    refused = client.post(address(claim, "decide"), sent)
    assert refused.context["wrong"][0].startswith("Alice Moreno changed this claim")
    assert refused.context["words"] == "Mine."
    client.post(address(claim, "decide"), {**sent, "version": refused.context["version"]})
    claim.refresh_from_db()
    assert claim.status == Status.GRANTED


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
    (row,) = client.get(address(claim, "decide")).context["rows"]
    refused = client.post(
        address(claim, "decide"), {"version": claim.version, f"amount-{row['pk']}": row["typed"], "send": "1"}
    )
    assert refused.context["wrong"] == ["You can read this claim. Decisions belong to case handlers."]
    sent = client.post(address(claim, "message"), {"version": claim.version, "message": "Hello."})
    assert sent.context["wrong"] == ["You can read this claim. Decisions belong to case handlers."]
    assert Message.objects.count() == 0
    assert client.post("/admin/desk/next/").headers["Location"] == "/admin/claims/claim/"


def test_an_appeal_is_for_another_and_a_senior_handler(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    world_now.decide(claim, 0)
    world_now.appeal(claim)
    client.force_login(world_now.hana)
    (row,) = client.get(address(claim, "decide")).context["rows"]
    sent = {"version": claim.version, f"amount-{row['pk']}": "50", f"reason-{row['pk']}-RETURN_IN_ORDER": "1"}
    refused = client.post(address(claim, "decide"), sent)
    assert refused.context["wrong"] == [
        "You made the first decision, so someone else decides the appeal. A senior handler decides appeals."
    ]
    client.force_login(world_now.sam)
    client.post(address(claim, "decide"), sent)
    claim.refresh_from_db()
    assert (claim.status, claim.stage, claim.approved_minor) == (Status.GRANTED, "APPEAL", 5000)


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
    claim = world_now.claim()
    file = claim.attachments.order_by("pk")[0]
    client.force_login(world_now.hana)
    kept = client.get(f"/admin/desk/files/{file.uuid}/")
    assert (kept.status_code, kept["Content-Disposition"], kept["X-Content-Type-Options"]) == (
        200,
        'attachment; filename="item_photo.png"',
        "nosniff",
    )
    assert b"".join(kept.streaming_content).startswith(b"\x89PNG")  # type: ignore[arg-type]
    for close in kept._resource_closers:  # kept.close() would also end the test's connection
        close()
    draft = world_now.draft()
    hidden = draft.attachments.order_by("pk")[0]
    assert client.get(f"/admin/desk/files/{hidden.uuid}/").status_code == 404
    assert client.get(f"/admin/desk/files/{hidden.uuid}/preview/0/").status_code == 404


def test_no_field_of_a_claim_can_be_edited(client: CheckingClient, world_now: World) -> None:
    claim = world_now.claim()
    client.force_login(world_now.ada)
    client.post(f"/admin/claims/claim/{claim.pk}/change/", {"status": "GRANTED", "approved_minor": "1"})
    before = claim.version
    claim.refresh_from_db()
    assert (claim.status, claim.version) == (Status.UNDER_INVESTIGATION, before)
    assert client.get("/admin/claims/claim/add/").status_code == 403
