"""`manage.py ready`: what `/status` answers, for the shell and for containers without a web server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from safet_portal.health import checks, is_well, run_checks


class Command(BaseCommand):
    help = (
        "Ask the named readiness checks (all when none is named): name and ok or failed each. Exits 1 if one of the "
        "named failed, or without names one that somebody has to look at."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="*", choices=[*checks(), []])

    def handle(self, *args: Any, **options: Any) -> None:
        results = run_checks(options["name"])
        for name, result in results.items():
            self.stdout.write(f"{name} {result}")
        if "failed" in results.values() if options["name"] else not is_well(results):
            raise CommandError("Not ready.")
