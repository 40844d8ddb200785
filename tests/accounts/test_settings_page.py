"""Name, time zone and theme of a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from accounts.zones import zone_choices, zones
from tests.accounts.conftest import Cast
from tests.html import CheckingClient

SignIn = Callable[[User], CheckingClient]


def test_settings_are_kept_and_said(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.vera)
    response = client.post("/settings/", {"name": " Vera V. ", "zone": "Europe/Berlin", "theme": "dark"}, follow=True)
    cast.vera.refresh_from_db()
    assert (cast.vera.name, cast.vera.zone, cast.vera.theme) == ("Vera V.", "Europe/Berlin", "dark")
    assert [str(m) for m in response.context["messages"]] == ["Settings saved."]


def test_theme_is_in_the_page_from_the_first_byte(cast: Cast, signed_in: SignIn) -> None:
    client = signed_in(cast.vera)
    for theme, attribute in [("dark", "dark"), ("light", "light"), ("", "light")]:
        client.post("/settings/", {"name": "", "zone": "", "theme": theme})
        assert f'data-bs-theme="{attribute}"' in client.get("/settings/").content.decode()
    assert client.cookies["theme"].value == ""


def test_theme_of_a_person_follows_to_another_device(cast: Cast, signed_in: SignIn) -> None:
    User.objects.filter(pk=cast.vera.pk).update(theme="dark")
    page = signed_in(cast.vera).get("/settings/").content.decode()
    assert 'data-theme="dark" data-bs-theme="dark"' in page


def test_theme_cookie_of_a_stranger_writes_nothing_else(client: CheckingClient, db: None) -> None:
    client.cookies["theme"] = 'dark"><script>'
    assert 'data-bs-theme="light"' in client.get("/help/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("zone", "Mars/Olympus", "Choose a time zone from the list."),
        ("theme", "pink", "Choose a theme from the list."),
        ("name", "N" * 151, "The name is 151 characters long; at most 150."),
    ],
)
def test_what_cannot_be_kept_is_named(cast: Cast, signed_in: SignIn, field: str, value: str, sentence: str) -> None:
    given = {"name": "Vera", "zone": "", "theme": "", field: value}
    response = signed_in(cast.vera).post("/settings/", given)
    assert (response.status_code, response.context["form"].errors[field]) == (422, [sentence])


def test_staff_have_settings_too(cast: Cast, signed_in: SignIn) -> None:
    assert signed_in(cast.hana).get("/settings/").status_code == 200


def test_zones_are_grouped_and_all_there() -> None:
    grouped = dict(zone_choices())
    assert ("America/Argentina/Buenos_Aires", "Buenos Aires, Argentina") in grouped["America"]
    assert {"America/New_York", "Europe/Berlin", "Asia/Kolkata", "UTC"} <= set(zones())
    assert "US/Eastern" not in zones()
