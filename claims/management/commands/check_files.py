"""Scan files for viruses and make their previews: what beat runs, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from claims.files import orphans, scan_queue, virus_check


class Command(BaseCommand):
    help = "Scan the files that wait for it and make their previews. Exits 1 where files still wait afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--not-scanned", action="store_true", help="take up the files from before the scanner too")
        parser.add_argument("--bytes", action="store_true", help="only hold rows and stored bytes against each other")
        parser.add_argument("--dry-run", action="store_true", help="count what waits and change nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["bytes"]:
            self._compare(as_json=options["json"])
            return
        if options["not_scanned"] and not virus_check.is_configured():
            raise CommandError("CLAMD_URL isn't set: there is no scanner to scan them with.")
        if options["dry_run"]:
            data = scan_queue.waiting(not_scanned=options["not_scanned"])
            words = (
                f"{data['to_scan']} files wait for the scanner, {data['to_make']} for previews. Nothing was changed."
            )
            self.stdout.write(json.dumps(data) if options["json"] else words)
            return
        if options["not_scanned"]:
            scan_queue.scan_again()
        total, started = scan_queue.ScanSweep(), timezone.now()
        with tqdm(disable=None, unit=" files") as bar:
            while True:
                done = scan_queue.sweep(now=timezone.now(), not_since=started)
                total = total.plus(done)
                bar.update(done.scanned + done.made)
                if not done.scanned + done.made and (done.scanner_is_down or not done.tried):
                    break  # what is left got no verdict or no preview this time
        left = scan_queue.waiting()
        data = {
            "scanned": total.scanned,
            "infected": total.infected,
            "previews": total.made,
            "waiting": left["to_scan"] + left["to_make"],
        }
        words = (
            f"Scanned {data['scanned']} files, {data['infected']} of them infected; made previews of "
            f"{data['previews']}. {data['waiting']} still wait."
        )
        self.stdout.write(json.dumps(data) if options["json"] else words)
        if data["waiting"]:
            raise SystemExit(1)

    def _compare(self, *, as_json: bool) -> None:
        """Say what has a row and no bytes, and bytes and no row. Exits 1 for the first: it is lost."""
        rows, missing = 0, []
        for what, is_missing in tqdm(orphans.without_bytes(), disable=None, unit=" rows"):
            rows += 1
            if is_missing:
                missing.append(what)
        stored = orphans.look(now=timezone.now())
        data = {
            "rows": rows,
            "missing": missing,
            "named": stored.named,
            "young": stored.young,
            "loose": len(stored.orphaned),
            "loose_bytes": stored.orphaned_bytes,
        }
        if as_json:
            self.stdout.write(json.dumps(data))
        else:
            for what in missing:
                self.stdout.write(f"{what}: bytes are missing")
            self.stdout.write(
                f"{rows} rows, {len(missing)} of them without all their bytes. "
                f"{stored.named + stored.young} stored keys with a row or younger than a day, "
                f"{len(stored.orphaned)} orphaned ({stored.orphaned_bytes} bytes; purge_files deletes them)."
            )
        if missing:
            raise SystemExit(1)
