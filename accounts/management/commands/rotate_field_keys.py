"""Encrypt people's secrets with the first of FIELD_KEYS, so that older keys can be removed."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.sign_in import factors


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of second factors with the first key of FIELD_KEYS. Safe to run twice and while people "
        "sign in. Ends with 1 where a secret can't be read with any key: those stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what would be encrypted and change nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        dry = options["dry_run"]
        done = factors.rotate(dry_run=dry)
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry, **asdict(done)}))
        else:
            self.stdout.write(
                f"{'Would encrypt' if dry else 'Encrypted'} {done.encrypted} second factors with the first key; "
                f"{done.current} were already; {done.unreadable} can't be read with any key."
            )
        if done.unreadable:
            raise CommandError(
                f"{done.unreadable} second factors can't be read: give FIELD_KEYS the key they were encrypted with, "
                "or remove them in the admin.",
                returncode=1,
            )
        if not done.encrypted and not options["json"]:
            self.stdout.write("Only the first key is in use: the others can be removed.")
