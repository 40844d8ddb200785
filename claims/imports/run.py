"""What the two import commands share: one file after the other, what is said of each, and the exit code."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from accounts import marketplaces
from accounts.marketplaces import Marketplace
from accounts.models import Seller
from accounts.tables.source import UnusableFile
from accounts.values import has_nul
from accounts.values.text import escaped
from claims.imports import loader, one_file, runs
from claims.imports.one_file import FileResult, Owner
from claims.imports.outcome import ImportSummary
from claims.models import ImportRun
from claims.rules.lifecycle import Status
from claims.text import csv as csv_out

ALL_IN, SOME_LEFT_OUT, UNUSABLE = 0, 1, 2
"""Exit codes."""
SHOWN = 20
"""Rejected rows a file that are said one by one; --rejects keeps them all."""


class WrongCall(Exception):
    """The command was called with something that doesn't exist. The message is a whole sentence."""


@dataclass(slots=True)
class Report:
    """What to say in the end, for people and as JSON."""

    total: ImportSummary = field(default_factory=ImportSummary)
    files: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int = ALL_IN


@dataclass(slots=True)
class Run:
    """One call of an import command. `say` writes a line for people."""

    kind: ImportRun.Kind
    say: Callable[[str], object]
    seller: Seller | None
    marketplace: Marketplace | None
    dry_run: bool
    rejects: Path | None
    bar: dict[str, Any] = field(default_factory=lambda: {"disable": None, "file": sys.stderr, "leave": False})
    report: Report = field(default_factory=Report)

    def files(self, paths: Sequence[Path]) -> Report:
        """Import each file; one that is unusable doesn't keep the others out. Raises WrongCall before the first."""
        started = time.monotonic()
        with ExitStack() as stack:
            writer = None
            if self.rejects is not None:
                try:
                    sheet = stack.enter_context(self.rejects.open("w", encoding="utf-8", newline=""))
                except OSError as error:
                    raise WrongCall(f"{self.rejects} can't be written: {error.strerror}.") from None
                writer = csv_out.Writer(sheet)
                writer.row(["file", "row", "cause"])
            for path in paths:
                self._file(path, writer)
        imported = imported_words(self.report.total.imported)
        if imported:
            self.say(imported)
        waiting = self.report.total.waiting_payments
        if waiting:
            self.say(
                "1 payment waits for its claim." if waiting == 1 else f"{waiting:,} payments wait for their claims."
            )
        if self.dry_run:
            self.say("Dry run: nothing was written.")
        self.say(self._summary(time.monotonic() - started))
        return self.report

    def _file(self, path: Path, writer: csv_out.Writer | None) -> None:
        rejected, name = 0, escaped(path.name)

        def reject(place: str, cause: str) -> None:
            nonlocal rejected
            rejected += 1
            if rejected <= SHOWN:
                self.say(f"{name}, {place}: {cause}. Row left out.")
            if writer is not None:
                writer.row([path.name, place, cause])

        try:
            result = self._load(path, reject)
        except UnusableFile as unusable:
            self.say(f"{name}: {unusable}.")
            self.report.files.append({"file": path.name, "unusable": f"{unusable}."})
            self.report.exit_code = UNUSABLE
            return
        if rejected > SHOWN:
            more = rejected - SHOWN
            self.say(f"{name}: {more:,} more rows left out." + ("" if writer else " --rejects FILE keeps them all."))
        summary, doubts = result.summary, result.doubts
        for note in result.notes:
            self.say(f"{name}: {note}.")
        for place, doubt in doubts[:SHOWN]:
            self.say(f"{name}, {place}: {escaped(doubt)}. Kept, for a person to look at.")
        if doubts:
            count = "1 payment" if len(doubts) == 1 else f"{len(doubts):,} payments"
            self.say(f"{name}: {count} in words that aren't known, kept without a claim. See Payments in the admin.")
            self.report.exit_code = max(self.report.exit_code, SOME_LEFT_OUT)
        _add(self.report.total, summary)
        self.report.files.append(
            {
                "file": path.name,
                "format": result.format,
                "notes": result.notes,
                "doubtful": len(doubts),
                **_counts(summary),
            }
        )
        if summary.left_out:
            self.report.exit_code = max(self.report.exit_code, SOME_LEFT_OUT)

    def _load(self, path: Path, reject: loader.RejectSink) -> FileResult:
        owner = Owner(self.seller, self.marketplace)
        if not _can_be_opened(path):
            one_file.source_of(path, owner)  # which says why not
        with runs.of_command(path, kind=self.kind, owner=owner, dry_run=self.dry_run, clock=timezone.now) as taken:
            source = one_file.source_of(path, owner)
            with (
                tqdm(
                    total=source.size, unit="B", unit_scale=True, desc=f"Reading {escaped(path.name)}", **self.bar
                ) as reading,
                tqdm(unit=" rows", desc=f"Applying {escaped(path.name)}", delay=0.1, **self.bar) as applying,
            ):

                def staged(rows: int) -> None:
                    reading.close()
                    applying.reset(rows)

                watch = loader.ProgressSinks(staged, applying.update)
                detect = one_file.DETECT[self.kind]
                result = taken.load(source, detect, owner, reject=reject, watch=watch, read=reading.update)
            taken.ended(result)
        return result

    def _summary(self, seconds: float) -> str:
        total = self.report.total
        if not any("read" in done for done in self.report.files):
            return "Nothing was imported."
        rows = "1 row" if total.read == 1 else f"{total.read:,} rows"
        kept = f" ({self.rejects.name})" if self.rejects is not None and total.left_out else ""
        return (
            f"Read {rows}: {total.new:,} new, {total.changed:,} changed, {total.unchanged:,} unchanged, "
            f"{total.left_out:,} left out{kept}. {seconds:.1f} s."
        )


def _can_be_opened(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False


def find_seller(slug: str | None) -> Seller | None:
    """Return the seller of --seller. Raises WrongCall for one that doesn't exist."""
    if slug is None:
        return None
    seller = Seller.objects.filter(slug=slug).first() if not has_nul(slug) else None
    if seller is None:
        raise WrongCall(f'Seller "{slug}" doesn\'t exist.')
    return seller


def find_marketplace(text: str | None) -> Marketplace | None:
    """Return the marketplace of --marketplace, in any of its spellings. Raises WrongCall for an unknown one."""
    if text is None:
        return None
    found = marketplaces.find(text)
    if found is None:
        raise WrongCall(f'Marketplace "{text}" isn\'t known. Known: {", ".join(sorted(marketplaces.by_code()))}.')
    return found


def imported_words(imported: Counter[Status]) -> str | None:
    """Return "Imported 18 claims: 11 granted, 4 denied, 3 under investigation.", None when there was none."""
    count = imported.total()
    if not count:
        return None
    words = {
        Status.GRANTED: "granted",
        Status.DENIED: "denied",
        Status.UNDER_INVESTIGATION: "under investigation",
        Status.AWAITING_SELLER: "awaiting seller response",
        Status.WITHDRAWN: "withdrawn",
    }
    parts = ", ".join(f"{imported[status]:,} {word}" for status, word in words.items() if imported[status])
    return f"Imported {'1 claim' if count == 1 else f'{count:,} claims'}: {parts}."


def as_json(report: Report, *, dry_run: bool) -> str:
    """Return the report as one JSON object: the sums, then each file."""
    return json.dumps({**_counts(report.total), "dry_run": dry_run, "files": report.files})


def _counts(summary: ImportSummary) -> dict[str, Any]:
    return {
        "read": summary.read,
        "new": summary.new,
        "changed": summary.changed,
        "unchanged": summary.unchanged,
        "left_out": summary.left_out,
        "adopted": {status.value: count for status, count in sorted(summary.imported.items())},
        "waiting_payments": summary.waiting_payments,
    }


def _add(total: ImportSummary, summary: ImportSummary) -> None:
    for name in ("read", "new", "changed", "unchanged", "left_out"):
        setattr(total, name, getattr(total, name) + getattr(summary, name))
    total.imported += summary.imported
    total.waiting_payments = summary.waiting_payments
