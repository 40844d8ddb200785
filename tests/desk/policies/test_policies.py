"""Policy in the admin: read by the desk, and a new version made by operators under the checks of a file."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.groups import OPERATOR
from accounts.models import User
from claims.models import ClockRule, PolicyRule
from tests.cast import PASSWORD, World
from tests.html import CheckingClient

NEW = {
    "key": "us", "name": "US", "marketplace": "US", "region": "", "program": "", "reason": "", "sub_reason": "",
    "effective_from": "", "effective_to": "", "trigger": "REFUND", "opens_after": "0", "closes_after": "60",
    "unit": "CALENDAR", "covered": "on", "order_cap_minor": "500000", "order_cap_currency": "USD", "percent_cap": "",
    "component": "", "clause": "Within 60 days.", "source": "A page", "note": "",
}  # fmt: skip


@pytest.fixture
def olga(world: World) -> User:
    user = User.objects.create_user("olga@desk.example", PASSWORD, name="Olga Brandt", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=OPERATOR)[0])
    return user


@pytest.fixture
def operator(client: CheckingClient, olga: User) -> CheckingClient:
    client.force_login(olga)
    return client


def versions(key: str) -> list[tuple[int, int]]:
    return list(PolicyRule.objects.filter(key=key).order_by("version").values_list("version", "closes_after"))


def test_an_operator_adds_a_rule_and_then_a_version_of_it(operator: CheckingClient) -> None:
    assert operator.get(reverse("admin:claims_policyrule_add")).status_code == 200
    assert operator.post(reverse("admin:claims_policyrule_add"), NEW).status_code == 302
    row = PolicyRule.objects.get(key="us")
    address = reverse("admin:claims_policyrule_change", args=[row.pk])
    assert 'value="60"' in operator.get(address).content.decode()
    assert operator.post(address, {**NEW, "closes_after": "45", "key": "other"}).status_code == 302
    assert versions("us") == [(1, 60), (2, 45)]
    assert not PolicyRule.objects.filter(key="other").exists()


def test_a_character_that_cant_be_kept_is_left_out(operator: CheckingClient) -> None:
    assert operator.post(reverse("admin:claims_policyrule_add"), {**NEW, "name": "U\x00S"}).status_code == 302
    assert PolicyRule.objects.get(key="us").name == "US"


def test_evidence_of_its_own_is_kept_and_shown_again(operator: CheckingClient) -> None:
    typed = {**NEW, "reason": "DAMAGED", "own_evidence": "on", "required": ["ITEM_PHOTO"]}
    assert operator.post(reverse("admin:claims_policyrule_add"), typed).status_code == 302
    row = PolicyRule.objects.get(key="us")
    assert (row.required, row.recommended) == (["ITEM_PHOTO"], [])
    page = operator.get(reverse("admin:claims_policyrule_change", args=[row.pk])).content.decode()
    assert page.count("checked") >= 3  # covered, own evidence, the photo


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opens_after": "70"}, "closes (day 60) before it opens (day 70)"),
        ({"percent_cap": "140"}, "percent_cap"),
        ({"effective_from": "2026-03-01", "effective_to": "2026-02-01"}, "before it begins"),
        ({"key": "base-again", "marketplace": "", "order_cap_minor": "", "order_cap_currency": ""}, "both apply to"),
        ({"reason": "DAMAGED", "sub_reason": "EMPTY_BOX"}, "no case of"),
        ({"effective_to": "2026-02-01", "key": "base"}, "no rule applies"),
        ({"key": "a b"}, "slug"),
        ({"reason": "made-up"}, "made-up"),
        ({"closes_after": "9" * 30}, "closes_after"),
    ],
)
def test_what_cant_be_right_is_said_and_kept_as_typed(
    operator: CheckingClient, world: World, changes: dict[str, str], said: str
) -> None:
    typed = {**NEW, **changes}
    if changes.get("key") == "base":
        row = PolicyRule.objects.get(key="base")
        address = reverse("admin:claims_policyrule_change", args=[row.pk])
        typed |= {"marketplace": "", "order_cap_minor": "", "order_cap_currency": ""}
    else:
        address = reverse("admin:claims_policyrule_add")
    answer = operator.post(address, typed)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert said in page.replace("&#x27;", "'").replace("&quot;", '"')
    assert "Within 60 days." in page
    assert PolicyRule.objects.count() == 1


def test_clocks_get_a_version_too(operator: CheckingClient) -> None:
    row = ClockRule.objects.latest("version")
    typed: dict[str, Any] = {
        "name": "Base clocks", "marketplace": "", "program": "", "reply_days": "10", "reply_unit": "BUSINESS",
        "appeal_days": "7", "appeal_unit": "CALENDAR", "answer_days": "7", "answer_unit": "CALENDAR", "appeals": "1",
        "appeal_needs_senior": "on", "four_eyes_above_minor": "100000", "four_eyes_currency": "", "source": "A page",
        "note": "",
    }  # fmt: skip
    assert operator.post(reverse("admin:claims_clockrule_change", args=[row.pk]), typed).status_code == 302
    newest = ClockRule.objects.order_by("-version").values_list("version", "reply_days", "reply_unit").first()
    assert newest == (3, 10, "BUSINESS")


def test_handlers_read_policy_and_write_none(client: CheckingClient, world: World) -> None:
    client.force_login(world.hana)
    row = PolicyRule.objects.get()
    assert client.get(reverse("admin:claims_policyrule_change", args=[row.pk])).status_code == 200
    assert client.get(reverse("admin:claims_policyrule_add")).status_code == 403
    for address in (
        reverse("admin:claims_policyrule_add"),
        reverse("admin:claims_policyrule_change", args=[row.pk]),
    ):
        assert client.post(address, NEW).status_code == 403
    assert PolicyRule.objects.count() == 1
