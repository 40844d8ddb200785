"""The documents are true: the modules and paths they name exist, and their links lead somewhere."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.environment import BASE_DIR

DOCS = sorted(BASE_DIR.glob("docs/**/*.md"))
PAGES = [*DOCS, *sorted(BASE_DIR.glob("*.md"))]
RECORDS = BASE_DIR / "docs" / "decisions"
"""Decision records stay as they were written, names of their time included: only their links are followed."""
TRUE_TODAY = [each for each in PAGES if each.parent != RECORDS and each.stem != "CHANGELOG"]

OURS = ("accounts", "bench", "claims", "desk", "docs", "messaging", "safet_portal", "static", "templates", "tests")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MODULE = re.compile(rf"`((?:{'|'.join(OURS)})(?:\.\w+)+)`")
PATH = re.compile(rf"`((?:{'|'.join(OURS)})/[\w./*-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
WAYS = re.compile(r"^### (.+)$", re.MULTILINE)


def name_of(document: Path) -> str:
    return document.relative_to(BASE_DIR).as_posix()


def prose(document: Path) -> str:
    return FENCE.sub("", document.read_text("utf-8"))


def exists(dotted: str) -> bool:
    """Whether this is a module of ours, or a name inside one."""
    parent, _dot, last = dotted.rpartition(".")
    for module in (dotted, parent):
        try:
            if find_spec(module):
                return module == dotted or hasattr(importlib.import_module(module), last)
        except ModuleNotFoundError:  # what stands before its last dot is a module and no folder, or isn't there
            continue
    return False


def anchors(document: Path) -> set[str]:
    """The anchors of the page's headings, as they are made of them where the page is shown."""
    titles = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def broken_links(document: Path) -> Iterator[str]:
    for link in LINK.findall(prose(document)):
        if re.match(r"[a-z]+:", link):
            continue
        target, _hash, anchor = link.partition("#")
        place = (document.parent / target).resolve() if target else document
        if not place.exists() or (anchor and anchor not in anchors(place)):
            yield link


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    assert [*broken_links(document)] == []


@pytest.mark.parametrize("document", TRUE_TODAY, ids=name_of)
def test_every_module_and_path_that_is_named_exists(document: Path) -> None:
    text = prose(document)
    modules = [each for each in MODULE.findall(text) if not exists(each)]
    paths = [each for each in PATH.findall(text) if not any(BASE_DIR.glob(each.rstrip("/")))]
    assert (modules, paths) == ([], [])


def test_five_ways_of_the_data_are_told() -> None:
    text = (BASE_DIR / "docs" / "architecture.md").read_text("utf-8")
    ways = WAYS.split(text)[1:]
    told = {title: len(MODULE.findall(way)) for title, way in zip(ways[::2], ways[1::2], strict=True)}
    assert len(told) == 5
    assert min(told.values()) >= 8


def test_every_decision_is_in_the_index_and_says_its_date_and_status() -> None:
    index = (RECORDS / "README.md").read_text("utf-8")
    records = sorted(each for each in RECORDS.glob("0*.md"))
    assert [each.name for each in records if f"({each.name})" not in index] == []
    head = re.compile(r"# \d+\. .+\n\nDate: \d{4}-\d\d-\d\d\. Status: (accepted|replaced by \d+)[^\n]*\.\n")
    assert [each.name for each in records if not head.match(each.read_text("utf-8"))] == []
