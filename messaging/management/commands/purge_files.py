"""Delete stored bytes that are no longer needed: what beat does, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from claims.files import orphans
from messaging import purge


class Command(BaseCommand):
    help = (
        "Delete the bytes of infected files and evidence packs past their time, of what was redacted, of idle drafts, "
        "and what no row names and is a day old. Safe to run twice and while files come in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what would go and delete nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")
        parser.add_argument(
            "--whatever", action="store_true", help="also where most of what is stored belongs to no row"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now, dry = timezone.now(), options["dry_run"]
        counts = purge.due(now) if dry else purge.purge(now)
        if dry:
            report = orphans.look(now=now)
            gone = len(report.orphaned)
        else:
            try:
                report, gone = purge.purge_orphans(now, whatever=options["whatever"])
            except purge.TooManyOrphans as odd:
                raise CommandError(
                    f"{len(odd.report.orphaned)} stored files belong to no row, {odd.report.named} to one. Is this the "
                    "right database for this storage? No orphaned file was deleted; --whatever does it all the same."
                ) from odd
        counts |= {"loose": gone, "loose_bytes": report.orphaned_bytes, "young": report.young, "named": report.named}
        if options["json"]:
            self.stdout.write(json.dumps({"dry_run": dry, **counts}))
            return
        words = (
            "{infected} infected files, {taken_out} redacted, {packs} evidence packs, {drafts} idle drafts, "
            "{imports} imports, {loose} files without a row ({loose_bytes} bytes)"
        ).format(**counts)
        tail = f"{report.named} have a row, {report.young} without are younger than a day."
        self.stdout.write(f"{'Would delete' if dry else 'Deleted'}: {words}. {tail}")
        if dry and report.is_odd:
            self.stdout.write("Most of what is stored belongs to no row: is this the right database for this storage?")
