"""The record as a file: who saw, did and changed what."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import Seller, User
from accounts.values import days, has_nul
from accounts.values.text import Unreadable, shown
from claims.text import csv as csv_out
from desk.audit import audit_log
from desk.models import Record

COLUMNS = ("id", "at", "action", "user", "seller", "claim_id", "what", "detail")


class Command(BaseCommand):
    help = "Write the record, oldest first, as CSV or one JSON object a line. Exit code: 0, or 1 for a wrong call."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", metavar="EMAIL")
        parser.add_argument("--seller", metavar="S", help="short name of the seller")
        parser.add_argument("--claim", metavar="ID")
        parser.add_argument("--action", choices=[action.value for action in Record.Action])
        parser.add_argument("--from", dest="since", metavar="DAY", help="2026-11-24, or an instant with its offset")
        parser.add_argument("--to", dest="until", metavar="DAY", help="up to, and without, this day or instant")
        parser.add_argument("--json", action="store_true", help="one JSON object a line instead of CSV")
        parser.add_argument("--output", metavar="FILE", type=Path, help="else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = audit_log.AuditFilter(
            user=_known(User, "email", options["user"], "person"),
            seller=_known(Seller, "slug", options["seller"], "seller"),
            claim_id=options["claim"],
            action=options["action"],
            since=_moment(options["since"]),
            until=_moment(options["until"]),
        )
        with ExitStack() as stack:
            out: Any = self.stdout
            if options["output"] is not None:
                try:
                    out = stack.enter_context(options["output"].open("w", encoding="utf-8", newline=""))
                except OSError as error:
                    raise CommandError(f"{options['output']} can't be written: {error.strerror}.") from None
            count = _write(out, wanted, as_json=options["json"])
        self.stderr.write("1 row." if count == 1 else f"{count:,} rows.", style_func=str)


def _write(out: Any, wanted: audit_log.AuditFilter, *, as_json: bool) -> int:
    count = 0
    writer = csv_out.Writer(out)
    if not as_json:
        writer.row(COLUMNS)
    for row in tqdm(audit_log.export(wanted), disable=None, unit=" rows", file=sys.stderr, leave=False):
        count += 1
        if as_json:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            continue
        writer.row(
            json.dumps(row[name], ensure_ascii=False) if name == "detail" else str(row[name]) for name in COLUMNS
        )
    return count


def _known(model: Any, name: str, value: str | None, what: str) -> Any:
    if value is None:
        return None
    row = model.objects.filter(**{name: value}).first() if not has_nul(value) else None
    if row is None:
        raise CommandError(f'There is no {what} "{value}".')
    return row


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at, has_time = days.moment(text, "moment")
    except Unreadable:
        raise CommandError(f"{shown(text)} is not a day or an instant. Write it like 2026-11-24.") from None
    if at.tzinfo is None and has_time:
        raise CommandError(f"{shown(text)} has no offset from UTC. Write one, as in {text}+00:00.")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
