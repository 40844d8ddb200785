"""Load filing rules and clocks from a TOML file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.management.recomputing import recompute
from claims.operations import policies


class Command(BaseCommand):
    help = "Load policy rules and clocks from FILE. What changed needs a new version; loading twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check the file and write nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise CommandError(f"{path.name}: there is no such file.", returncode=2) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CommandError(f"{path.name}: not a TOML file: {error}.", returncode=2) from None
        try:
            loaded = policies.load(data, dry_run=options["dry_run"])
        except policies.UnusablePolicy as error:
            raise CommandError("\n".join(f"{path.name}: {line}" for line in error.sentences), returncode=2) from None
        recomputed = 0 if options["dry_run"] else recompute(self.stderr, quiet=options["json"])
        if options["json"]:
            said = {"new": loaded.new, "unchanged": loaded.unchanged, "refund_lines_recomputed": recomputed}
            self.stdout.write(json.dumps({**said, "dry_run": options["dry_run"]}))
            return
        self.stdout.write(f"{loaded.new} new, {loaded.unchanged} unchanged.")
        if recomputed:
            self.stdout.write(f"The windows of {recomputed:,} refund lines were computed anew.")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")
