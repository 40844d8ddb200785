"""`manage.py index_words`: make what was written before the search cut words by parts findable that way, once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from messaging.search import index


class Command(BaseCommand):
    help = (
        "Cut the words of entries that were written before the search did it this way. Run it once after the "
        "migration, beside whatever runs; what is done stays done, and a run that was stopped goes on with the next."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=200, help="claims in one transaction (200)")

    def handle(self, *args: Any, **options: Any) -> None:
        looked = 0
        for number in index.write_left(max(options["batch"], 1)):
            looked += number
            if looked % 10_000 < number:
                self.stdout.write(f"{looked:,} claims …")
        self.stdout.write(f"{looked:,} claims looked through. All of their words are found by parts now.")
