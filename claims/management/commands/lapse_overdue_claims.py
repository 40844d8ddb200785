"""Lapse the claims whose reply-by has passed without a reply: what beat runs, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from django.utils.translation import ngettext

from claims.workflow import lapse


class Command(BaseCommand):
    help = "Lapse the claims whose reply-by has passed without a reply. Exit 1 when one of them could not be lapsed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is overdue and change nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["dry_run"]:
            due, held = lapse.overdue(now).count(), lapse.held(now).count()
            words = ngettext("%(n)s claim is overdue.", "%(n)s claims are overdue.", due) % {"n": due}
            self._say(options["json"], {"due": due, "held": held}, f"{words} Dry run: nothing was changed.")
            return
        done = lapse.sweep(now)
        words = ngettext("Lapsed %(n)s claim.", "Lapsed %(n)s claims.", done.lapsed) % {"n": done.lapsed}
        if done.skipped:
            words += f" {done.skipped} skipped: a reply arrived in time."
        if done.held:
            words += (
                f" {len(done.held)} held: the imported mail has an e-mail of the seller that may be the reply: "
                f"{', '.join(done.held[:20])}."
            )
        if done.failed:
            words += f" {len(done.failed)} failed, see the log: {', '.join(done.failed[:20])}."
        said = {"lapsed": done.lapsed, "skipped": done.skipped, "held": done.held, "failed": done.failed}
        self._say(options["json"], said, words)
        if done.failed:
            raise SystemExit(1)

    def _say(self, as_json: bool, data: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(data) if as_json else words)
