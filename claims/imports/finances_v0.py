"""SP-API Finances v0 JSON, streamed: RefundEventList and SAFETReimbursementEventList, keys in either letter case.

One answer of the API, several pages one after the other, or a list of them. Charges given back to the buyer are
negative there and positive here; a positive principal takes a refund back. Fees are not imported. A file is read
twice where it has several lists, and never held in memory.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO

import ijson
from ijson.common import JSONError

from accounts.tables.source import Source, UnusableFile
from accounts.values import amounts, days, ids
from accounts.values.days import Calendar
from accounts.values.text import Unreadable, cell_text, shown
from claims.imports import values
from claims.imports.records import (
    OrderFacts,
    OrderRow,
    PaymentRow,
    PostingLine,
    Record,
    Records,
    Reject,
    RowKind,
)

REFUNDS = "refundeventlist"
PAYMENTS = "safetreimbursementeventlist"
GUARANTEES = "guaranteeclaimeventlist"
CHARGEBACKS = "chargebackeventlist"
LISTS = (REFUNDS, PAYMENTS, GUARANTEES, CHARGEBACKS)

NOTHING_READ = (
    "has none of the lists that are read: RefundEventList, SAFETReimbursementEventList, GuaranteeClaimEventList, "
    "ChargebackEventList"
)

CHARGES: dict[str, RowKind | None] = {
    "principal": RowKind.PRINCIPAL,
    "discount": RowKind.PRINCIPAL,
    "exportcharge": RowKind.SHIPPING,
    "shippingcharge": RowKind.SHIPPING,
    "coditemcharge": RowKind.SHIPPING,
    "codordercharge": RowKind.SHIPPING,
    "codshippingcharge": RowKind.SHIPPING,
    "paymentmethodfee": RowKind.SHIPPING,
    "returnshipping": RowKind.RETURN_SHIPPING,
    "freereplacementreturnshipping": RowKind.RETURN_SHIPPING,
    "giftwrap": RowKind.GIFT_WRAP,
    "giftwrapcharge": RowKind.GIFT_WRAP,
    "restockingfee": RowKind.RESTOCKING,
    "goodwill": RowKind.GOODWILL,
    # Not charges of this refund to the buyer: the seller's own deductions, and the payment of a claim.
    "pointsfee": None,
    "genericdeduction": None,
    "safetreimbursement": None,
}
"""What the documented charge types are, compared without case and marks. Every tax is TAX; None is left out."""


def looks_like(head: str) -> bool:
    """Whether the beginning of a JSON document is one of Finances v0."""
    low = head.casefold()
    return '"financialevents"' in low or any(f'"{name}"' in low for name in LISTS)


def payments(source: Source, calendar: Calendar) -> Records:
    """Yield the reimbursements only: a PaymentRow or a Reject for each."""
    for record in read(source, calendar):
        if isinstance(record, PaymentRow) or (isinstance(record, Reject) and record.place.startswith("reimbursement")):
            yield record


def read(source: Source, calendar: Calendar) -> Records:
    """Yield a PostingLine for each item of a refund event, a PaymentRow for each reimbursement, or a Reject."""
    refuse_unfinished(source)
    calendar = in_utc(calendar)
    try:
        prefixes = _prefixes(source)
        if not prefixes:
            yield Reject("document", NOTHING_READ)
            return
        positions: Counter[str] = Counter()
        ordinals: Counter[tuple[object, ...]] = Counter()
        for name, page, event in _events(source, prefixes):
            positions[name] += 1
            if name == REFUNDS:
                yield from _refund(event, positions[name], calendar)
            elif name in _AGAINST:
                yield _against(event, name, positions[name])
            else:
                yield _payment(event, f"reimbursement {positions[name]}", page, ordinals, calendar)
    except NotAList as problem:
        yield Reject("document", str(problem))
    except JSONError as error:
        raise unusable(source, error) from None
    except (UnicodeDecodeError, RecursionError):
        raise UnusableFile("is not JSON that can be read: its text is not UTF-8, or it is nested too deep") from None


def refuse_unfinished(source: Source) -> None:
    """Raise UnusableFile for a document that does not end in a bracket: it was cut off."""
    last = source.tail().rstrip()[-1:]
    if last not in (b"}", b"]"):
        raise UnusableFile(f"ends in the middle of line {_last_line(source)}. Nothing was imported")


def _last_line(source: Source) -> int:
    ends = source.count_line_ends()
    return max(1, ends if source.tail(1) == b"\n" else ends + 1)


def unusable(source: Source, error: JSONError) -> UnusableFile:
    """Return what is wrong with a document that no parser takes."""
    text = str(error)
    if "premature EOF" in text or "Incomplete" in text:
        return UnusableFile(f"ends in the middle of line {_last_line(source)}. Nothing was imported")
    if _has_nul(source):
        return UnusableFile("is not JSON that can be read: it has a NUL byte in it. Nothing was imported")
    what = text.removeprefix("b'").split("\n", 1)[0].split("\\n", 1)[0]
    what = what.removeprefix("lexical error: ").removeprefix("parse error: ").rstrip(".")
    return UnusableFile(f"is not JSON that can be read: {what}. Nothing was imported")


def _has_nul(source: Source) -> bool:
    with source.path.open("rb") as file:
        return any(b"\0" in chunk for chunk in iter(lambda: file.read(1 << 20), b""))


class NotAList(Exception):
    """Something else stands where a list should be, so the document isn't what it seems: none of it is read."""


def list_prefixes(source: Source, names: tuple[str, ...], expected: Counter[str] | None = None) -> dict[str, str]:
    """Return where the lists of these names are in a JSON document: ijson prefix of their items → which list.

    Stops early once each was found as often as `expected`. Raises NotAList where something else stands in the place
    of one.
    """
    found: dict[str, str] = {}
    starts: Counter[str] = Counter()
    with source.path.open("rb") as file:
        if source.head.startswith(b"\xef\xbb\xbf"):
            file.read(3)
        for prefix, event, value in ijson.parse(file, multiple_values=True):
            name = prefix.rpartition(".")[2].casefold()
            if name not in names or event in ("end_array", "end_map", "map_key"):
                continue
            if event == "start_array":
                found[f"{prefix}.item"] = name
            elif event != "null":
                what = "an object" if event == "start_map" else shown(str(value))
                list_name = prefix.rpartition(".")[2]
                raise NotAList(f"{list_name} is {what} where a list should be")
            starts[name] += 1
            if starts == expected:
                break
    return found


def _prefixes(source: Source) -> dict[str, str]:
    """Return where the lists are: ijson prefix of their items → which list. Stops early when each was found once."""
    expected = _mentions(source)
    return list_prefixes(source, LISTS, expected if max(expected.values(), default=0) == 1 else None)


def _mentions(source: Source) -> Counter[str]:
    """Count how often each list is named, without parsing. Names are counted over the seams of chunks too."""
    needles = {name: f'"{name}"'.encode() for name in LISTS}
    longest = max(map(len, needles.values()))
    count: Counter[str] = Counter()
    with source.path.open("rb") as file:
        rest = b""
        while chunk := file.read(1 << 20):
            block = rest + chunk.lower()
            for name, needle in needles.items():
                count[name] += block.count(needle)
            rest = block[-(longest - 1) :]
            for name, needle in needles.items():
                count[name] -= rest.count(needle)
        for name, needle in needles.items():
            count[name] += rest.count(needle)
    return +count


def _events(source: Source, prefixes: dict[str, str]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield (list, page, event). One parser a list, all fed from one pass over the file.

    The parsers are fed up to each mention of the list of payments: what they give before it is of an earlier page.
    """
    queues = [(name, _Queue()) for name in prefixes.values()]
    parsers = [
        ijson.items_coro(queue, prefix, multiple_values=True)
        for prefix, (_name, queue) in zip(prefixes, queues, strict=True)
    ]
    with source.open() as file:
        for page, piece in _pages(file):
            for parser in parsers:
                try:
                    parser.send(piece)
                except StopIteration:
                    continue
            for name, queue in queues:
                while queue:
                    yield name, page, queue.popleft()


def _pages(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the bytes in pieces, each with the number of the page it is of, and b"" at the end.

    A page begins where the list of payments is named. Names are found over the seams of chunks too.
    """
    needle = f'"{PAYMENTS}"'.encode()
    page, rest = 0, b""
    while chunk := file.read(1 << 16):
        block = rest + chunk
        low, start = block.lower(), 0
        while (at := low.find(needle, start)) >= 0:
            yield page, block[start : at + len(needle)]
            page, start = page + 1, at + len(needle)
        end = max(start, len(block) - len(needle) + 1)
        if end > start:  # an empty piece would tell the parsers that the file is over
            yield page, block[start:end]
        rest = block[end:]
    if rest:
        yield page, rest
    yield page, b""


class _Queue(deque[dict[str, Any]]):
    """Where a parser puts finished events; emptied after every chunk."""

    def send(self, item: dict[str, Any]) -> None:
        self.append(item)


@lru_cache(maxsize=1024)
def _low(key: str) -> str:
    return key.casefold()


def lowered(item: Any) -> dict[str, Any]:
    """Return an object with its keys in lower case; anything else is refused."""
    if not isinstance(item, dict):
        raise Unreadable(f"{shown(str(item))} is where an object should be")
    return {_low(key): value for key, value in item.items()}


def items_of(value: Any, what: str) -> list[Any]:
    """Return a list, [] where nothing was said; anything else is refused."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise Unreadable(f"{what} is not a list")
    return value


def text_of(value: Any, what: str) -> str | None:
    """Return a text, None where nothing was said; an object or a list is refused."""
    if value is None:
        return None
    if isinstance(value, (dict, list)):
        raise Unreadable(f"{what} is not a text")
    return cell_text(str(value), what)


def money_of(value: Any, what: str) -> tuple[int, str] | None:
    """Return (minor units, currency), None where nothing was said."""
    if value is None:
        return None
    money = lowered(value)
    amount = money.get("currencyamount")
    if amount is None:
        return None
    if isinstance(amount, bool) or not isinstance(amount, (int, str, Decimal)):
        raise Unreadable(f"{what} is not a number")
    code = amounts.currency(text_of(money.get("currencycode"), "currency"))
    return amounts.minor_units(amount, code, what), code


def in_utc(calendar: Calendar) -> Calendar:
    """Return the calendar of finance data, whose moments are UTC where they name no offset."""
    return replace(calendar, zone=UTC)


def posted_at(event: dict[str, Any], calendar: Calendar) -> datetime:
    """Return when the event was posted, which has to be said. `calendar` is `in_utc`."""
    said = text_of(event.get("posteddate"), "posted date")
    return days.instant_with_time(said, "posted date", calendar, happened=True)


@dataclass(frozen=True, slots=True)
class _Event:
    """What the items of one refund event share."""

    order: OrderFacts
    posted_at: datetime
    number: int


def _refund(raw: Any, number: int, calendar: Calendar) -> Iterator[Record]:
    place = f"refund {number}"
    try:
        fields = lowered(raw)
        order = OrderFacts(
            order_id=ids.order_id(text_of(fields.get("amazonorderid"), "order id")),
            marketplace=text_of(
                fields.get("marketplacename") or fields.get("marketplaceid"),
                "marketplace",
            ),
            partner_id=text_of(fields.get("sellerid") or fields.get("sellingpartnerid"), "seller id"),
        )
        event = _Event(order, posted_at(fields, calendar), number)
        items = items_of(fields.get("shipmentitemadjustmentlist"), "the list of items")
        if not items:
            raise Unreadable("the refund has no items")
    except Unreadable as problem:
        yield Reject(place, problem.cause)
        return
    lines: list[PostingLine] = []
    refused: set[str | None] = set()
    for position, item in enumerate(items, start=1):
        where = place if len(items) == 1 else f"{place}, item {position}"
        sku: str | None = None
        try:
            item_fields = lowered(item)
            sku = ids.code(text_of(item_fields.get("sellersku"), "SKU"), "SKU")
            lines.append(_line(item_fields, sku, where, event))
        except Unreadable as problem:
            refused.add(sku)
            yield Reject(where, problem.cause)
    for line in lines:
        # Half of a SKU's sum would be stored as the whole of it.
        if line.sku in refused:
            yield Reject(
                line.place,
                f"another item of SKU {shown(line.sku)} in this refund is left out",
            )
        else:
            yield line


_AGAINST = {GUARANTEES: "guarantee claim", CHARGEBACKS: "chargeback"}


def _against(raw: Any, name: str, number: int) -> Record:
    """Return what a guarantee claim or a chargeback says of its order; its money isn't a refund of the seller's."""
    place = f"{_AGAINST[name]} {number}"
    try:
        fields = lowered(raw)
        order = OrderFacts(
            order_id=ids.order_id(text_of(fields.get("amazonorderid"), "order id")),
            marketplace=text_of(fields.get("marketplacename") or fields.get("marketplaceid"), "marketplace"),
            partner_id=text_of(fields.get("sellerid") or fields.get("sellingpartnerid"), "seller id"),
            a_to_z=True if name == GUARANTEES else None,
            chargeback=True if name == CHARGEBACKS else None,
        )
    except Unreadable as problem:
        return Reject(place, problem.cause)
    return OrderRow(place, order)


def _line(item: dict[str, Any], sku: str | None, place: str, event: _Event) -> PostingLine:
    if sku is None:
        raise Unreadable("the SKU is missing")
    components: Counter[RowKind] = Counter()
    currencies: set[str] = set()
    for charge in items_of(
        item.get("itemchargeadjustmentlist") or item.get("itemchargelist"),
        "the list of charges",
    ):
        fields = lowered(charge)
        name = text_of(fields.get("chargetype"), "charge type") or ""
        kind = _kind(name)
        money = money_of(fields.get("chargeamount"), f"{name or 'charge'} amount")
        if kind is None or money is None or money[0] == 0:
            continue
        components[kind] -= money[0]
        currencies.add(money[1])
    promotions = 0
    for promotion in items_of(item.get("promotionadjustmentlist"), "the list of promotions"):
        money = money_of(lowered(promotion).get("promotionamount"), "promotion amount")
        if money is not None and money[0]:
            promotions += money[0]
            currencies.add(money[1])
    if not currencies:
        raise Unreadable(f"nothing was given back to the buyer for SKU {shown(sku)}")
    if len(currencies) > 1:
        raise Unreadable(f"one refund has two currencies: {' and '.join(sorted(currencies))}")
    take_off_promotions(components, promotions)
    quantity = item.get("quantityshipped")
    item_id = text_of(item.get("orderadjustmentitemid"), "item id")
    parts = {kind: minor for kind, minor in components.items() if minor}
    return PostingLine(
        place=place,
        order=event.order,
        refunded_at=event.posted_at,
        sku=sku,
        quantity=values.quantity(text_of(quantity, "quantity")),
        currency=currencies.pop(),
        components=parts,
        twin=f"{item_id}:{quantity}:{sorted(parts.items())}" if item_id else None,
        event=event.number,
    )


def _kind(name: str) -> RowKind | None:
    key = values.letters(name)
    if key in CHARGES:
        return CHARGES[key]
    if "tax" in key or key.startswith(("tcs", "gst", "vat")):
        return RowKind.TAX
    raise Unreadable(f"charge type {shown(name)} isn't known")


def take_off_promotions(components: Counter[RowKind], promotions: int) -> None:
    """Lower what was given back by the discount the buyer had had: `promotions` > 0 in a refund.

    Files don't say which charge a promotion was for: it comes off the principal, and what is more off shipping.
    """
    for kind in (RowKind.PRINCIPAL, RowKind.SHIPPING, RowKind.GIFT_WRAP):
        have = components[kind]
        if promotions and have and (have > 0) == (promotions > 0):
            part = min(abs(promotions), abs(have)) * (1 if promotions > 0 else -1)
            components[kind] -= part
            promotions -= part


def _payment(raw: Any, place: str, page: int, ordinals: Counter[tuple[object, ...]], calendar: Calendar) -> Record:
    try:
        event = lowered(raw)
        claim = ids.claim_id(text_of(event.get("safetclaimid"), "claim id"))
        posted = posted_at(event, calendar)
        money = money_of(event.get("reimbursedamount"), "reimbursed amount")
        if money is None:
            raise Unreadable("the reimbursed amount is missing")
        amount, currency = money
        if amount == 0:
            raise Unreadable("the reimbursed amount is 0")
        # Pages overlap; within one page the same money isn't listed twice. So equal ones are counted page by page.
        key = (page, claim, posted, amount, currency)
        ordinals[key] += 1
        partner = text_of(event.get("sellerid") or event.get("sellingpartnerid"), "seller id")
        return PaymentRow(place, claim, posted, amount, currency, partner, ordinals[key] - 1)
    except Unreadable as problem:
        return Reject(place, problem.cause)
