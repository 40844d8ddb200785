"""Amounts: written in any of the known ways they read back as themselves; what could be two is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from accounts.values import amounts
from accounts.values.text import Unreadable
from tests.accounts.values.refusals import refusal

LOCALES = (
    "en_US", "en_GB", "en_IN", "de_DE", "de_CH", "fr_FR", "es_ES", "es_MX", "it_IT", "nl_NL", "sv_SE", "pl_PL",
    "pt_BR", "tr_TR", "ja_JP",
)  # fmt: skip
AT_HOME = {
    "USD": "en_US", "GBP": "en_GB", "INR": "en_IN", "EUR": "de_DE", "MXN": "es_MX", "SEK": "sv_SE", "PLN": "pl_PL",
    "BRL": "pt_BR", "TRY": "tr_TR", "JPY": "ja_JP",
}  # fmt: skip
MINOR = st.integers(-(10**11), 10**11)


def of(minor: int, code: str) -> Decimal:
    return Decimal(minor).scaleb(-amounts.decimals(code))


@given(minor=MINOR, code=st.sampled_from([*AT_HOME]), locale=st.sampled_from(LOCALES), grouped=st.booleans())
def test_an_amount_reads_back_from_the_way_any_locale_writes_it(
    minor: int, code: str, locale: str, grouped: bool
) -> None:
    places = amounts.decimals(code)
    pattern = ("#,##0" if grouped else "0") + ("." + "0" * places if places else "")
    if locale == "en_IN" and grouped:
        pattern = "#,##,##0" + pattern[5:]
    written = format_decimal(of(minor, code), pattern, locale=locale)
    assert amounts.minor_units(written, code) == minor


@given(minor=MINOR, code=st.sampled_from([*AT_HOME]))
def test_an_amount_reads_back_with_the_symbol_of_its_currency(minor: int, code: str) -> None:
    written = format_currency(of(minor, code), code, locale=AT_HOME[code])
    assert amounts.minor_units(written, code) == minor
    for spelled in (f"{code} {of(minor, code)}", f"{of(minor, code)} {code}"):
        assert amounts.minor_units(spelled, code) == minor


WRAPS = ("{}", " {} ", "\u00a0{}\u202f", '="{}"', "'{}", "\u200e{}", "\u2066{}\u2069", "\ufeff{}")


@given(minor=MINOR, code=st.sampled_from(["USD", "JPY", "KWD", "EUR"]), wrap=st.sampled_from(WRAPS))
def test_an_amount_of_our_own_writing_reads_back_however_it_is_wrapped(minor: int, code: str, wrap: str) -> None:
    plain = f"{of(minor, code):f}"
    wide = plain.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789.-"})
    minus_at_the_end = plain[1:] + "-" if minor < 0 else plain
    for written in (plain, wide, minus_at_the_end, plain.replace("-", "\u2212")):
        assert amounts.minor_units(wrap.format(written), code) == minor
    assert amounts.minor_units(of(minor, code), code) == minor


@pytest.mark.parametrize(
    ("written", "code", "minor"),
    [
        ("1,250", "USD", 125000),
        ("1.250", "EUR", 125000),
        ("1.250,00", "EUR", 125000),
        ("2,000", "USD", 200000),
        ("1,00,769.13", "INR", 10076913),
        ("1'234.50", "EUR", 123450),
        ("1 847,32", "SEK", 184732),
        ("1,980", "JPY", 1980),
        ("1279.00", "JPY", 1279),
        ("1.234", "KWD", 1234),
        ("(24.50)", "USD", -2450),
        ("-$24.50", "USD", -2450),
        ("24,50 €", "EUR", 2450),
        ("10.989999999999998", "USD", 1099),
        (".5", "USD", 50),
        ("0.000", "USD", 0),
    ],
)
def test_amount_in_a_known_spelling(written: str, code: str, minor: int) -> None:
    assert amounts.minor_units(written, code) == minor


@pytest.mark.parametrize(
    ("written", "code", "why"),
    [
        ("12,3x", "USD", 'amount "12,3x" is not an amount in USD. Write it like 1284.50'),
        ("1.2.3", "USD", 'amount "1.2.3" is not an amount. Write it like 1284.50'),
        ("1.0,00", "EUR", 'amount "1.0,00" is not an amount. Write it like 1284.50'),
        ("1,284,50", "USD", 'amount "1,284,50" is not an amount. Write it like 1284.50'),
        ("1,0000", "JPY", 'amount "1,0000" is not an amount. Write it like 1285'),
        ("1e3", "USD", 'amount "1e3" is not an amount. Write it like 1284.50'),
        ("5²", "USD", 'amount "5²" is not an amount. Write it like 1284.50'),
        ("٥", "USD", 'amount "٥" is not an amount. Write it like 1284.50'),
        ("", "USD", 'amount "" is not an amount. Write it like 1284.50'),
        (
            "0,125",
            "EUR",
            'amount "0,125" has three decimals, or a group of thousands that begins with 0. Write it like 1284.50',
        ),
        ("1,250", "KWD", 'amount "1,250" can be read in two ways. Write it like 1284.500'),
        ("€5", "USD", 'amount "€5" is not an amount in USD. Write it like 1284.50'),
        ("5 EUR", "USD", 'amount "5 EUR" is not an amount in USD. Write it like 1284.50'),
        ("1250.125", "USD", 'amount "1250.125" has more decimals than USD has (2)'),
        ("10.5", "JPY", 'amount "10.5" has more decimals than JPY has (0)'),
        ("999999999999999999", "USD", 'amount "999999999999999999" is too large'),
        ("5\x1b[31m", "USD", 'amount "5\\x1b[31m" is not an amount. Write it like 1284.50'),
    ],
)
def test_what_is_no_amount_or_two_is_refused_and_quoted_as_it_stood(written: str, code: str, why: str) -> None:
    with pytest.raises(Unreadable) as problem:
        amounts.minor_units(written, code)
    assert problem.value.cause == why


def test_a_number_is_taken_as_it_is_and_an_exponent_never_computed() -> None:
    assert amounts.minor_units(Decimal("1E+1"), "USD") == 1000
    assert amounts.minor_units(Decimal("1.25"), "USD") == 125
    for huge in ("1E+999999", "NaN"):
        with pytest.raises(Unreadable):
            amounts.minor_units(Decimal(huge), "USD")


@given(st.text(max_size=80))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    assert refusal(amounts.minor_units, text, "USD").isprintable()
