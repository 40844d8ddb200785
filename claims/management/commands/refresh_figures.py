"""Count what was decided, by day: what beat runs every quarter of an hour, by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.values import days
from accounts.values.text import shown
from claims.statistics import count


class Command(BaseCommand):
    help = "Count decisions and appeals by day for the pages of insight: new days, or those from --from to --to again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="since", metavar="DAY", help="as in 2026-11-24")
        parser.add_argument("--to", dest="until", metavar="DAY", help="with this day; else today")
        parser.add_argument("--dry-run", action="store_true", help="say which days, count none")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["since"] is None:
            counted = 0 if options["dry_run"] else count.count_new(now)
        else:
            first, last = _day(options["since"]), _day(options["until"]) if options["until"] else now.date()
            days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            counted = len(days)
            for day in tqdm([] if options["dry_run"] else days, disable=None, unit=" days", leave=False):
                count.count_day(day)
        if options["json"]:
            self.stdout.write(json.dumps({"days": counted, "dry_run": options["dry_run"]}))
        words = "Dry run: nothing was counted." if options["dry_run"] else f"Counted {counted:,} days."
        self.stderr.write(words, style_func=str)


def _day(text: str) -> date:
    if day := days.typed_day(text):
        return day
    raise CommandError(f"{shown(text)} is not a day. Write it like 2026-11-24.")
