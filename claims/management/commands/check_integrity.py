"""Check that what must always be true is."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from claims import integrity


class Command(BaseCommand):
    help = "Check every invariant by name and name what breaks one. Exits 1 if one is broken. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = integrity.broken()
        if options["json"]:
            self.stdout.write(json.dumps(broken))
        else:
            for name, ids in broken.items():
                self.stdout.write(f"{'BROKEN' if ids else 'ok'}  {name}{': ' if ids else ''}{', '.join(ids)}")
        if any(broken.values()):
            raise SystemExit(1)
