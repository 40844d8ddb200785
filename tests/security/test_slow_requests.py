"""A request sent a byte at a time, or held up by a proxy: from when it counts against a deadline."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from claims.filing import draft_check
from claims.models import Claim, Draft, StatusChange
from claims.rules.lifecycle import Stage, Status
from claims.workflow.seller_actions import LAPSE_GRACE
from safet_portal.arrival import began
from tests.cast import World
from tests.forms import forms_of
from tests.html import CheckingClient
from tests.messaging.pages import address, client_of, form_of

MINUTE = timedelta(minutes=1)
WORDS = "Look at the label once more; it names another order."


@dataclass
class Clock:
    """What the portal takes for the time: it stands still but for what a test says."""

    at: datetime = field(default_factory=timezone.now)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


class Slow(io.BytesIO):
    """A body whose first byte is there at once and whose last comes so much later."""

    def __init__(self, body: bytes, clock: Clock, takes: timedelta) -> None:
        super().__init__(body)
        self.clock, self.takes = clock, takes

    def read(self, size: int | None = -1) -> bytes:
        self.clock.at += self.takes
        self.takes = timedelta(0)
        return super().read(size)


@dataclass
class Act:
    """What a seller is about to send, with the deadline it has, and how to see whether it counted."""

    client: CheckingClient
    to: str
    fields: dict[str, Any]
    until: datetime
    is_done: Callable[[], bool]
    is_kept: Callable[[], bool]
    refused: str

    def send(self, clock: Clock, takes: timedelta = timedelta(0), **headers: str) -> Any:
        body = encode_multipart(BOUNDARY, self.fields)
        slow = {"wsgi.input": Slow(body, clock, takes)}
        return self.client.generic("POST", self.to, body, MULTIPART_CONTENT, headers=headers, **slow)


def stands(claim: Claim, status: Status, stage: Stage) -> Callable[[], bool]:
    return lambda: Claim.objects.filter(pk=claim.pk, status=status, stage=stage).exists()


def written() -> bool:
    return Draft.objects.filter(text=WORDS).exists()


def reply(world: World, clock: Clock) -> Act:
    claim = world.claim()
    world.ask(claim)
    assert claim.reply_by is not None
    clock.at = claim.reply_by - MINUTE
    client = client_of(world.alice)
    fields = {**form_of(client, claim), "act": "send", "text": WORDS}
    done = stands(claim, Status.UNDER_INVESTIGATION, Stage.FIRST)
    return Act(client, address(claim), fields, claim.reply_by, done, written, "Reply-by was ")


def appeal(world: World, clock: Clock) -> Act:
    claim = world.claim()
    world.decide(claim, 0)
    assert claim.appeal_by is not None
    clock.at = claim.appeal_by - MINUTE
    client = client_of(world.alice)
    chosen = {"choice": "1", "kind": "appeal", "ground-0": "FACTS", "confirm": "yes"}
    fields = {**form_of(client, claim), **chosen, "act": "send", "text": WORDS}
    done = stands(claim, Status.UNDER_INVESTIGATION, Stage.APPEAL)
    return Act(client, address(claim), fields, claim.appeal_by, done, written, "The time to appeal ended ")


def filing(world: World, clock: Clock) -> Act:
    draft = world.draft(text=WORDS)
    window = draft_check.review(draft, world.now).chosen[0].assessment.window
    assert window is not None
    until = window.closes_at
    clock.at = until - MINUTE
    client = client_of(world.alice)
    page = f"/claims/new/{draft.uuid}/review/"
    (form,) = [each for each in forms_of(client.get(page).content.decode()) if "accepted" in each.names]
    done = Claim.objects.filter(draft_uuid=draft.uuid).exists
    return Act(client, page, {"accepted": form.choices["accepted"][0]}, until, done, written, "the window ended ")


ACTS = pytest.mark.parametrize("make", [reply, appeal, filing])


@ACTS
def test_act_begun_in_time_counts_while_its_body_comes_within_the_grace(
    world: World, clock: Clock, make: Callable[[World, Clock], Act]
) -> None:
    act = make(world, clock)
    assert act.send(clock, takes=LAPSE_GRACE).status_code == 302
    assert clock.at > act.until
    assert act.is_done()


@ACTS
def test_act_whose_body_took_longer_counts_from_when_it_was_here(
    world: World, clock: Clock, make: Callable[[World, Clock], Act]
) -> None:
    act = make(world, clock)
    response = act.send(clock, takes=LAPSE_GRACE + timedelta(microseconds=1))
    assert not act.is_done()
    assert response.status_code == 200
    assert act.refused in response.content.decode()
    assert act.is_kept()


@ACTS
def test_body_that_took_long_is_no_harm_while_there_is_time(
    world: World, clock: Clock, make: Callable[[World, Clock], Act]
) -> None:
    act = make(world, clock)
    clock.at -= timedelta(hours=1)
    assert act.send(clock, takes=2 * LAPSE_GRACE).status_code == 302
    assert act.is_done()


@ACTS
def test_proxy_of_ours_that_buffers_says_when_it_began(
    world: World, clock: Clock, make: Callable[[World, Clock], Act], settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    act = make(world, clock)
    begun = clock.at
    clock.at = act.until + MINUTE
    assert act.send(clock, **{"X-Request-Start": f"t={begun.timestamp():.3f}"}).status_code == 302
    assert act.is_done()


@ACTS
@pytest.mark.parametrize("case", ["nobody in front", "in the future", "longer ago than the grace", "rubbish"])
def test_beginning_that_is_not_believed_is_ours(
    world: World, clock: Clock, make: Callable[[World, Clock], Act], case: str, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0 if case == "nobody in front" else 1
    act = make(world, clock)
    begun = clock.at
    clock.at = act.until + MINUTE
    if case == "in the future":
        begun = clock.at + MINUTE
    if case == "longer ago than the grace":
        clock.at = begun + LAPSE_GRACE + MINUTE
    named = "t=12,t=13" if case == "rubbish" else f"t={begun.timestamp():.3f}"
    act.send(clock, **{"X-Request-Start": named})
    assert not act.is_done()
    assert act.is_kept()


@ACTS
def test_proxy_s_wait_and_ours_are_one_time(
    world: World, clock: Clock, make: Callable[[World, Clock], Act], settings: Any
) -> None:
    """Nine minutes at the proxy and two on the way to us are longer than the grace."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    act = make(world, clock)
    begun = clock.at
    clock.at += 9 * MINUTE
    act.send(clock, takes=2 * MINUTE, **{"X-Request-Start": f"t={begun.timestamp():.3f}"})
    assert not act.is_done()


def test_withdrawal_counts_from_its_beginning(world: World, clock: Clock) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    begun = clock.at
    act = Act(client, f"/claims/{claim.claim_id}/withdraw/", {}, begun, written, written, "")
    assert act.send(clock, takes=3 * MINUTE).status_code == 302
    assert StatusChange.objects.filter(claim=claim).latest("pk").at == begun


def test_drafts_submitted_together_count_from_when_that_was_asked(world: World, clock: Clock) -> None:
    act = filing(world, clock)
    draft = Draft.objects.get()
    (form,) = [each for each in forms_of(act.client.get("/drafts/").content.decode()) if "rule" in each.names]
    fields = {**{name: given[-1] for name, given in form.values.items() if given}, "draft": str(draft.uuid)}
    together = Act(act.client, "/drafts/submit/", {**fields, "accepted": "yes"}, act.until, act.is_done, written, "")
    assert together.send(clock, takes=5 * MINUTE).status_code == 302
    assert act.is_done()


@pytest.mark.parametrize(
    ("named", "counts"),
    [
        ("t=1795000000.250", True), ("1795000000.250", True), ("1795000000250", True), ("t=1795000000250.5", True),
        ("t=1795000000250000", True), ("", False), ("t=", False), ("t=now", False), ("t=1e9", False), ("t=-1", False),
        ("t=99999999999999999999", False), ("t=1795000000.250, t=1795000000.250", False), ("t=١٧٩٥٠٠٠٠٠٠", False),
        ("t=0000000000", False), ("nan", False), ("t=1795000000.250\x00", False),
    ],
)  # fmt: skip
def test_beginning_is_read_in_seconds_milliseconds_or_microseconds(named: str, counts: bool, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    now = datetime.fromtimestamp(1795000060, UTC)
    told = datetime.fromtimestamp(1795000000.25, UTC) if counts else now
    assert abs(began(named, now) - told) < timedelta(milliseconds=1)
