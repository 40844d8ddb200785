"""Where a page of a list begins is said in the address, and addresses are written by anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Membership, User
from claims.filing.batches import begin_drafts
from claims.models import Claim, Draft
from claims.refunds import list as refunds_list
from tests.cast import World
from tests.html import CheckingClient
from tests.messaging.pages import client_of

MOMENTS = (
    "2026-01-01T00:00:00+23:00",  # an offset that Python takes and the database doesn't
    "2026-01-01T00:00:00-23:59",
    "2026-01-01T00:00:00+00:00:30",
    "0001-01-01T00:00:00+23:59",  # before there are years, once in UTC
    "9999-12-31T23:59:59-23:59",
    "2026-01-01T00:00:00",
    "2026-01-01",
    "2026-W01-1T00:00:00+00:00",
    "infinity",
)
NUMBERS = ("", "0", "-1", "²", "٣", "1" * 17, "9" * 18, "1" * 5000, "0x10", "1e9", "%00", "\x00", "\ud83d\ude00")
PLACES = (
    *NUMBERS,
    *(f"{moment}_1" for moment in MOMENTS),
    "2026-01-01T00:00:00+00:00_",
    f"2026-01-01T00:00:00+00:00_{'9' * 30}",
    "2026-01-01T00:00:00+00:00_٣",
    *(f"{way}-{number}-{{claim}}" for way in ("older", "newer") for number in ("9" * 17, "0", "٣", "none", "-1")),
    *(f"{way}-{number}-{{draft}}" for way in ("older", "newer") for number in ("9" * 17, "0", "٣", "none")),
    *(f"{before}{number}-{pk}" for before in ("", "older-") for number in ("9" * 17, "0") for pk in ("9" * 18, "0")),
    "newer-0-1",
    "{signed_far}",
    "{signed_nothing}",
    "{signed_dates}",
)
LISTS: dict[str, tuple[str, str]] = {
    # who asks, and the address up to the cursor
    "claims by reply-by": ("alice", "/claims/?tab=awaiting-seller-response&cursor="),
    "claims": ("alice", "/claims/?tab=all&cursor="),
    "granted, not paid": ("alice", "/claims/unpaid/?cursor="),
    "refunds closing soon": ("alice", "/refunds/?tab=closing-soon&cursor="),
    "refunds claimed": ("alice", "/refunds/?tab=claimed&cursor="),
    "drafts": ("alice", "/drafts/?cursor="),
    "rows of a batch": ("alice", "/refunds/batches/{batch}/?after="),
    "search": ("alice", "/messages/?q=sand&cursor="),
    "search in a thread": ("alice", "/claims/{claim}/messages/search/?q=sand&cursor="),
    "thread at": ("alice", "/claims/{claim}/messages/?at="),
    "thread before": ("alice", "/claims/{claim}/messages/?before="),
    "thread after": ("alice", "/claims/{claim}/messages/?after="),
    "news of a thread": ("alice", "/claims/{claim}/messages/live/?since="),
    "queue": ("hana", "/admin/claims/claim/?cursor="),
    "queue of all": ("hana", "/admin/claims/claim/?queue=all&cursor="),
    "payments that wait": ("hana", "/admin/desk/payments/?after="),
    "imports": ("sam", "/admin/desk/imports/?cursor="),
    "granted, not paid, at the desk": ("hana", "/admin/desk/unpaid/?cursor="),
    "thread at the desk": ("hana", "/admin/desk/{claim}/?before="),
}


@pytest.fixture
def world(db: None) -> World:
    """The cast today: the pages ask the real clock."""
    return World(now=datetime.now(UTC))


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    claim = world.claim(text="Nothing but sand came back in the box.")
    world.ask(claim)
    draft = world.draft()
    batch = begin_drafts(
        membership=Membership.objects.select_related("seller", "user").get(user=world.alice),
        uuid=uuid4(),
        rows=[{"number": 2, "order_id": claim.order.order_id, "sku": claim.lines.get().sku}],
        name="a.csv",
        now=world.now,
    )
    sign: Callable[[str], str] = refunds_list.signer(world.toys.pk).sign
    line = f"{claim.order.order_id}/0/SKU"
    return {
        "claim": claim.claim_id,
        "draft": str(draft.uuid),
        "batch": str(batch.uuid),
        "signed_far": sign(f"older-{'9' * 17}-{line}"),
        "signed_nothing": sign("older-none-"),
        "signed_dates": sign(f"newer-0-{claim.order.order_id}/{'9' * 17}/SKU"),
    }


@pytest.mark.parametrize("name", LISTS)
def test_no_cursor_breaks_its_page(world: World, ids: dict[str, str], name: str) -> None:
    who, address = LISTS[name]
    user: User = getattr(world, who)
    client: CheckingClient = client_of(user)
    wrong = {}
    for place in PLACES:
        path, _mark, query = address.format(**ids).partition("?")
        pairs = [tuple(each.split("=")) for each in query.split("&")]
        data = {key: value or place.format(**ids) for key, value in pairs}
        response = client.get(path, {key: value.encode("utf-8", "surrogatepass") for key, value in data.items()})
        if response.status_code != 200:
            wrong[place] = response.status_code
    assert wrong == {}


def test_every_page_that_takes_a_cursor_is_asked_here() -> None:
    """By the names that cursors have in addresses, in every view: about how views are built, so their text is read."""
    taken = re.compile(r"""GET(?:\.get\(|\[)["'](cursor|after|before|at|since)["']""")
    views = [path for app in ("accounts", "claims", "messaging", "desk") for path in _sources(settings.BASE_DIR / app)]
    found = {(_module(path), name) for path in views for name in taken.findall(path.read_text())}
    assert found == {
        ("claims.claims_list.views", "cursor"),
        ("claims.payments.views", "cursor"),
        ("claims.refunds.views", "cursor"),
        ("claims.filing.draft_views", "cursor"),
        ("claims.filing.batch_views", "after"),
        ("messaging.search.views", "cursor"),
        ("messaging.communication_page.views", "at"),
        ("messaging.communication_page.views", "before"),
        ("messaging.communication_page.views", "after"),
        ("messaging.communication_page.live_views", "since"),
        ("desk.queue.views", "cursor"),
        ("desk.money.views", "after"),
        ("desk.money.views", "cursor"),
        ("desk.claim_page.views", "before"),
        ("desk.imports.views", "cursor"),
    }


def _module(path: Path) -> str:
    return ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)


def _sources(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "migrations" not in path.parts]


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_moment_of_a_form_breaks_the_start_of_a_draft(world: World, moment: str) -> None:
    line = world.refund()
    client = client_of(world.alice)
    fields = {"seller": world.toys.slug, "order": line.order.order_id, "refund": moment}
    assert client.post("/claims/new/", fields).status_code == 404
    assert (Draft.objects.count(), Claim.objects.count()) == (0, 0)


def test_refund_is_found_by_its_moment_in_any_zone(world: World) -> None:
    line = world.refund()
    at = line.refund.refunded_at.isoformat().replace("+00:00", "Z")
    fields = {"seller": world.toys.slug, "order": line.order.order_id, "refund": at}
    assert client_of(world.alice).post("/claims/new/", fields).status_code == 302


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_commands_say_that_a_moment_is_none(world: World, moment: str) -> None:
    with pytest.raises(CommandError, match="is not a day or an instant"):
        call_command("export_record", f"--from={moment}")
    with pytest.raises(CommandError, match="is no moment with its zone"):
        call_command("extend_deadlines", f"--from={moment}", "--to=2026-01-02T00:00+00:00", "--reason=x")
