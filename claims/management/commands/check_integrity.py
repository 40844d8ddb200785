"""Check that what must always be true is."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from accounts.database import is_away
from claims import integrity


class Command(BaseCommand):
    help = (
        "Check every invariant by name and name what breaks one. Writes nothing. Exits 1 if one is broken, 3 if the "
        "database is away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            broken = integrity.broken()
        except (OperationalError, InterfaceError) as error:
            if not is_away(error):
                raise
            raise CommandError(f"Nothing was checked: the database is away. {error}".strip(), returncode=3) from error
        if options["json"]:
            self.stdout.write(json.dumps(broken))
        else:
            for name, ids in broken.items():
                self.stdout.write(f"{'BROKEN' if ids else 'ok'}  {name}{': ' if ids else ''}{', '.join(ids)}")
        if any(broken.values()):
            raise SystemExit(1)
