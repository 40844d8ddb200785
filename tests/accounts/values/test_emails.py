"""E-mail addresses have one spelling, however they were typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.values import emails
from accounts.values.text import Unreadable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("<ann@example.com>", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("\u200bann@example.com\u200f", "ann@example.com"),
        ("ａｎｎ@example.com", "ann@example.com"),
        ("ann@MÜNCHEN.de", "ann@xn--mnchen-3ya.de"),
        ("ann@xn--mnchen-3ya.de", "ann@xn--mnchen-3ya.de"),
        ("ann@例え.jp", "ann@xn--r8jz45g.jp"),
    ],
)
def test_an_address_has_one_spelling(typed: str, kept: str) -> None:
    assert emails.address(typed) == kept == emails.normal(kept)


@pytest.mark.parametrize(
    "typed", ["x", "a@b", "ann@straße.de", "a b@example.com", "ann@example.com, bob@example.com", ""]
)
def test_what_is_no_address_is_quoted(typed: str) -> None:
    with pytest.raises(Unreadable) as problem:
        emails.address(typed)
    assert problem.value.cause == f'"{typed}" isn\'t an e-mail address. One looks like name@example.com'


@given(st.emails())
def test_any_address_reads_back_in_any_case(address: str) -> None:
    assert emails.normal(address.upper()) == emails.normal(address) == emails.normal(f" <{address}> ")
