"""What tools, bookmarks and e-mails outside rely on: it may grow, nothing of it may be renamed or go.

``contracts.json`` is the list. A new address, option or key is added to it in the change that makes it;
``CONTRACTS=write make test ARGS=tests/portal/test_contracts.py`` writes what is there now, for `git diff` to show.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command, get_commands, load_command_class
from django.urls import URLPattern, URLResolver, get_resolver

from claims import integrity
from claims.claims_list import report
from claims.filing import batch_file
from claims.imports import claims_csv, plain_csv
from claims.management.commands import export_reimbursements
from claims.refunds import csv as refunds_csv
from desk.management.commands import export_record
from safet_portal import health
from safet_portal.celery import app as celery
from safet_portal.demo.people import PEOPLE

OPTION = re.compile(r"--[a-z][a-z-]*")
KEPT = Path(__file__).with_name("contracts.json")
OURS = ("accounts", "claims", "messaging", "desk", "safet_portal")
SAY_JSON = (
    ("check_integrity",),
    ("lapse_overdue_claims", "--dry-run"),
    ("send_pending_emails", "--dry-run"),
    ("send_reminders", "--dry-run"),
    ("recompute_windows", "--dry-run"),
    ("refresh_figures", "--dry-run"),
    ("check_files",),
    ("purge_files", "--dry-run"),
)


def addresses(resolver: URLResolver | None = None, prefix: str = "", space: str = "") -> Iterator[str]:
    """Yield every address as ``route name``."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from addresses(each, prefix + str(each.pattern), inner)
        elif isinstance(each, URLPattern):
            route = re.sub(r"\(\?P<app_label>[^)]*\)", "<app_label>", f"{prefix}{each.pattern}")
            yield f"/{route} {space}{each.name or ''}".rstrip()


def commands() -> Iterator[str]:
    """Yield every command of ours, and each with one of its options, as its help tells them."""
    usual = set(OPTION.findall(load_command_class("django.core", "migrate").create_parser("", "").format_help()))
    for name, place in get_commands().items():
        if place in OURS:
            yield name
            told = set(OPTION.findall(load_command_class(place, name).create_parser("", name).format_help()))
            yield from (f"{name} {option}" for option in told - usual | told & {"--json", "--dry-run"})


def keys_of(said: Any, prefix: str) -> Iterator[str]:
    """Yield the keys of what a command says as JSON."""
    for key, value in said.items() if isinstance(said, dict) else ():
        yield f"{prefix} {key}"
        yield from keys_of(value, f"{prefix} {key}")


def json_keys() -> Iterator[str]:
    for name, *options in SAY_JSON:
        out = io.StringIO()
        call_command(name, *options, "--json", stdout=out)
        yield from keys_of(json.loads(out.getvalue()), name)


def metrics(client: Any) -> Iterator[str]:
    client.get("/healthz")
    names = re.findall(r"(?m)^# TYPE (safet_\w+) ", client.get("/metrics").content.decode())
    yield from (name for name in names if not name.endswith("_created"))


def variables() -> Iterator[str]:
    """Yield the environment variables that docs/operations.md tells operators of."""
    text = (Path(apps.get_app_config("safet_portal").path).parent / "docs" / "operations.md").read_text()
    table = text.partition("## Environment")[2] or text
    yield from re.findall(r"(?m)^\| `([A-Z][A-Z_0-9]+)` \|", table)


def columns() -> Iterator[str]:
    named = {
        "report": report.COLUMNS,
        "refunds": refunds_csv.COLUMNS,
        "template of drafts": batch_file.COLUMNS,
        "import_claims": claims_csv.COLUMNS,
        "import_refunds": plain_csv.COLUMNS,
        "export_reimbursements": export_reimbursements.COLUMNS,
        "export_record": export_record.COLUMNS,
    }
    yield from (f"{file}: {column}" for file, names in named.items() for column in names)


@pytest.fixture
def now_there(db: None, client: Any) -> dict[str, list[str]]:
    for name in OURS:
        importlib.import_module(f"{name}.apps")
    celery.loader.import_default_modules()
    found: dict[str, Iterator[str]] = {
        "addresses": addresses(),
        "commands": commands(),
        "keys of --json": json_keys(),
        "tasks": (name for name in celery.tasks if name.split(".")[0] in OURS),
        "metrics": metrics(client),
        "readiness checks": iter(health.checks()),
        "invariants": iter(integrity.INVARIANTS),
        "columns": columns(),
        "environment": variables(),
        "people of the demo": (person.email for person in PEOPLE),
    }
    return {kind: sorted(set(names)) for kind, names in found.items()}


def test_what_others_rely_on_is_still_there(now_there: dict[str, list[str]]) -> None:
    if os.environ.get("CONTRACTS") == "write":
        KEPT.write_text(json.dumps(now_there, indent=1, ensure_ascii=False) + "\n")
    kept: dict[str, list[str]] = json.loads(KEPT.read_text())
    gone = {kind: sorted(set(names) - set(now_there[kind])) for kind, names in kept.items()}
    assert gone == {kind: [] for kind in kept}


def test_what_is_new_is_on_the_list(now_there: dict[str, list[str]]) -> None:
    kept: dict[str, list[str]] = json.loads(KEPT.read_text())
    new = {kind: sorted(set(names) - set(kept[kind])) for kind, names in now_there.items()}
    assert new == {kind: [] for kind in now_there}, "add it: CONTRACTS=write make test ARGS=<this file>"
