"""Runs of imports as pages and downloads of the desk show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from claims.imports import runs
from claims.imports.causes import failure_words, reject_words
from claims.keyset import NUMBER, Cursors, KeysetPage, PageDirection, SortOrder, page
from claims.models import ImportReject, ImportRun
from claims.rules.lifecycle import Stage
from claims.text import badge, formats
from claims.text import csv as csv_out

State = ImportRun.State
PAGE = 30
FIRST = 20
"""Rejected rows that the page of a run shows; the download has them all."""
_ORDER = SortOrder("begun_at", ascending=False)
_CURSORS = Cursors(NUMBER)
_TONES = {State.QUEUED: "quiet", State.RUNNING: "them", State.DONE: "granted", State.FAILED: "denied"}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, ready to show. `counts` are (what, how many)."""

    uuid: str
    name: str
    kind: str
    format: str
    by: str
    seller: str
    marketplace: str
    begun: str
    size: str
    sha256: str
    state: str
    tone: str
    is_dry_run: bool
    counts: tuple[tuple[str, str], ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class RejectRow:
    place: str
    cause: str
    raw: str


def runs_page(cursor: str, zone: str) -> KeysetPage[RunRow]:
    """Return a page of the runs, newest first. One query."""
    start = _CURSORS.read(cursor, int)
    listed = ImportRun.objects.select_related("by", "seller")

    def write(way: PageDirection, run: ImportRun) -> str:
        return _CURSORS.write(way, run.begun_at, str(run.pk))

    found = page(listed, _ORDER, PAGE, start, write)
    return KeysetPage([row_of(run, zone) for run in found.rows], older=found.older, newer=found.newer)


def row_of(run: ImportRun, zone: str) -> RunRow:
    """Return a run, whose person and seller are read, as it is shown."""
    state = State(run.state)
    words = str(state.label)
    if state is State.DONE and run.left_out + run.doubtful:
        words = _("Done, rows left out") if run.left_out else _("Done, payments to look at")
    return RunRow(
        uuid=str(run.uuid),
        name=run.name,
        kind=str(ImportRun.Kind(run.kind).label),
        format=run.format,
        by=str(run.by) if run.by else _("a command"),
        seller=run.seller.name if run.seller else _("as the file says"),
        marketplace=run.marketplace,
        begun=formats.moment_short(run.begun_at, zone),
        size=formats.size(run.size),
        sha256=run.sha256,
        state=words,
        tone="you" if state is State.DONE and run.left_out + run.doubtful else _TONES[state],
        is_dry_run=run.is_dry_run,
        counts=_counts(run) if state is State.DONE else (),
        left_out=run.left_out,
    )


def _counts(run: ImportRun) -> tuple[tuple[str, str], ...]:
    named = (
        (_("Read"), run.read),
        (pgettext("rows", "New"), run.new),
        (pgettext("rows", "Changed"), run.changed),
        (pgettext("rows", "Unchanged"), run.unchanged),
        (pgettext("rows", "Left out"), run.left_out),
    )
    return tuple((label, formats.number(n)) for label, n in named)


def what_changes(run: ImportRun) -> list[str]:
    """Return what the run changed, or would change, besides its counts: a sentence each."""
    said = []
    if not run.new + run.changed:
        said.append(_("Nothing that is here would change.") if run.is_dry_run else _("Nothing that was here changed."))
    elif run.is_dry_run:
        n = run.new + run.changed
        words = ngettext("%(n)s row is new or changes what is here.", "%(n)s rows are new or change what is here.", n)
        said.append(words % {"n": formats.number(n)})
    for status, count in run.claims.items():
        words = ngettext("%(n)s claim comes in as %(status)s.", "%(n)s claims come in as %(status)s.", count)
        said.append(
            words % {"n": formats.number(count), "status": badge(status, Stage.FIRST, granted_in_full=True).words}
        )
    if run.doubtful:
        words = ngettext(
            "%(n)s payment is in words that aren't known; it is kept without a claim, for a person to look at.",
            "%(n)s payments are in words that aren't known; they are kept without a claim, for a person to look at.",
            run.doubtful,
        )
        said.append(words % {"n": formats.number(run.doubtful)})
    if run.waiting_payments and not run.is_dry_run:
        words = ngettext(
            "%(n)s payment waits for its claim.", "%(n)s payments wait for their claims.", run.waiting_payments
        )
        said.append(words % {"n": formats.number(run.waiting_payments)})
    if run.tries > 1:
        words = _("It was begun %(n)s times: rows that an earlier try had applied count as unchanged.")
        said.append(words % {"n": formats.number(run.tries)})
    return said


def why_failed(run: ImportRun) -> str:
    """Return why the run failed, as a sentence; "" for one that didn't."""
    return failure_words(run.failure, run.failure_values)


def progress(run: ImportRun, now: datetime) -> str:
    """Return how far a run is that has not ended."""
    if run.state == State.QUEUED:
        return _("It waits for a worker.")
    if run.leased_until and run.leased_until < now:
        return _("Its worker was stopped. Another takes it up within a minute.")
    done, total = formats.number(run.done), formats.number(run.total)
    if run.applying:
        return _("%(done)s of %(total)s rows checked against what is here.") % {"done": done, "total": total}
    if not run.total:
        return _("It is being read.")
    return _("%(done)s of %(total)s read.") % {"done": formats.size(run.done), "total": formats.size(run.total)}


def first_rejects(run: ImportRun) -> list[RejectRow]:
    """Return the first rows that the run left out. One query."""
    return [_reject(one) for one in run.rejects.order_by("number")[:FIRST]]


def rejects_csv(run: ImportRun) -> Iterator[str]:
    """Give the rows that the run left out, as CSV: the file, the place, the cause, and the row as it stood."""
    yield csv_out.line(["file", "row", "cause", "raw"])
    for one in run.rejects.order_by("number").iterator():
        row = _reject(one)
        yield csv_out.line([run.name, row.place, row.cause, row.raw])
    more = run.left_out - runs.MOST_REJECTS
    if more > 0:
        words = ngettext("%(n)s more row was left out.", "%(n)s more rows were left out.", more)
        yield csv_out.line([run.name, "", words % {"n": formats.number(more)}, ""])


def _reject(one: ImportReject) -> RejectRow:
    return RejectRow(one.place, reject_words(one.code, one.values), one.raw)
