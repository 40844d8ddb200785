"""Bring the windows stored with refunds up to date: what follows a policy change and what beat runs, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from claims.management.recompute import recompute
from claims.refunds import stored_windows


class Command(BaseCommand):
    help = "Compute anew when refunds can be claimed, where policy changed since. Stopped, it goes on where it was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is out of date and change nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            due = stored_windows.out_of_date(timezone.now()).count()
            words = f"The windows of {due:,} refund lines are out of date. Dry run: nothing was written."
            self._say(options["json"], {"out_of_date": due, "dry_run": True}, words)
            return
        done = recompute(self.stderr, quiet=options["json"])
        words = f"The windows of {done:,} refund lines were recomputed."
        self._say(options["json"], {"refund_lines_recomputed": done}, words)

    def _say(self, as_json: bool, data: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(data) if as_json else words)
