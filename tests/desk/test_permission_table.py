"""docs/permissions.md: every address under /admin/, who sees it and whose POST it takes.

The addresses come from the resolver. A new one fails this test until its line stands in the table:
`UPDATE_DOCS=1 make test ARGS=tests/desk/test_permission_table.py` writes it, and a person reads it before it is kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from claims.models import Attachment, Claim, ImportRun, UnmatchedPayment
from desk.models import Macro, SavedFilter
from tests.cast import World
from tests.desk import test_permissions
from tests.desk.test_permissions import ROLES, body, routes
from tests.html import content_of

claim, people, world = test_permissions.claim, test_permissions.people, test_permissions.world
"""The fixtures of the matrix: who is who, and a claim nobody has."""
TABLE = "docs/permissions.md"
START, END = "<!-- the table begins -->\n", "<!-- the table ends -->\n"
NOTED = ("django_session", "desk_record", "desk_presence", "claims_fileopened")
"""What is written down about whoever looks at a page."""
LEFT_OUT = {"admin:logout", "admin:None"}
"""Whoever comes in goes out; what has no name leads to an address that has one."""
WRITES = re.compile(r"\s*(?:WITH .*?)?(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE | re.DOTALL)
HANDLERS = {"handler", "senior"}
READERS = {"handler", "senior", "operator", "auditor", "superuser"}


def addresses(world: World, claim: Claim) -> list[tuple[str, str]]:
    """Every route under /admin/ with an address of it, about rows that are there."""
    file = Attachment.objects.filter(claim=claim).order_by("pk")[0]
    payment = UnmatchedPayment.objects.create(
        seller=world.toys,
        source="SETTLEMENT",
        payment="p1",
        order_id=claim.order.order_id,
        amount_minor=3000,
        currency="USD",
        at=world.now,
    )
    ImportRun.objects.create(uuid=file.uuid, kind="REFUNDS", name="returns.tsv", size=1, sha256="0" * 64)
    Macro.objects.create(name="Came back as sold", verb="DENY", text="As sold.", reasons=["RETURN_IN_ORDER"])
    kept = SavedFilter.objects.create(user=world.hana, name="Toys", query={"queue": "all"})
    rows = {"desk:settle_payment": payment.pk, "desk:remove_filter": kept.pk}
    for model in filter(admin.site.is_registered, apps.get_models()):
        row = model._default_manager.order_by("pk").first()
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        rows |= {f"{name}_{act}": row.pk if row else 1 for act in ("change", "delete", "history")}
    made = []
    for name, route in routes():
        values = {"claim_id": claim.claim_id, "uuid": str(file.uuid), "page": "0"}
        pk = str(rows.get(name, world.alice.pk))
        address = re.sub(
            r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)",
            lambda found, values=values, pk=pk: values.get(found[1] or found[2], pk),  # type: ignore[misc]
            route,
        )
        made.append((name, "/" + re.sub(r"[\\^$]|\(\?:[^)]*\)", "", address)))
    return made


def closed(response: HttpResponseBase) -> bool:
    """Whether the answer is a refusal: not here, not you, not so, or sign in first."""
    to = response.headers.get("Location", "")
    return response.status_code >= 400 or "/login/" in to


def answers(client: Client, address: str, sent: dict[str, Any]) -> str:
    """What this person gets: "see" the page, be led "on", "send" to it, "do": that changed a row. "" for nothing."""
    said = []
    with transaction.atomic():
        response = client.get(address)
        assert response.status_code < 500, address
        if not closed(response):
            said.append("see" if response.status_code == 200 else "on")
        content_of(response)
        transaction.set_rollback(True)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = client.post(address, sent)
        assert response.status_code < 500, address
        found = [WRITES.match(query["sql"]) for query in queries.captured_queries]
        wrote = {match[1] for match in found if match} - set(NOTED)
        if wrote and not closed(response):
            said.append("**do**")
        elif not closed(response):
            said.append("send")
        transaction.set_rollback(True)
    return ", ".join(said)


def matrix(world: World, claim: Claim, people: dict[str, Client]) -> dict[str, dict[str, str]]:
    sent = {**body(claim), "to": str(world.hana.pk)}
    found: dict[str, dict[str, str]] = {}
    for name, address in addresses(world, claim):
        if name in LEFT_OUT:
            continue
        mine = found.setdefault(f"{name} `{_shape(address, claim)}`", {})
        for role in ROLES:
            mine[role] = answers(people[role], address, sent)
    return found


def _shape(address: str, claim: Claim) -> str:
    """The address as the table has it: the same at each run."""
    made = address.replace(claim.claim_id, "<claim>")
    made = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<file>", made)
    return re.sub(r"/\d+/", "/<id>/", re.sub(r"/\d+/", "/<id>/", made))


@pytest.fixture
def table(world: World, claim: Claim, people: dict[str, Client]) -> dict[str, dict[str, str]]:
    return matrix(world, claim, people)


def test_the_table_says_who_may_what_at_every_address(table: dict[str, dict[str, str]], base_dir: Path) -> None:
    assert len(table) > 90
    head = ["Address", *ROLES]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {route} | {' | '.join(cells[role] or '–' for role in ROLES)} |" for route, cells in table.items()]
    page = (base_dir / TABLE).read_text()
    before, rest = page.split(START)
    made = before + START + "\n".join(lines) + "\n" + END + rest.split(END)[1]
    if os.environ.get("UPDATE_DOCS"):
        (base_dir / TABLE).write_text(made)
    assert (base_dir / TABLE).read_text() == made
    # What must hold whatever the table says.
    for route, cells in table.items():
        outside = {role: cells[role] for role in ("groupless", "seller", "nobody") if "see" in cells[role]}
        if not route.startswith(
            ("admin:login ", "admin:jsi18n ", "admin:index ", "admin:password_change", "desk:stop_viewing ")
        ):
            assert (route, outside) == (route, {})
        writers = {role for role in ROLES if "do" in cells[role]}
        if route.startswith("desk:") and "filter" not in route and "payment" not in route and "desk:pack " not in route:
            assert (route, writers - HANDLERS - {"superuser"}) == (route, set())
        if re.match(r"admin:(claims|messaging)_\w+_(change|delete|history) ", route):
            assert (route, writers) == (route, set())
        assert (route, writers - READERS) == (route, set())
        assert (route, "auditor" in writers and not route.startswith(("desk:save_filter", "desk:pack "))) == (
            route,
            False,
        )
