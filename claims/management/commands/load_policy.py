"""Load filing rules and clocks from TOML files."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.management.recompute import recompute
from claims.policy_loading import load


class Command(BaseCommand):
    help = (
        "Load policy rules and clocks from each FILE, all of it or nothing. What changed needs a new version; loading "
        "twice changes nothing. A table of marketplaces is checked only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check each file and write nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = {"new": 0, "unchanged": 0}
        for path in options["files"]:
            data = self._read(path)
            try:
                if data and all(isinstance(row, dict) and "zone" in row for row in data.values()):
                    self._marketplaces(load.check_marketplaces(data), path.name, as_json=options["json"])
                    continue
                loaded = load.load(data, dry_run=options["dry_run"])
            except load.UnusablePolicy as error:
                told = "\n".join(self._told(path.name, one) for one in error.sentences)
                raise CommandError(told, returncode=2) from None
            counts = {"new": counts["new"] + loaded.new, "unchanged": counts["unchanged"] + loaded.unchanged}
        recomputed = 0 if options["dry_run"] else recompute(self.stderr, quiet=options["json"])
        if options["json"]:
            counts["refund_lines_recomputed"] = recomputed
            self.stdout.write(json.dumps({**counts, "dry_run": options["dry_run"]}))
            return
        self.stdout.write(f"{counts['new']} new, {counts['unchanged']} unchanged.")
        if recomputed:
            self.stdout.write(f"The windows of {recomputed:,} refund lines were recomputed.")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            return tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise CommandError(f"{path.name}: there is no such file.", returncode=2) from None
        except OSError as error:
            raise CommandError(f"{path.name}: can't be read: {error.strerror}.", returncode=2) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise CommandError(f"{path.name}: not a TOML file: {error}.", returncode=2) from None

    def _told(self, file: str, sentence: str) -> str:
        """Return the sentence with the file: "us.toml, rule …" where it speaks of a row."""
        return (
            f"{file}, {sentence}"
            if sentence.startswith(('rule "', 'clock "', 'marketplace "'))
            else f"{file}: {sentence}"
        )

    def _marketplaces(self, count: int, file: str, *, as_json: bool) -> None:
        words = f"{file}: {count} marketplaces, nothing wrong. The program reads its own when it starts."
        if not as_json:
            self.stdout.write(words)
