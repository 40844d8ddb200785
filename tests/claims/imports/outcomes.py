"""What becomes of a file: a line a record, or the sentence that refuses it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from accounts import marketplaces
from accounts.tables.source import Source, UnusableFile
from accounts.values import days, ids
from claims.filing import batch_file
from claims.imports.formats import Format
from claims.imports.records import ClaimRow, OrderRow, PaymentRow, PostingLine, Record, Reject, ReturnRow
from claims.text import batch_file as batch_words

CASES = Path(__file__).parent / "cases"
BULK_CASES = Path(__file__).parents[1] / "filing" / "cases"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def outcome(path: Path, detect: Callable[[Source], Format], marketplace: str = "US") -> list[str]:
    """Return what a file brings to a seller of the marketplace, and how it was read where that isn't plain."""
    place = marketplaces.by_code()[marketplace]
    try:
        source = Source(path, likely=(place.charset,))
        found = detect(source)
        calendar = replace(days.ANYWHERE, now=NOW).at(place)
        records = [_line(record) for record in found.read(source, calendar)]
    except UnusableFile as unusable:
        return [f"refused: {'it is ' if str(unusable).startswith('not ') else 'it '}{unusable}"]
    return [f"note: {note}" for note in source.notes] + records


def bulk_outcome(path: Path) -> list[str]:
    """Return what the rows of a seller's bulk file say to a seller in the US, or why the file can't be used."""
    try:
        parsed = batch_file.parse(path.read_bytes(), custom="MDY")
    except batch_file.UnusableFile as unusable:
        return [f"refused: {batch_words(unusable.code, name='it', **unusable.params)}".removesuffix(".")]
    rows = []
    for row in parsed.rows:
        meant = " or ".join(map(str, row.days))
        said = (ids.as_order_id(row.cells["order id"]), meant, row.cells.get("statement", ""))
        rows.append(f"row: {row.line} {' '.join(one for one in said if one)}".replace("\n", "⏎"))
    return [f"note: {note}" for note in parsed.notes] + rows


def _line(record: Record) -> str:
    match record:
        case Reject():
            return f"left out: {record.place}: {record.cause}"
        case PostingLine():
            words = ("refund:", record.order.order_id, record.sku, str(record.amount), record.currency)
            return " ".join((*words, _moment(record.refunded_at), record.title or "")).strip()
        case ReturnRow():
            refunded = f"{record.refunded} {record.currency}" if record.refunded is not None else "-"
            words = ("return:", record.order.order_id, record.sku, refunded, str(record.requested_on))
            return " ".join((*words, record.title or "")).strip()
        case PaymentRow():
            whose = record.claim_id or record.order_id or "no order"
            line = f"payment: {whose} {record.amount} {record.currency} {_moment(record.posted_at)}"
            return f"{line}, kept for a person: {record.doubt}" if record.doubt else line
        case OrderRow():
            return f"order: {record.order.order_id} {'A-to-z claim' if record.order.a_to_z else 'chargeback'}"
        case ClaimRow():
            claim = record.claim
            filed = _moment(claim.filed_at) if claim.filed_at else "-"
            return f"claim: {claim.claim_id} {claim.state} {claim.claimed} {claim.currency} {filed}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def in_short(lines: list[str]) -> str:
    """Return the outcome as a cell of a table: how many of each kind, and each sentence once."""
    kinds = Counter(line.partition(":")[0] for line in lines)
    named = {
        "refund": "refund line",
        "return": "return",
        "payment": "payment",
        "order": "order",
        "claim": "claim",
        "row": "row",
    }
    said = [f"{count} {named[kind]}{'s' if count > 1 else ''}" for kind, count in kinds.items() if kind in named]
    for line in lines:
        kind, _colon, words = line.partition(": ")
        if kind == "refused":
            said.append(f"refused: {words}")
        elif kind == "left out":
            said.append(f"left out: {words.partition(': ')[2]}")
        elif kind == "note":
            said.append(words)
        elif ", kept for a person: " in line:
            said.append(f"kept for a person: it {line.partition(', kept for a person: ')[2]}")
    return "; ".join(dict.fromkeys(said)).replace("|", "/") or "nothing in it"
