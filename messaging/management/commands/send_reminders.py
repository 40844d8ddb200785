"""Owe the reminders and daily digests that came due, and send them: what beat runs, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from messaging.notifications import digest, reminders
from messaging.tasks import hurry


class Command(BaseCommand):
    help = "Owe the reminders and daily digests that came due since the last run, and have them sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is due and owe nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            counts = self._owe()
            transaction.set_rollback(options["dry_run"])
        total = sum(counts.values())
        if total and not options["dry_run"]:
            hurry()
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": options["dry_run"], "new": total, **counts}))
            return
        parts = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        words = f"{total} reminders and digests are due{': ' + parts if parts else ''}."
        self.stdout.write(words + (" Dry run: nothing was written." if options["dry_run"] else " They are being sent."))

    def _owe(self) -> dict[str, int]:
        """Owe what is due now; return how many e-mails of each kind are new."""
        now = timezone.now()
        counts: dict[str, int] = {}
        with tqdm(total=reminders.TOTAL + 1, disable=None, unit="part") as bar:
            for owed in reminders.owe_due(now):
                counts[owed.kind.value] = counts.get(owed.kind.value, 0) + owed.emails
                bar.update()
            counts["digest"] = digest.owe_due(now)
            bar.update()
        return counts
