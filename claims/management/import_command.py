"""What import_refunds and import_claims have in common: arguments, sentences on stderr, exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser

from claims.imports.run import UNUSABLE, Run, WrongCall, as_json, find_marketplace, find_seller
from claims.models import ImportRun


class ImportCommand(BaseCommand):
    """Say what became of the rows on standard error, the sum on the last line; with --json also on standard output."""

    kind: ClassVar[ImportRun.Kind]
    template: ClassVar[str] = ""
    """A file to fill in, where there is one."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="*", type=Path)
        parser.add_argument("--seller", metavar="S", help="short name of the seller; needed unless the file names one")
        parser.add_argument("--marketplace", metavar="M", help="where rows that name none belong; else the seller's")
        parser.add_argument("--dry-run", action="store_true", help="check and compare everything, write nothing")
        parser.add_argument("--rejects", metavar="FILE", type=Path, help="rows left out, with place and cause, as CSV")
        parser.add_argument("--json", action="store_true", help="say the result as JSON on standard output")
        if self.template:
            parser.add_argument("--template", action="store_true", help="print our own CSV, header and an example row")

    def handle(self, *args: Any, **options: Any) -> None:
        if options.get("template"):
            self.stdout.write(self.template, ending="")
            return
        try:
            if not options["files"]:
                hint = " --template prints one to fill in." if self.template else ""
                raise WrongCall(f"Name at least one file.{hint}")
            run = Run(
                kind=self.kind,
                say=self._say,
                seller=find_seller(options["seller"]),
                marketplace=find_marketplace(options["marketplace"]),
                dry_run=options["dry_run"],
                rejects=options["rejects"],
            )
            report = run.files(options["files"])
        except WrongCall as wrong:
            self._say(str(wrong))
            raise SystemExit(UNUSABLE) from None
        if options["json"]:
            self.stdout.write(as_json(report, dry_run=options["dry_run"]))
        if report.exit_code:
            raise SystemExit(report.exit_code)

    def _say(self, line: str) -> None:
        self.stderr.write(line, style_func=str)
