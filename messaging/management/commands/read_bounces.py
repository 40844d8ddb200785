"""`manage.py read_bounces`: note the addresses whose mail came back, from the bounce mailbox or from files."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from messaging.notifications import bounce_mailbox


class Command(BaseCommand):
    help = (
        "Read the mailbox at BOUNCE_MAILBOX and delete what was read, or read .eml files (each stays). Addresses whose "
        "mail came back for good are written to no more. Exits 2 where the mailbox can't be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE", help="an e-mail that came back, as .eml")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now, done = timezone.now(), bounce_mailbox.Read()
        try:
            for path in options["paths"]:
                bounce_mailbox.take(path.read_bytes(), now, done)
        except OSError as error:
            raise CommandError(f"{error.filename} can't be read: {error.strerror}.", returncode=2) from error
        if not options["paths"]:
            if not settings.BOUNCE_MAILBOX:
                said = "Name files, or set BOUNCE_MAILBOX to imaps://user:password@host/INBOX."
                raise CommandError(said, returncode=2)
            try:
                done = bounce_mailbox.read(now)
            except bounce_mailbox.MailboxAway as error:
                raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done)))
        else:
            self.stdout.write(f"{done.read} read, {done.returned} of ours came back.")
