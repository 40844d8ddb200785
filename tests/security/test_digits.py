"""Digits of other scripts: Python takes them for numbers, or for digits it then can't read. No reader of ours does."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest
from django import forms
from django.conf import settings
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from accounts import values as accounts_values
from accounts.values import amounts
from accounts.values.text import Unreadable
from claims.access import search_terms
from claims.access.search_terms import Shape
from claims.imports import values
from claims.models import Claim, Draft, PolicyRule
from tests.cast import World
from tests.messaging.pages import client_of

APPS = ("accounts", "claims", "messaging", "desk", "safet_portal")
ARABIC, DEVANAGARI, FULL_WIDTH = ("٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "０１２３４５６７８９")
SCRIPTS = {"Arabic-Indic": ARABIC, "Devanagari": DEVANAGARI, "full-width": FULL_WIDTH}
OTHERS = ["Arabic-Indic", "Devanagari"]
"""Full-width digits are ASCII's as Japanese keyboards write them: amounts in them are read."""
ALONE = ("²", "①", "½", "٣", "１", "𝟙", "Ⅷ", "೧")


OTHERS = [script for script in SCRIPTS if script != "full-width"]
"""Full-width digits are the ten we know in another width: amounts and days are read in them."""


def in_script(text: str, digits: str) -> str:
    return text.translate(str.maketrans("0123456789", digits))


@pytest.mark.parametrize("text", [*ALONE, "", "-1", "+1", " 1", "1 ", "1_0", "1\n", "0x1", "1.0", "9" * 19, "9" * 5000])
def test_no_reader_takes_it_for_a_number(text: str) -> None:
    assert (accounts_values.whole(text), accounts_values.key(text)) == (None, None)


def test_a_number_is_no_longer_than_its_place() -> None:
    assert (accounts_values.whole("0123"), accounts_values.whole("999999999"), accounts_values.whole("1000000000")) == (
        123,
        999999999,
        None,
    )
    assert (accounts_values.key("9" * 18), accounts_values.whole("1234567", digits=6), accounts_values.whole(None)) == (
        10**18 - 1,
        None,
        None,
    )


@pytest.mark.parametrize("script", OTHERS)
def test_amounts_and_quantities_take_no_digits_of_other_scripts(script: str) -> None:
    digits = SCRIPTS[script]
    for written in ("24.50", "1,284.50", "7"):
        assert amounts.typed(written, "USD") is not None
        typed = in_script(written, digits)
        assert amounts.typed(typed, "USD") is None
        with pytest.raises(Unreadable, match="is not an amount"):
            amounts.minor_units(typed, "USD", "the amount")
    assert values.quantity("12") == 12
    with pytest.raises(Unreadable, match="is not a number"):
        values.quantity(in_script("12", digits))


@pytest.mark.parametrize("script", SCRIPTS)
def test_uuids_and_days_take_no_digits_of_other_scripts(script: str) -> None:
    one, digits = uuid4(), SCRIPTS[script]
    assert (accounts_values.uuid_of(str(one)), accounts_values.uuid_of(one.hex.upper())) == (one, one)
    assert accounts_values.uuid_of(in_script("12345678-1234-4123-8123-123456789012", digits)) is None
    for wrong in ("{" + str(one) + "}", f"urn:uuid:{one}", "1_" * 16, "", None, "x" * 32):
        assert accounts_values.uuid_of(wrong) is None
    assert search_terms.as_day("2026-01-02") is not None
    assert (search_terms.as_day(in_script("2026-01-02", digits)) is None) is (script in OTHERS)


def test_an_id_typed_full_width_is_found() -> None:
    order, claim = "111-2223334-5556667", "11122-33344-5556667"
    wide = str.maketrans({**{n: chr(ord(n) + 0xFEE0) for n in "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ"}})
    assert search_terms.understood(order.translate(wide)).ids == ((Shape.ORDER, order),)
    assert search_terms.understood(claim.translate(wide)).ids == ((Shape.CLAIM, claim),)
    assert search_terms.understood("B0EXAM0001".translate(wide)).ids == ((Shape.ASIN, "B0EXAM0001"),)
    assert search_terms.understood(in_script(order, ARABIC)).ids == ()


@pytest.mark.parametrize("script", OTHERS)
def test_desk_refuses_an_amount_in_another_script_and_keeps_it(world: World, script: str) -> None:
    claim = world.claim()
    line = claim.lines.get()
    typed = in_script("50.00", SCRIPTS[script])
    form = {
        "outcome": "GRANT", f"amount-{line.pk}": typed, "words": "In part.", "version": claim.version,
        "seen": claim.next_position, f"reason-{line.pk}-RETURN_IN_ORDER": "1",
    }  # fmt: skip
    page = client_of(world.hana).post(reverse("desk:decide", args=[claim.claim_id]), form)
    claim.refresh_from_db()
    assert (page.status_code, claim.decided_at) == (200, None)
    assert "Write the amount like 24.50." in page.content.decode()
    assert typed in page.content.decode()


@pytest.mark.parametrize("script", OTHERS)
def test_filing_refuses_numbers_in_another_script_and_keeps_the_amount(world: World, script: str) -> None:
    line = world.refund(quantity=3)
    draft = world.draft(line, quantity=2)
    client = client_of(world.alice)
    typed = in_script("12.00", SCRIPTS[script])
    page = reverse("claims:new_step", args=[draft.uuid, "what"])
    fields = {f"quantity-{line.sku}": in_script("3", SCRIPTS[script]), f"amount-{line.sku}": typed}
    assert client.post(page, {**fields, f"was-{line.sku}": ""}).status_code in (200, 302)
    draft.refresh_from_db()
    assert draft.choices["quantities"] == {line.sku: 2}
    assert draft.choices["amounts"] == {line.sku: typed}
    assert typed in client.get(page).content.decode()


@pytest.mark.parametrize("text", [*ALONE, "٣٣", "9" * 5000, "²" * 8])
def test_no_number_of_a_form_breaks_its_page(world: World, text: str) -> None:
    """Wherever a seller's or a handler's form names a number, a key or a version of ours."""
    claim, draft = world.claim(), world.draft()
    rule = PolicyRule.objects.order_by("pk").first()
    assert rule is not None
    at = claim.claim_id
    forms_of = {
        world.alice: {
            f"/claims/new/{draft.uuid}/what/": {"n": text, "auto": "1", "quantity-x": text},
            f"/claims/new/{draft.uuid}/review/": {"accepted": f"{rule.key}/{text}"},
            "/drafts/submit/": {"draft": [text, str(draft.uuid)], "accepted": "yes", "rule": f"{rule.key}/{text}",
                                "key": text, "seller": world.toys.slug},
            f"/claims/{at}/messages/": {"act": "auto", "text": "x", "n": text, "draft": text, "remove": text,
                                        "stands": text, "key": text},
        },
        world.hana: {
            f"/admin/desk/{at}/take/": {"version": text, "seen": text},
            f"/admin/desk/{at}/assign/": {"version": text, "to": text},
            f"/admin/desk/{at}/note/": {"version": text, "seen": text, "text": "x"},
            f"/admin/desk/{at}/decide/": {"version": text, "seen": text, "outcome": "DENY"},
            "/admin/desk/bulk/": {"act": "take", "claim": f"{at}.{text}"},
        },
        world.ada: {f"/admin/desk/{at}/redact/": {"what": f"note:{text}", "why": "x", "version": text}},
    }  # fmt: skip
    wrong = {}
    for person, each in forms_of.items():
        client = client_of(person)
        client.raise_request_exception = False
        for address, fields in each.items():
            status = client.post(address, fields).status_code
            if status >= 500:
                wrong[address] = status
    assert wrong == {}
    assert Claim.objects.filter(draft_uuid=draft.uuid).count() == 0
    assert Draft.objects.filter(pk=draft.pk).count() == 1


@pytest.mark.parametrize("address", ["/admin/claims/claim/{}/change/", "/admin/messaging/originalmail/{}/change/"])
@pytest.mark.parametrize("text", [*ALONE, "9" * 19, "9" * 400])
def test_no_number_in_an_address_of_the_admin_breaks_it(world: World, address: str, text: str) -> None:
    assert client_of(world.hana).get(address.format(text)).status_code in (302, 404)


def test_claim_ids_in_addresses_are_plain_digits(world: World) -> None:
    claim = world.claim()
    for digits in SCRIPTS.values():
        assert client_of(world.alice).get(f"/claims/{in_script(claim.claim_id, digits)}/").status_code == 404


def test_admin_forms_read_numbers_by_the_one_reader(world: World) -> None:
    """Every number that any form of the admin takes, found in the forms themselves."""
    request = RequestFactory().get("/admin/")
    request.user = world.ada
    found: dict[str, forms.Field] = {}
    for model, one in admin.site._registry.items():
        if model._meta.app_label in APPS and one.has_add_permission(request):
            fields = one.get_form(request).base_fields
            found |= {f"{model.__name__}.{name}": field for name, field in fields.items() if is_number(field)}
    assert {"PolicyRule.closes_after", "ClockRule.four_eyes_above_minor"} <= set(found)
    assert {name for name, field in found.items() if not isinstance(field, accounts_values.WholeField)} == set()
    for typed in ("٤٥", "４５", "²"):
        with pytest.raises(forms.ValidationError, match="digits 0 to 9"):
            accounts_values.WholeField().clean(typed)
    assert accounts_values.WholeField().clean(" 45 ") == 45


def is_number(field: Any) -> bool:
    return isinstance(field, forms.IntegerField | forms.DecimalField | forms.FloatField)


def modules() -> Iterator[ModuleType]:
    for app in APPS:
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in found.name:
                yield importlib.import_module(found.name)


def test_every_pattern_of_ours_means_plain_digits() -> None:
    """A pattern in text with a class of digits takes those of all scripts unless it is said to be ASCII."""
    open_ones = {
        f"{module.__name__}.{name}"
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) and isinstance(value.pattern, str)
        if r"\d" in value.pattern and not value.flags & re.ASCII
    }
    assert (
        open_ones
        - {
            "safet_portal.demo.files._TOKEN",  # our own sample files
            "messaging.correspondence.quotes._CLOCK",  # these find where a quotation begins and read no number
            "messaging.correspondence.quotes._DIGIT",
            "messaging.correspondence.quotes._EASTERN_DAY",
            "messaging.correspondence.quotes._DAY",
            "messaging.correspondence.quotes._TIME",
            "accounts.tables.charsets._AMISS",  # what a wrong charset makes of letters
        }
        == set()
    )


def test_nobody_asks_a_text_whether_it_is_digits() -> None:
    """`isdigit` and its kin are true of digits that `int` can't read, and of those of all scripts."""
    asked = set()
    for app in APPS:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and node.attr in ("isdigit", "isdecimal", "isnumeric"):
                    asked.add(str(path.relative_to(settings.BASE_DIR)))
    assert asked == set()


def test_uuid_of_is_a_uuid() -> None:
    assert isinstance(accounts_values.uuid_of("12345678123441238123123456789012"), UUID)
