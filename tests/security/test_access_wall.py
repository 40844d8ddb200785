"""The access check is a wall: pages of sellers reach no table but through it, and nothing of the desk's from a row."""

from __future__ import annotations

import importlib
import importlib.abc
import inspect
from collections.abc import Iterator
from importlib.util import find_spec
from types import CodeType
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Manager, Model, QuerySet
from django.urls import URLPattern, URLResolver, get_resolver

OURS = ("accounts", "claims", "messaging", "desk")
PARTS_OF_PAGES = ("claims.claims_list.empty", "claims.refunds.empty", "claims.filing.step_pages")
"""Modules that put pages together for the views beside them."""

TO_TABLES = {"objects", "_default_manager", "_base_manager", "get_model", "get_object_or_404", "get_list_or_404"}
"""Names that lead from a row or a model to every row there is. `connection` would be a global of the module."""

REACHED_FROM_ROWS = {
    "accounts.Seller": {"claims", "invitations", "memberships"},
    "accounts.User": {"authenticator_set", "emailaddress_set", "logentry_set", "memberships"},  # three of libraries
    "claims.Appeal": {"grounds"},
    "claims.Batch": {"rows"},
    "claims.Claim": {
        "appeals",
        "attachments",
        "deadline_moves",
        "decisions",
        "information_requests",
        "ledger",
        "lines",
        "messages",
        "status_changes",
    },
    "claims.Decision": {"lines"},
    "claims.DecisionLine": {"reasons"},
    "claims.Draft": {"attachments"},
    "claims.InformationRequest": {"items"},
    "claims.Order": {"claims", "refund_lines", "refunds", "returns", "reversals"},
    "claims.Outage": {"moves"},
    "claims.Refund": {"claims", "lines"},
    "claims.RefundLine": {"claim_lines", "components", "returns"},
}
"""What a template of sellers' pages may reach from a row it is given. What only staff see has `related_name="+"`."""

OF_THE_DESK = {
    "claims.AppealRelease",
    "claims.Assignment",
    "claims.DecisionEvidence",
    "claims.FileOpened",
    "claims.ProposedDecision",
    "claims.Redaction",
    "claims.UnmatchedPayment",
    "desk.Presence",
    "desk.Record",
    "messaging.InternalNote",
    "messaging.OriginalMail",
    "messaging.OutgoingEmail",
}
"""Tables that no name in a template leads to."""


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, prefix + str(each.pattern))
        else:
            yield prefix + str(each.pattern), each


def modules_of_sellers() -> list[str]:
    """Every module of ours that has a view outside the admin, and what puts their pages together."""
    views = {
        inspect.unwrap(route.callback).__module__ for address, route in routes() if not address.startswith("admin/")
    }
    return sorted({name for name in views if name.partition(".")[0] in OURS} | set(PARTS_OF_PAGES))


def names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from names_in(inner)


def breaches(values: dict[str, Any], code: CodeType) -> list[str]:
    """What of a module reaches tables: models and managers among its globals, names that lead to them in its code."""
    held = [
        name
        for name, value in values.items()
        if isinstance(value, Manager | QuerySet) or (isinstance(value, type) and issubclass(value, Model))
    ]
    raw = [name for name in ("connection", "connections") if name in values]
    return sorted({*held, *raw, *(TO_TABLES & set(names_in(code)))})


def code_of(name: str) -> CodeType:
    spec = find_spec(name)
    assert spec is not None and isinstance(spec.loader, importlib.abc.InspectLoader)
    code = spec.loader.get_code(name)
    assert code is not None
    return code


def test_views_of_sellers_are_found() -> None:
    found = modules_of_sellers()
    assert len(found) > 15 and {"accounts.views", "claims.filing.step_views", "messaging.search.views"} <= set(found)
    assert not [name for name in found if name.startswith("desk.")]


@pytest.mark.parametrize("name", modules_of_sellers())
def test_no_module_of_sellers_pages_reaches_a_table(name: str) -> None:
    assert breaches(vars(importlib.import_module(name)), code_of(name)) == []


@pytest.mark.parametrize(
    ("text", "breach"),
    [
        ("from claims.models import Claim", ["Claim"]),
        ("from claims.access.seller_rows import Draft as Rows", ["Rows"]),
        ("from accounts.access import Membership\nmine = Membership.objects", ["Membership", "mine", "objects"]),
        ("def view(request, claim):\n    return type(claim).objects.all()", ["objects"]),
        ("from accounts import access\ndef view(request):\n    return [lambda: access.User.objects]", ["objects"]),
        (
            "class Page:\n    def rows(self, row):\n        return row._meta.model._default_manager",
            ["_default_manager"],
        ),
        ("from django.apps import apps\ndef view(request):\n    return apps.get_model('claims.Claim')", ["get_model"]),
        ("from django.db import connection", ["connection"]),
    ],
)
def test_a_hole_in_the_wall_is_noticed(text: str, breach: list[str]) -> None:
    code = compile(text, "hole", "exec")
    values: dict[str, Any] = {}
    exec(code, values)
    assert set(breach) <= set(breaches(values, code))


def accessors(model: type[Model]) -> dict[str, str]:
    """What the other sides of relations are called on this model's rows; templates read no name with an underscore."""
    names = {each.get_accessor_name(): each.related_model._meta.label for each in model._meta.related_objects}
    return {name: label for name, label in names.items() if name and not name.startswith("_")}


def test_rows_lead_to_what_is_listed_alone() -> None:
    """A new relation has to say whether sellers' templates may follow it back: here, or `related_name="+"`."""
    models = [model for app in ("accounts", "claims") for model in apps.get_app_config(app).get_models()]
    reached = {model._meta.label: set(accessors(model)) for model in models if accessors(model)}
    for own in ("claims.UnmatchedPayment", "claims.ImportRun"):
        del reached[own]  # the desk's own; nothing leads to it
    assert reached == REACHED_FROM_ROWS


def test_no_row_leads_to_what_only_the_desk_sees() -> None:
    leads = [
        (model._meta.label, name)
        for model in apps.get_models()
        if model._meta.label not in OF_THE_DESK
        for name, label in accessors(model).items()
        if label in OF_THE_DESK
    ]
    assert leads == []
    assert {apps.get_model(label)._meta.label for label in OF_THE_DESK} == OF_THE_DESK
