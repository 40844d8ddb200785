"""`manage.py import_sellers FILE`: seller accounts and their owners, from a CSV file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse
from django.utils import timezone

from accounts.import_sellers import TakenIn, import_row
from accounts.sellers_file import TEMPLATE, RejectedSellerRow, UnusableSellersFile, read

SOME_LEFT_OUT, UNUSABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Import seller accounts from a CSV file with the columns seller, name, marketplace, owner and, where there is "
        "one, partner id. Owners who don't belong to their seller yet are invited, their links printed. Taking a file "
        "in twice changes nothing. Exit: 0 all in, 1 some rows left out, 2 the file is unusable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        parser.add_argument("--json", action="store_true", help="the result as one JSON object")
        parser.add_argument("--template", action="store_true", help="print the header of such a file")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["template"]:
            self.stdout.write(TEMPLATE, ending="")
            return
        if options["file"] is None:
            self._unusable("import_sellers", "which file? Name one, or ask for --template.", options["json"])
        path: Path = options["file"]
        try:
            rows, left_out = read(path)
        except UnusableSellersFile as error:
            self._unusable(path.name, str(error), options["json"])
        done = import_row(rows, timezone.now(), dry_run=options["dry_run"])
        left_out = sorted([*left_out, *done.rejected], key=lambda each: each.line)
        if options["json"]:
            self._as_json(done, left_out, options["dry_run"])
        else:
            self._as_words(path.name, done, left_out, options["dry_run"])
        if left_out:
            sys.exit(SOME_LEFT_OUT)

    def _unusable(self, name: str, why: str, as_json: bool) -> NoReturn:
        if as_json:
            self.stdout.write(json.dumps({"error": f"{name}: {why}"}))
        self.stderr.write(f"{name}: {why} Nothing was imported.")
        sys.exit(UNUSABLE)

    def _as_words(self, name: str, done: TakenIn, left_out: list[RejectedSellerRow], dry_run: bool) -> None:
        for each in left_out:
            self.stderr.write(f"{name}, line {each.line}: {each.why}. Row left out.")
        for seller, owner, token in done.invited:
            if not dry_run:
                self.stdout.write(f"{seller}: {owner} joins with {_link(token)}")
        counts = f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged, {len(left_out)} left out"
        total = done.new + done.changed + done.unchanged + len(left_out)
        self.stderr.write(f"Read {total:,} rows: {counts}. Invited {len(done.invited):,} owners.")
        if dry_run:
            self.stderr.write("Dry run: nothing was written.")

    def _as_json(self, done: TakenIn, left_out: list[RejectedSellerRow], dry_run: bool) -> None:
        invited = [
            {"seller": seller, "owner": owner, "link": "" if dry_run else _link(token)}
            for seller, owner, token in done.invited
        ]
        result = {
            "new": done.new,
            "changed": done.changed,
            "unchanged": done.unchanged,
            "made_owner": done.owners,
            "invited": invited,
            "left_out": [{"line": each.line, "why": each.why} for each in left_out],
            "dry_run": dry_run,
        }
        self.stdout.write(json.dumps(result))


def _link(token: str) -> str:
    return settings.SITE_URL + reverse("join", args=[token])
