"""Lapse the claims whose reply-by has passed without a reply: what beat runs, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from claims.operations import answering


class Command(BaseCommand):
    help = "Lapse the claims whose reply-by has passed without a reply."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is overdue and change nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            due = len(answering.overdue(now))
            self._say(options["json"], {"due": due}, f"{due} claims are overdue. Dry run: nothing was changed.")
            return
        lapsed = 0
        while claims := answering.overdue(now):
            done = sum(answering.lapse_if_due(claim, now=now) is not None for claim in claims)
            lapsed += done
            if not done:  # what is left is held by something else, or was answered just now
                break
        self._say(options["json"], {"lapsed": lapsed}, f"Lapsed {lapsed} claims.")

    def _say(self, as_json: bool, data: dict[str, int], words: str) -> None:
        self.stdout.write(json.dumps(data) if as_json else words)
