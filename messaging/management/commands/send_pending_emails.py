"""Send the e-mails that are due: what beat runs, by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from messaging.notifications import delivery

BATCH = 50


class Command(BaseCommand):
    help = "Send the e-mails that are due. Exits 1 when one bounced or was given up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is due and send nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        due = delivery.waiting(timezone.now()).count()
        if options["dry_run"]:
            self._say(options["json"], {"due": due}, f"{due} e-mails are due. Dry run: nothing was sent.")
            return
        total = delivery.Delivered()
        with tqdm(total=due, disable=None, unit="e-mail") as bar:
            while (result := delivery.deliver(timezone.now(), limit=BATCH)).total:
                for name, count in asdict(result).items():
                    setattr(total, name, getattr(total, name) + count)
                bar.update(result.total)
        words = (
            f"Sent {total.sent} e-mails. {total.retried} are tried again later, {total.bounced} bounced, "
            f"{total.failed} given up, {total.suppressed} not sent."
        )
        self._say(options["json"], asdict(total), words)
        if total.bounced or total.failed:
            raise SystemExit(1)

    def _say(self, as_json: bool, data: dict[str, int], words: str) -> None:
        self.stdout.write(json.dumps(data) if as_json else words)
