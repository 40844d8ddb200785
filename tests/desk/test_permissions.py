"""Who may what, over every address under /admin/: each role, GET and POST, found in the resolver, not by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.groups import AUDITOR, OPERATOR
from accounts.models import User
from claims.models import Assignment, Attachment, Claim, Decision, InformationRequest
from messaging.models import InternalNote, Message
from tests.cast import PASSWORD, World
from tests.html import content_of
from tests.messaging.correspondence.mails import mail, put_into

ROLES = ("handler", "senior", "operator", "auditor", "superuser", "groupless", "seller", "nobody")
DESK = frozenset({"handler", "senior", "operator", "auditor", "superuser"})
HANDLERS = frozenset({"handler", "senior"})
VERBS = {
    "desk:take": HANDLERS,
    "desk:take_next": HANDLERS,
    "desk:bulk": HANDLERS,
    "desk:request": HANDLERS,
    "desk:decide": HANDLERS,
    "desk:message": HANDLERS,
    "desk:note": HANDLERS,
    "desk:assign": frozenset({"senior"}),
}
"""Whose POST changes a claim that nobody has, by address. Everybody else's, and every other address, changes none."""
EDITED = {"User", "Seller", "Membership", "Group", "Macro", "Authenticator", "EmailAddress"}
"""Tables that have forms of their own in the admin: nothing that an operation owns."""
ADDED_TO = {"PolicyRule", "ClockRule"}
"""Tables to which a form adds a further version, through the checks that a file goes through. No row is changed."""
MAIL = ("desk:mail", "desk:original_mail")
OPEN = {
    "admin:login",
    "admin:logout",
    "admin:jsi18n",
    "admin:index",
}  # the index lists what one may read: nothing, for who has no group
LEFT_OUT = {"admin:password_change", "admin:password_change_done", "admin:view_on_site"}


def routes(resolver: Any = None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every route as (its name with its namespace, its pattern)."""
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from routes(each, route, inner)
        elif isinstance(each, URLPattern) and route.startswith("admin/"):
            yield f"{space}{each.name}", route


@pytest.fixture
def world(world: World) -> World:
    world.now = timezone.now()
    return world


@pytest.fixture
def claim(world: World) -> Claim:
    return world.claim()


@pytest.fixture
def addresses(world: World, claim: Claim) -> list[tuple[str, str]]:
    """Every address under /admin/ as (its name, the address), about the claim and its rows."""
    file = Attachment.objects.filter(claim=claim).order_by("pk")[0]
    original = put_into(claim, mail(subject="The kite"))
    stands_for = {"claim_id": claim.claim_id, "uuid": str(file.uuid), "page": "0", "pk": "1", "id": "1"}
    made = []
    for name, route in routes():
        if name in LEFT_OUT or name in OPEN:
            continue
        pk = str(claim.pk if "claims/claim/" in route else world.alice.pk)
        stands_for["pk"] = str(original.pk) if "mail/" in route else "1"
        address = re.sub(
            r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)",
            lambda found, pk=pk: stands_for.get(found[1] or found[2], pk),  # type: ignore[misc]
            route,
        )
        made.append((name, "/" + re.sub(r"[\\^$]|\(\?:[^)]*\)", "", address)))
    return made


@pytest.fixture
def people(world: World) -> dict[str, Client]:
    def staff(name: str, *groups: str) -> User:
        user = User.objects.create_user(f"{name}@desk.example", PASSWORD, name=name, is_staff=True)
        user.groups.set(Group.objects.filter(name__in=groups))
        return user

    users = {
        "handler": world.hana,
        "senior": world.sam,
        "operator": staff("olga", OPERATOR),
        "auditor": staff("ari", AUDITOR),
        "superuser": world.ada,
        "groupless": staff("gil"),
        "seller": world.alice,
    }
    clients = {}
    for role in ROLES:
        clients[role] = Client()
        if role in users:
            clients[role].force_login(users[role])
    return clients


def body(claim: Claim) -> dict[str, Any]:
    """What would do whatever a form of the desk can do, if it were allowed."""
    (line,) = claim.lines.all()
    return {
        "version": claim.version,
        "seen": claim.next_position,
        "outcome": "GRANT",
        f"amount-{line.pk}": "89.99",
        "words": "Granted.",
        "message": "Hello.",
        "note": "Look.",
        "text": "Please.",
        "slot-WEIGHT": "1",
        "claim": f"{claim.claim_id}.{claim.version}",
        "act": "take",
        "to": "nobody",
        "why": "So.",
        "confirm": "1",
        "name": "Mine",
        "status": "GRANTED",
        "granted_minor": "1",
        "action": "delete_selected",
        "_selected_action": str(claim.pk),
        "post": "yes",
    }


def asked(name: str) -> tuple[str, ...]:
    """Who tries an address: everybody those of claims; of the other tables' many alike, the ones that must not."""
    return (
        ROLES if name.startswith(("desk:", "admin:claims_", "admin:messaging_")) else ("auditor", "groupless", "seller")
    )


def state() -> tuple[Any, ...]:
    claims = Claim.objects.order_by("pk").values_list("pk", "version", "status", "granted_minor", "assigned_to")
    told = (Decision, Message, InternalNote, Assignment, InformationRequest)
    return list(claims), [model.objects.count() for model in told]


def test_only_the_desk_reads_anything_under_admin(addresses: list[tuple[str, str]], people: dict[str, Client]) -> None:
    open_to: dict[str, set[str]] = {}
    for name, address in addresses:
        for role in asked(name):
            response = people[role].get(address)
            assert response.status_code < 500, (role, address)
            shown = response.status_code == 200
            content_of(response)
            if shown:
                open_to.setdefault(name, set()).add(role)
    leaks = {name: roles - DESK for name, roles in open_to.items() if roles - DESK}
    assert leaks == {}
    for name in ("desk:claim", "desk:decide", "desk:evidence", "desk:file", *MAIL, "admin:claims_claim_changelist"):
        assert (name, open_to[name]) == (name, set(DESK))
    for name in ("admin:accounts_user_changelist", "admin:accounts_seller_add", "admin:accounts_membership_change"):
        assert name not in open_to


def test_a_post_changes_a_claim_for_handlers_only_and_only_at_its_verbs(
    addresses: list[tuple[str, str]], people: dict[str, Client], claim: Claim
) -> None:
    sent, before = body(claim), state()
    changed: dict[str, set[str]] = {}
    for name, address in addresses:
        for role in asked(name):
            data = {**sent, "to": _somebody(name, role)}
            with transaction.atomic():
                response = people[role].post(address, data)
                assert response.status_code < 500, (role, address)
                if state() != before:
                    changed.setdefault(name, set()).add(role)
                transaction.set_rollback(True)
    assert changed == {name: set(roles) for name, roles in VERBS.items()}


def _somebody(name: str, role: str) -> str:
    """Whom to assign to: somebody else than nobody, who has the claim already."""
    return str(User.objects.get(email="hana@desk.example").pk) if name == "desk:assign" else "nobody"


def test_nothing_that_operations_own_has_a_form_in_the_admin(world: World) -> None:
    superuser = RequestFactory().get("/")
    superuser.user = world.ada
    editable = {
        model.__name__
        for model in filter(admin.site.is_registered, apps.get_models())
        for shown in [admin.site.get_model_admin(model)]
        if shown.has_add_permission(superuser)
        or shown.has_change_permission(superuser)
        or shown.has_delete_permission(superuser)
    }
    assert editable <= EDITED | ADDED_TO
    ours = {model.__name__ for app in ("claims", "messaging") for model in apps.get_app_config(app).get_models()}
    assert editable & ours == ADDED_TO
    # A version is no row to change: the database refuses that (append_only), and the form makes the next one.
