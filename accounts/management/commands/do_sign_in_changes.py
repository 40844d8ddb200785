"""Do what was asked for the sign-ins of handlers and superusers and has come due: what beat runs, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.sign_in import changes


class Command(BaseCommand):
    help = (
        "Send the links to set a password, and change the addresses, that superusers asked for handlers and whose time "
        "has come. Safe to run twice and at the same time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is due and change nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now, dry = timezone.now(), options["dry_run"]
        count = changes.due(now).count() if dry else changes.do_due(now)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry, "changes": count}))
        elif dry:
            self.stdout.write(f"{count} changes of sign-ins are due. Dry run: nothing was changed.")
        else:
            self.stdout.write(f"{count} due changes of sign-ins are done or ended.")
