"""What is granted and not paid yet, for whoever pays."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.models import Seller
from accounts.values import plain_text
from claims.payments import unpaid
from claims.text import csv as csv_out

COLUMNS = (
    "claim_id",
    "order_id",
    "seller",
    "partner_id",
    "marketplace",
    "granted",
    "paid",
    "taken_back",
    "owed",
    "currency",
    "filed_at",
    "decided_at",
)
AMOUNTS = frozenset({"granted", "paid", "taken_back", "owed"})


class Command(BaseCommand):
    help = (
        "Write the claims with more granted than paid, longest filed first, as CSV or one JSON object a line. A claim "
        "of whose payments something was taken back is left out, since nobody may mean to pay it again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seller", metavar="S", help="short name of the seller; else all")
        parser.add_argument("--taken-back", action="store_true", help="also claims whose payments were taken back")
        parser.add_argument("--json", action="store_true", help="one JSON object a line instead of CSV")
        parser.add_argument("--output", metavar="FILE", type=Path, help="else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, seller_id = options["seller"], None
        if slug is not None:
            seller_id = Seller.objects.filter(slug=plain_text(slug)).values_list("pk", flat=True).first()
            if seller_id is None:
                raise CommandError(f'Seller "{slug}" doesn\'t exist.')
        with ExitStack() as stack:
            out: Any = self.stdout
            if options["output"] is not None:
                try:
                    out = stack.enter_context(options["output"].open("w", encoding="utf-8", newline=""))
                except OSError as error:
                    raise CommandError(f"{options['output']} can't be written: {error.strerror}.") from None
            count, left = self._write(out, seller_id, as_json=options["json"], all_too=options["taken_back"])
        summary = "1 claim is owed." if count == 1 else f"{count:,} claims are owed."
        if left:
            left_out = (
                "1 more was paid and taken back and is"
                if left == 1
                else f"{left:,} more were paid and taken back and are"
            )
            summary += f" {left_out} left out; --taken-back writes them too."
        self.stderr.write(summary, style_func=str)

    def _write(self, out: Any, seller_id: int | None, *, as_json: bool, all_too: bool) -> tuple[int, int]:
        """Return how many claims were written, and how many left out."""
        writer, count, left = csv_out.Writer(out), 0, 0
        if not as_json:
            writer.row(COLUMNS)
        for row in tqdm(unpaid.export(seller_id), disable=None, unit=" claims", file=sys.stderr, leave=False):
            if not all_too and Decimal(row["taken_back"]):
                left += 1
                continue
            count += 1
            if as_json:
                out.write(json.dumps(row) + "\n")
            else:
                writer.row(csv_out.Number(row[name]) if name in AMOUNTS else row[name] for name in COLUMNS)
        return count, left
