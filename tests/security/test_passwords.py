"""Which new passwords are refused: short, common, common with a tail, and made of the words of this portal."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "qwertyuiop",  # on the list as it is
        "Password2026!",
        "!!!football123",
        "SafeT-Claims-2026",
        "s4f3-t-cl41ms!",
        "seller refunds 1",
        "ExampleMarket99",
        "example.market.portal",
    ],
)
def test_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "9274018365018",  # digits alone are as good as their number
        "correct horse battery",
        "my claims are many and odd",
        "Überraschung am Morgen",
        "日本語のパスワードです長い",
        "🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑",
    ],
)
def test_taken(password: str) -> None:
    validate_password(password)


def test_name_of_this_marketplace_is_one_of_the_words(settings: Any) -> None:
    validate_password("Krambude-4711-x")
    settings.MARKETPLACE_NAME = "Krambude"
    with pytest.raises(ValidationError, match="words of this portal"):
        validate_password("Krambude-4711-x")
