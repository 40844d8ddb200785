"""SAFE-T payments in SP-API Finances 2024-06-19 JSON, streamed: transactions that name an order and no claim.

A deferred transaction and its release are one movement of money. DEFERRED is not paid yet and is left out; what was
released may be told twice, as DEFERRED_RELEASED and as RELEASED, each naming the other or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any

import ijson
from ijson.common import JSONError

from claims.imports import values
from claims.imports.finances_v0 import items_of, lowered, money_of, refuse_unfinished, text_of, unusable
from claims.imports.records import PaymentRow, Records, Reject, RowProblem, Teller, UnusableFile
from claims.imports.source import Source

TRANSACTIONS = "transactions"
PAID = ("RELEASED", "DEFERRED_RELEASED", "")
SAFE_T = "safetreimbursement"
DEEPEST = 12


def looks_like(head: str) -> bool:
    """Whether the beginning of a JSON document is one of Finances 2024-06-19."""
    return f'"{TRANSACTIONS}"' in head


def payments(source: Source, zone: tzinfo | None) -> Records:
    """Yield a PaymentRow or a Reject for each transaction that is a SAFE-T reimbursement."""
    refuse_unfinished(source)
    seen: set[str] = set()
    try:
        for number, raw in enumerate(_transactions(source), start=1):
            place = f"transaction {number}"
            try:
                row = _payment(raw, place)
            except RowProblem as problem:
                yield Reject(place, problem.cause)
                continue
            # Pages overlap: a transaction has an id, so the second sight of it is no second payment.
            if row is not None and row.identity not in seen:
                seen.add(row.identity)
                yield row
    except JSONError as error:
        raise unusable(source, error) from None
    except (UnicodeDecodeError, RecursionError):
        raise UnusableFile("is not JSON that can be read: its text is not UTF-8, or it is nested too deep") from None


def _transactions(source: Source) -> Iterator[Any]:
    """Yield each transaction, wherever in the document the list of them is."""
    for prefix in _prefixes(source):
        with source.open() as bytes_:
            yield from ijson.items(bytes_, f"{prefix}.item", multiple_values=True)


def _prefixes(source: Source) -> list[str]:
    prefixes: dict[str, None] = {}
    with source.path.open("rb") as bytes_:
        if source.head.startswith(b"\xef\xbb\xbf"):
            bytes_.read(3)
        for prefix, event, _value in ijson.parse(bytes_, multiple_values=True):
            if event == "start_array" and prefix.rpartition(".")[2].casefold() == TRANSACTIONS:
                prefixes[prefix] = None
    return list(prefixes)


def _payment(raw: Any, place: str) -> PaymentRow | None:
    """Return the payment, None for a transaction that is something else or isn't paid yet."""
    fields = lowered(raw)
    amount = _reimbursed(fields)
    if amount is None:
        return None
    status = (text_of(fields.get("transactionstatus"), "transaction status") or "").upper()
    if status not in PAID:
        if status == "DEFERRED":
            return None
        raise RowProblem(f"transaction status {values.shown(status)} isn't known")
    minor, currency = amount
    if minor == 0:
        raise RowProblem("the reimbursed amount is 0")
    related = _related(fields)
    order = related.get("ORDER_ID")
    seller = lowered(fields.get("sellingpartnermetadata") or {})
    key = values.code(text_of(fields.get("transactionid"), "transaction id"), "transaction id", 100)
    # The release is the movement: the deferred one goes by its name, where it is known.
    released, deferred = related.get("RELEASE_TRANSACTION_ID"), related.get("DEFERRED_TRANSACTION_ID")
    return PaymentRow(
        place=place,
        claim_id="",
        posted_at=values.instant_with_time(text_of(fields.get("posteddate"), "posted date"), "posted date", UTC),
        amount=minor,
        currency=currency,
        partner_id=text_of(seller.get("sellingpartnerid"), "seller id"),
        source=Teller.FINANCES_2024,
        order_id=values.order_id(order) if order else "",
        reference=(released or key or "")[:100],
        key=(released if status == "DEFERRED_RELEASED" and released else key) or "",
        alias=(deferred if status != "DEFERRED_RELEASED" else key if released else "") or "",
    )


def _reimbursed(fields: dict[str, Any]) -> tuple[int, str] | None:
    """Return (minor units, currency) of what a transaction says was reimbursed, None when it is no such one."""
    amounts: list[tuple[int, str]] = []
    _collect(fields.get("breakdowns"), amounts, 0)
    if not amounts:
        what = f"{fields.get('transactiontype') or ''} {fields.get('description') or ''}"
        if SAFE_T not in values.letters(what[:200]):
            return None
        total = money_of(fields.get("totalamount"), "total amount")
        if total is None:
            raise RowProblem("the reimbursed amount is missing")
        return total
    currencies = {currency for _minor, currency in amounts}
    if len(currencies) > 1:
        raise RowProblem(f"one payment has two currencies: {' and '.join(sorted(currencies))}")
    return sum(minor for minor, _currency in amounts), currencies.pop()


def _collect(breakdowns: Any, amounts: list[tuple[int, str]], depth: int) -> None:
    """Add the amounts of the breakdowns called SAFETReimbursement; what is inside one is part of it already."""
    if depth > DEEPEST:
        raise RowProblem("its breakdowns are nested too deep")
    for raw in items_of(breakdowns, "the list of breakdowns"):
        fields = lowered(raw)
        if values.letters(text_of(fields.get("breakdowntype"), "breakdown type") or "") == SAFE_T:
            money = money_of(fields.get("breakdownamount"), "reimbursed amount")
            if money is not None:
                amounts.append(money)
        else:
            _collect(fields.get("breakdowns"), amounts, depth + 1)


def _related(fields: dict[str, Any]) -> dict[str, str]:
    """Return the related identifiers by their name."""
    identifiers: dict[str, str] = {}
    for raw in items_of(fields.get("relatedidentifiers"), "the list of related identifiers"):
        one = lowered(raw)
        name = text_of(one.get("relatedidentifiername"), "identifier name")
        value = text_of(one.get("relatedidentifiervalue"), "identifier")
        if name and value:
            identifiers.setdefault(name.upper(), value)
    return identifiers
