"""After an outage, move what ended inside it: claims' reply-by and appeal-by, and refunds' filing windows."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.values import days, has_nul
from accounts.values.text import Unreadable
from claims.management.recompute import recompute
from claims.models import Outage
from claims.workflow import deadlines, outages


def _instant(text: str) -> datetime:
    """Return the moment that an argument names. Raises ArgumentTypeError where it is no moment or has no zone."""
    try:
        at, has_time = days.moment(text, "moment")
    except Unreadable:
        has_time = False
    if has_time and at.tzinfo is not None:
        return at.astimezone(UTC)
    raise argparse.ArgumentTypeError(f'"{text}" is no moment with its zone. Write it like 2026-11-24T08:00+00:00.')


class Command(BaseCommand):
    help = (
        "Move the deadlines that ended in an outage later by its length. Run again for the same outage it moves only "
        "what it has not moved yet. Exit 1 when a claim could not be moved."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="start", metavar="MOMENT", type=_instant, required=True)
        parser.add_argument("--to", dest="end", metavar="MOMENT", type=_instant, required=True)
        parser.add_argument("--reason", required=True, help="what sellers read, for example: the portal was down")
        parser.add_argument("--dry-run", action="store_true", help="say what would be moved and write nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        start, end, reason = options["start"], options["end"], " ".join(options["reason"].split())
        if end <= start:
            raise CommandError("The outage ends before it begins: --to has to be later than --from.", returncode=2)
        if start > now:
            raise CommandError("The outage lies in the future. Deadlines are moved after it.", returncode=2)
        if end - start > deadlines.MOST_LATER:
            raise CommandError(
                "The outage is longer than a year. Check the years: nothing is moved back.", returncode=2
            )
        if not reason or has_nul(reason) or len(reason) > 500:
            raise CommandError("Extending needs a reason of at most 500 characters; the seller reads it.", returncode=2)
        if options["dry_run"]:
            self._dry(Outage(starts_at=start, ends_at=end, reason=reason), options["json"])
            return
        outage = outages.record(start, end, reason, by_id=None, now=now)
        moved, failed = 0, []
        with tqdm(unit=" claims", disable=True if options["json"] else None, file=self.stderr) as bar:
            for due in outages.claims_hit(outage):
                if outages.move(due, outage, now):
                    moved += 1
                else:
                    failed.append(due.claim_id)
                bar.update()
        windows = recompute(self.stderr, quiet=options["json"])
        lapsed = outages.lapsed_meanwhile(outage)
        words = f"Moved the deadlines of {moved:,} claims; the windows of {windows:,} refund lines were recomputed."
        if lapsed:
            words += f" {len(lapsed)} claims lapsed in the outage and can be appealed: {', '.join(lapsed[:20])}."
        if failed:
            words += f" {len(failed)} changed meanwhile and were left: {', '.join(failed[:20])}."
        said = {"moved": moved, "refund_lines_recomputed": windows, "lapsed": lapsed, "left": failed}
        self.stdout.write(json.dumps(said) if options["json"] else words)
        if failed:
            raise SystemExit(1)

    def _dry(self, outage: Outage, as_json: bool) -> None:
        recorded = Outage.objects.filter(starts_at=outage.starts_at, ends_at=outage.ends_at).first()
        due = [
            {
                "claim_id": move.claim_id,
                "deadline": move.deadline.value,
                "was": move.was.isoformat(),
                "to": move.to.isoformat(),
            }
            for move in outages.claims_hit(recorded or outage)
        ]
        windows = 0 if recorded else outages.windows_hit(outage)
        if as_json:
            self.stdout.write(json.dumps({"claims": due, "refund_lines": windows, "dry_run": True}))
            return
        for move in due:
            self.stdout.write("{claim_id}  {deadline}  {was} → {to}".format(**move))
        self.stdout.write(
            f"{len(due):,} claims and {windows:,} refund lines would be moved. Dry run: nothing was written."
        )
