"""SP-API Finances 2024-06-19 JSON, streamed: transactions that name an order and no claim.

Refunds item by item, and SAFE-T payments. A deferred transaction and its release are one movement of money. DEFERRED is
not paid yet: a payment in it is left out, while a refund in it has been given to the buyer. What was released may be
told twice, as DEFERRED_RELEASED and as RELEASED, each naming the other or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import ijson
from ijson.common import JSONError

from accounts.tables.source import Source, UnusableFile
from accounts.values import ids
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, shown
from claims.imports import safe_t, values
from claims.imports.finances_v0 import (
    NotAList,
    in_utc,
    items_of,
    list_prefixes,
    lowered,
    money_of,
    posted_at,
    refuse_unfinished,
    take_off_promotions,
    text_of,
    unusable,
)
from claims.imports.records import OrderFacts, PaymentRow, PostingLine, Record, Records, Reject, RowKind, Teller
from claims.imports.settlement_v2 import order_named

TRANSACTIONS = "transactions"
PAID = ("RELEASED", "DEFERRED_RELEASED", "")
REFUND = "refund"
DEEPEST = 12
_PARTS: dict[str, RowKind | None] = {
    "productcharges": RowKind.PRINCIPAL,
    "ourpriceprincipal": RowKind.PRINCIPAL,
    "principal": RowKind.PRINCIPAL,
    "shipping": RowKind.SHIPPING,
    "shippingcharges": RowKind.SHIPPING,
    "shippingprincipal": RowKind.SHIPPING,
    "giftwrap": RowKind.GIFT_WRAP,
    "giftwrapcharges": RowKind.GIFT_WRAP,
    "giftwrapprincipal": RowKind.GIFT_WRAP,
    "returnshipping": RowKind.RETURN_SHIPPING,
    "restockingfee": RowKind.RESTOCKING,
    "goodwill": RowKind.GOODWILL,
    "tax": RowKind.TAX,
    "amazonfees": None,
    "marketplacewithheldtax": None,
    "marketplacefacilitatortax": None,
}
"""What the breakdowns of an item are, compared without case and marks; None is nothing of the buyer's."""
_PROMOTIONS = ("promo", "discount")


def looks_like(head: str) -> bool:
    """Whether the beginning of a JSON document is one of Finances 2024-06-19."""
    return f'"{TRANSACTIONS}"' in head


def payments(source: Source, calendar: Calendar) -> Records:
    """Yield a PaymentRow or a Reject for each transaction that is a SAFE-T reimbursement."""
    yield from _records(source, calendar, refunds=False)


def read(source: Source, calendar: Calendar) -> Records:
    """Yield a PostingLine for each item of a refund, a PaymentRow for each reimbursement, or a Reject."""
    yield from _records(source, calendar, refunds=True)


def _records(source: Source, calendar: Calendar, *, refunds: bool) -> Iterator[Record]:
    refuse_unfinished(source)
    calendar = in_utc(calendar)
    seen: set[str] = set()
    try:
        for number, raw in enumerate(_transactions(source), start=1):
            place = f"transaction {number}"
            try:
                row = _payment(raw, place, calendar)
                lines = _refund(raw, place, number, calendar) if refunds and row is None else []
            except Unreadable as problem:
                yield Reject(place, problem.cause)
                continue
            # Pages overlap: a transaction has an id, so the second sight of it is no second payment.
            if row is not None and row.identity not in seen:
                seen.add(row.identity)
                yield row
            # A refund that was deferred is told again when it is released: one movement, at the moment of the first.
            if lines and not seen & (keys := _ids(raw)):
                seen |= keys
                yield from lines
    except NotAList as problem:
        yield Reject("document", str(problem))
    except JSONError as error:
        raise unusable(source, error) from None
    except (UnicodeDecodeError, RecursionError):
        raise UnusableFile("is not JSON that can be read: its text is not UTF-8, or it is nested too deep") from None


def _transactions(source: Source) -> Iterator[Any]:
    """Yield each transaction, wherever in the document the list of them is."""
    for prefix in list_prefixes(source, (TRANSACTIONS,)):
        with source.open() as bytes_:
            yield from ijson.items(bytes_, prefix, multiple_values=True)


def _ids(raw: Any) -> set[str]:
    """Return what a deferred refund and its release have in common: the ids of both, as far as it names them."""
    fields = lowered(raw)
    related = _related(fields)
    names = ("DEFERRED_TRANSACTION_ID", "RELEASE_TRANSACTION_ID")
    known = (text_of(fields.get("transactionid"), "transaction id"), *(related.get(name) for name in names))
    return {f"refund {one}" for one in known if one}


def _refund(raw: Any, place: str, number: int, calendar: Calendar) -> list[Record]:
    """Return the items of a refund, none for a transaction that is something else."""
    fields = lowered(raw)
    if values.letters(text_of(fields.get("transactiontype"), "transaction type") or "") != REFUND:
        return []
    status = (text_of(fields.get("transactionstatus"), "transaction status") or "").upper()
    if status not in (*PAID, "DEFERRED"):
        raise Unreadable(f"transaction status {shown(status)} isn't known")
    seller = lowered(fields.get("sellingpartnermetadata") or {})
    market = lowered(fields.get("marketplacedetails") or {})
    order = OrderFacts(
        order_id=ids.order_id(_related(fields).get("ORDER_ID")),
        marketplace=text_of(
            market.get("marketplaceid") or market.get("marketplacename") or seller.get("marketplaceid"), "marketplace"
        ),
        partner_id=text_of(seller.get("sellingpartnerid"), "seller id"),
    )
    at = posted_at(fields, calendar)
    items = items_of(fields.get("items"), "the list of items")
    if not items:
        raise Unreadable(
            "the refund has no items, so nothing says for which SKU it was. Take Finances v0, which has them"
        )
    found: list[Record] = []
    for position, item in enumerate(items, start=1):
        where = place if len(items) == 1 else f"{place}, item {position}"
        found.append(_line(lowered(item), where, order, at, number))
    return found


def _line(item: dict[str, Any], place: str, order: OrderFacts, at: Any, number: int) -> PostingLine:
    contexts = [lowered(one) for one in items_of(item.get("contexts"), "the list of contexts")]
    product = next((one for one in contexts if one.get("sku")), {})
    sku = ids.code(text_of(product.get("sku"), "SKU"), "SKU")
    if sku is None:
        raise Unreadable("the SKU is missing")
    components: Counter[RowKind] = Counter()
    currencies: set[str] = set()
    promotions = _charges(item.get("breakdowns"), components, currencies, 0)
    if not currencies:
        raise Unreadable(f"nothing was given back to the buyer for SKU {shown(sku)}")
    if len(currencies) > 1:
        raise Unreadable(f"one refund has two currencies: {' and '.join(sorted(currencies))}")
    take_off_promotions(components, promotions)
    quantity = text_of(product.get("quantityshipped"), "quantity")
    return PostingLine(
        place=place,
        order=order,
        refunded_at=at,
        sku=sku,
        quantity=values.quantity(quantity),
        currency=currencies.pop(),
        components={kind: minor for kind, minor in components.items() if minor},
        asin=ids.asin(text_of(product.get("asin"), "ASIN")),
        title=(text_of(item.get("description"), "description") or "")[:500] or None,
        event=number,
    )


def _charges(breakdowns: Any, components: Counter[RowKind], currencies: set[str], depth: int) -> int:
    """Add what was given back to the buyer, and return the promotions that come off it. A group is read by its sum."""
    if depth > DEEPEST:
        raise Unreadable("its breakdowns are nested too deep")
    promotions = 0
    for raw in items_of(breakdowns, "the list of breakdowns"):
        fields = lowered(raw)
        name = text_of(fields.get("breakdowntype"), "breakdown type") or ""
        key = values.letters(name)
        if key in ("sales", "refunds", "expenses"):  # groups of groups
            promotions += _charges(fields.get("breakdowns"), components, currencies, depth + 1)
            continue
        is_promotion = any(word in key for word in _PROMOTIONS)
        if not is_promotion and key not in _PARTS and not key.endswith("tax"):
            raise Unreadable(f"breakdown type {shown(name)} isn't known")
        kind = RowKind.TAX if key not in _PARTS and not is_promotion else _PARTS.get(key)
        money = money_of(fields.get("breakdownamount"), f"{name or 'breakdown'} amount")
        if money is None or money[0] == 0 or (kind is None and not is_promotion):
            continue
        currencies.add(money[1])
        if is_promotion:
            promotions += money[0]
        elif kind is not None:
            components[kind] -= money[0]
    return promotions


def _payment(raw: Any, place: str, calendar: Calendar) -> PaymentRow | None:
    """Return the payment, None for a transaction that is something else or isn't paid yet."""
    fields = lowered(raw)
    amount = _reimbursed(fields)
    if amount is None:
        return None
    status = (text_of(fields.get("transactionstatus"), "transaction status") or "").upper()
    if status not in PAID:
        if status == "DEFERRED":
            return None
        raise Unreadable(f"transaction status {shown(status)} isn't known")
    minor, currency = amount
    if minor == 0:
        raise Unreadable("the reimbursed amount is 0")
    related = _related(fields)
    order, shipment, doubt = order_named(related.get("ORDER_ID"))
    seller = lowered(fields.get("sellingpartnermetadata") or {})
    key = ids.code(text_of(fields.get("transactionid"), "transaction id"), "transaction id", 100)
    # The release is the movement: the deferred one goes by its name, where it is known.
    released, deferred = related.get("RELEASE_TRANSACTION_ID"), related.get("DEFERRED_TRANSACTION_ID")
    return PaymentRow(
        place=place,
        claim_id="",
        posted_at=posted_at(fields, calendar),
        amount=minor,
        currency=currency,
        partner_id=text_of(seller.get("sellingpartnerid"), "seller id"),
        source=Teller.FINANCES_2024,
        order_id=order,
        reference=f"{released or key or ''} {shipment}".strip()[:100],
        key=(released if status == "DEFERRED_RELEASED" and released else key) or "",
        alias=(deferred if status != "DEFERRED_RELEASED" else key if released else "") or "",
        doubt=safe_t.doubt(_words(fields), minor) or doubt,
    )


def _words(fields: dict[str, Any], depth: int = 0) -> list[str]:
    """Return what a transaction and its breakdowns are called."""
    found = [str(fields.get(name) or "")[:200] for name in ("transactiontype", "description", "breakdowntype")]
    for raw in items_of(fields.get("breakdowns"), "the list of breakdowns") if depth < DEEPEST else []:
        found += _words(lowered(raw), depth + 1)
    return found


def _reimbursed(fields: dict[str, Any]) -> tuple[int, str] | None:
    """Return (minor units, currency) of what a transaction says was reimbursed, None when it is no such one."""
    found: list[tuple[int, str]] = []
    _collect(fields.get("breakdowns"), found, 0)
    if not found:
        if not any(
            safe_t.speaks_of_it(str(fields.get(name) or "")[:200]) for name in ("transactiontype", "description")
        ):
            return None
        total = money_of(fields.get("totalamount"), "total amount")
        if total is None:
            raise Unreadable("the reimbursed amount is missing")
        return total
    currencies = {currency for _minor, currency in found}
    if len(currencies) > 1:
        raise Unreadable(f"one payment has two currencies: {' and '.join(sorted(currencies))}")
    return sum(minor for minor, _currency in found), currencies.pop()


def _collect(breakdowns: Any, found: list[tuple[int, str]], depth: int) -> None:
    """Add the amounts of the breakdowns that speak of SAFE-T; what is inside one is part of it already."""
    if depth > DEEPEST:
        raise Unreadable("its breakdowns are nested too deep")
    for raw in items_of(breakdowns, "the list of breakdowns"):
        fields = lowered(raw)
        if safe_t.speaks_of_it(text_of(fields.get("breakdowntype"), "breakdown type") or ""):
            money = money_of(fields.get("breakdownamount"), "reimbursed amount")
            if money is not None:
                found.append(money)
        else:
            _collect(fields.get("breakdowns"), found, depth + 1)


def _related(fields: dict[str, Any]) -> dict[str, str]:
    """Return the related identifiers by their name."""
    found: dict[str, str] = {}
    for raw in items_of(fields.get("relatedidentifiers"), "the list of related identifiers"):
        one = lowered(raw)
        name = text_of(one.get("relatedidentifiername"), "identifier name")
        value = text_of(one.get("relatedidentifiervalue"), "identifier")
        if name and value:
            found.setdefault(name.upper(), value)
    return found
