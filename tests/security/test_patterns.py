"""No pattern takes longer than a line for a stranger's text: each is found by inspection and tried on its worst cases.

    make test ARGS="tests/security/test_patterns.py -s"

also prints each with its worst time for 100 kB. What is hard for a pattern is put together from what its own repeats
match, so a new one needs no case here; one that can't be read from the code has to be named below, with an example.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.html import strip_tags
from django.utils.text import Truncator

from claims.claim_page.links import linked
from claims.files import names, text
from claims.imports import values
from claims.text.formats import read_moment
from messaging.correspondence import headers, html, quotes
from messaging.search import find
from messaging.search.marks import Marks
from tests.security import patterns
from tests.security.patterns import Found, fault_of, hard_texts, run, worst

OLD_SVG = re.compile(r"(?:<\?xml[^>]*>|<!doctype\s+svg[^>]*>|<!--.*?-->|\s)*<svg(?=[\s>/:])", re.I | re.S)
"""What stopped a web process for a minute with 211 bytes."""

PUT_TOGETHER = {
    "messaging.search.marks": "the words searched for, at most ten, each escaped: `_pattern_of`",
    "accounts.sign_in.passwords": "the portal's own words, escaped, one beside the other: of nothing anybody typed",
    "claims.imports.wrong_files": "one of two words of ours, and letters up to the next tag",
    "claims.keyset": "the name of a column of ours, between digits of a bounded number",
}
"""Modules in which a pattern is put together, and of what; what is made of typed words is tried below."""
BOUNDED = {
    "address /admin/r/<path:content_type_id>/<path:object_id>/": (4_094, "Django's; gunicorn takes no longer address"),
}
"""Patterns that take longer than a line: the longest text they are ever given, in characters, and why."""
AT_THE_BOUND = 1.0
"""Seconds of processor time that such a pattern may take for its longest text; measured: some hundredths."""


def found() -> list[Found]:
    inline, _unread = patterns.inline()
    return [*patterns.compiled(), *inline, *of_addresses()]


def of_addresses() -> list[Found]:
    """The patterns of the URL resolver, the libraries' too: a stranger's path is tried on them."""

    def within(resolver: URLResolver, place: str) -> Iterator[Found]:
        for one in resolver.url_patterns:
            here = f"{place}{one.pattern}"
            regex = getattr(one.pattern, "regex", None)
            if isinstance(regex, re.Pattern):
                yield Found(f"address {here}", regex, {"search"})
            if isinstance(one, URLResolver):
                yield from within(one, here)
            else:
                assert isinstance(one, URLPattern)

    return list(within(get_resolver(), "/"))


@cache
def distinct() -> list[Found]:
    by_pattern: dict[tuple[Any, int], Found] = {}
    for one in found():
        known = by_pattern.setdefault((one.pattern.pattern, one.pattern.flags), one)
        known.uses |= one.uses
    return list(by_pattern.values())


def measures(one: Found) -> dict[str, Callable[[Any], float]]:
    return {use: partial(run, one.pattern, use) for use in one.uses or {"search"}}


def test_patterns_are_found_wherever_they_stand() -> None:
    compiled = {one.place: one for one in patterns.compiled()}
    assert compiled["claims.files.text._SVG"].uses == {"match"}
    assert compiled["accounts.values.days._SHAPES"].uses == {"fullmatch"}
    assert "messaging.correspondence.mbox._FIELD" in compiled
    inline, unread = patterns.inline()
    assert {one.pattern.pattern for one in inline} >= {r"[/\\]", r"\n{3,}", r"[A-Z]{3}"}
    assert set(unread) == set(PUT_TOGETHER)
    assert len(distinct()) > 100


def test_every_pattern_takes_time_like_a_line() -> None:
    faults = {}
    for one in distinct():
        if one.place in BOUNDED:
            continue
        for use, measure in measures(one).items():
            for make in hard_texts(one.pattern):
                if fault := fault_of(measure, make):
                    faults[f"{one.place} {use}"] = fault
                    break
    assert faults == {}


def test_what_takes_longer_than_a_line_is_given_little() -> None:
    bounded = {one.place: one for one in distinct() if one.place in BOUNDED}
    assert set(bounded) == set(BOUNDED)
    for place, one in bounded.items():
        for measure in measures(one).values():
            assert worst(measure, hard_texts(one.pattern), BOUNDED[place][0])[0] < AT_THE_BOUND


@pytest.mark.parametrize(
    "slow",
    [
        OLD_SVG,
        re.compile(r"(?:a|a?b?)*c"),
        re.compile(r"(\w+\s?)+$"),
        re.compile(r"\s*,?\s*x"),
        re.compile(r"<[^>]*>"),
        re.compile(r"On\s(?:.+?\s?.+?)\s?wrote:$"),
        re.compile(rb"^(?:[ \t]*-?[ \t]*)*y", re.MULTILINE),
    ],
    ids=lambda slow: str(slow.pattern)[:20],
)
def test_a_pattern_that_takes_longer_is_seen(slow: re.Pattern[Any]) -> None:
    measure = partial(run, slow, "search")
    assert any(fault_of(measure, make) for make in hard_texts(slow))


def test_the_old_pattern_for_drawings_is_seen_and_the_new_one_finds_the_same() -> None:
    drawings = [
        "<svg>",
        "<?xml version='1.0'?>\n<!-- x -->\n<svg >",
        "<!DOCTYPE svg PUBLIC 'x'><svg/>",
        "<!----><svg:svg",
    ]
    others = ["<svgx>", "<!-- <svg> -->", "words <svg>", "<?xml version='1.0'?><order/>", "<!-- x", ""]
    for content in drawings + others:
        assert bool(OLD_SVG.match(content)) == (text.markup_type(content) == "image/svg+xml") == (content in drawings)
    assert text.markup_type("<!---->" * 30 + "x") == "text/html"


# -- What libraries do with strangers' text, and what we do besides patterns

WAYS: dict[str, Callable[[str], object]] = {
    "attachments.text.markup_type": text.markup_type,
    "attachments.text.text_type": lambda said: text.text_type(said, "eml"),
    "attachments.names.clean_name": names.clean_name,
    "intake.values.letters": values.letters.__wrapped__,
    "display.read_moment": read_moment,
    "sheet.words.linked (Django's urlize)": linked,
    "packs: Django's strip_tags of escaped words": lambda said: strip_tags(str(linked(said))),
    "redactable: Django's Truncator": lambda said: Truncator(said).chars(120),
    "find.understood": find.understood,
    "correspondence.headers.words": headers.words,
    "correspondence.headers.addresses": headers.addresses,
    "correspondence.headers.mail_id": headers.mail_id,
    "correspondence.headers.moment": headers.moment,
    "correspondence.quotes.split_quoted": quotes.split_quoted,
    "correspondence.html.html_to_text": html.html_to_text,
    "models.User e-mail": lambda said: valid_email(said),
}
LONGEST = {
    "correspondence.headers.words": headers.LONGEST,
    "correspondence.headers.addresses": headers.LONGEST,
    "correspondence.headers.mail_id": headers.LONGEST,
    "correspondence.headers.moment": headers.LONGEST,
}
"""What a way is given at most: a field of an e-mail is cut before it is read."""
PUMPS = (
    "a", "1", " ", "\n", "\t", "-", ">", "<", "<a ", "<a>", "<font ", "</", "<!--", "-->", "<!---->", "<![CDATA[",
    "&", "&amp;", "&#", ";", "(", ")", "[", "(a", "a)", ".", "a.", "www.", "http://", "http://a.com ", "a@", "@",
    "a@b.c ", ",", ":", "wrote:\n", "On 1 wrote:\n", "On a\n", "> ", ">\n", "> a\nb\n", "From: a\n",
    "From: a\nTo: b\nDate: c\nx\n", "---", "----- ", "=?utf-8?q?", "=?utf-8?b?YQ==?= ", "=?", "\"", "'", "\\",
    "data:", "data:a;base64,", "Am 1 schrieb ", "20", "2026-01-01T", "+01:00 ", "<blockquote>", "<p><a href='x'>",
    "\u00a0", "\u3000", "\u5e74",
)  # fmt: skip


def valid_email(said: str) -> None:
    for validator in get_user_model()._meta.get_field("email").validators:
        with suppress(ValidationError):
            validator(said[:1000])


def makers_of(way: str) -> list[Callable[[int], str]]:
    most = LONGEST.get(way, 10**6)

    def make(pump: str, tail: str, length: int) -> str:
        return (pump * (length // len(pump) + 1))[: min(length, most)] + tail

    return [partial(make, pump, tail) for pump in PUMPS for tail in ("", "\x01", "<")]


def timed(way: Callable[[str], object], said: str) -> float:
    began = time.thread_time()
    way(said)
    return time.thread_time() - began


@pytest.mark.parametrize("way", WAYS)
def test_what_is_done_with_strangers_words_takes_time_like_a_line(way: str) -> None:
    faults = [fault for make in makers_of(way) if (fault := fault_of(partial(timed, WAYS[way]), make))]
    assert faults == []


def test_what_is_searched_for_makes_patterns_that_take_time_like_a_line() -> None:
    """The one pattern made from typed words, tried on texts and names longer than any that is kept."""
    for typed in ("a-a-a-a a", '"a a a a" a', "a" * 200, "a_b " * 10):
        words = find.understood(typed)
        marks = Marks(words.terms).pattern
        assert [fault for make in hard_texts(marks) if (fault := fault_of(partial(run, marks, "sub"), make))] == []


def test_worst_times_at_100_kb_are_told(request: pytest.FixtureRequest) -> None:
    """The table, with `-s`: every pattern and every way with the longest it took for 100 kB of any hard text."""
    if request.config.getoption("capture") != "no":
        pytest.skip("the table is printed with -s")
    rows = []
    for one in distinct():
        for use, measure in measures(one).items():
            length = BOUNDED.get(one.place, (100_000, ""))[0]
            rows.append((*worst(measure, hard_texts(one.pattern), length), one.place, use))
    for way, do in WAYS.items():
        rows.append((*worst(partial(timed, do), makers_of(way), 100_000), way, "whole"))
    for seconds, shown, place, use in sorted(rows, key=lambda row: -row[0]):
        sys.stdout.write(f"{seconds * 1000:9.2f} ms  {place} {use}  {shown!r}\n")
    assert rows
