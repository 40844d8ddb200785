"""Returns in SP-API External Fulfillment Returns JSON (2024-09-11), streamed: one object a return.

One answer of the API, several one after the other, or a list of them. It says what comes back and when that was asked
for; of refunds it knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ijson
from ijson.common import JSONError

from accounts import marketplaces
from accounts.tables.source import Source, UnusableFile
from accounts.values import days, ids
from accounts.values.days import Calendar
from accounts.values.text import Unreadable
from claims.imports import values
from claims.imports.finances_v0 import NotAList, list_prefixes, lowered, refuse_unfinished, text_of, unusable
from claims.imports.records import OrderFacts, Records, Reject, ReturnRow

RETURNS = "returns"


def looks_like(head: str) -> bool:
    """Whether the beginning of a JSON document is one of External Fulfillment returns."""
    return f'"{RETURNS}"' in head and '"marketplaceChannelDetails"' in head


def read(source: Source, calendar: Calendar) -> Records:
    """Yield a ReturnRow or a Reject for each return."""
    refuse_unfinished(source)
    try:
        for number, raw in enumerate(_returns(source), start=1):
            place = f"return {number}"
            try:
                yield _return(raw, place, calendar)
            except Unreadable as problem:
                yield Reject(place, problem.cause)
    except NotAList as problem:
        yield Reject("document", str(problem))
    except JSONError as error:
        raise unusable(source, error) from None
    except (UnicodeDecodeError, RecursionError):
        raise UnusableFile("is not JSON that can be read: its text is not UTF-8, or it is nested too deep") from None


def _returns(source: Source) -> Iterator[Any]:
    for prefix in list_prefixes(source, (RETURNS,)):
        with source.open() as file:
            yield from ijson.items(file, prefix, multiple_values=True)


def _return(raw: Any, place: str, calendar: Calendar) -> ReturnRow:
    fields = lowered(raw)
    channel = lowered(fields.get("marketplacechanneldetails") or {})
    metadata = lowered(fields.get("returnmetadata") or {})
    shipping = lowered(fields.get("returnshippinginfo") or {})
    tracking = lowered(shipping.get("reversetrackinginfo") or {})
    place_named = text_of(lowered(channel.get("marketplacechannel") or {}).get("marketplacename"), "marketplace")
    marketplace = marketplaces.find(place_named) if place_named else None
    sku = ids.code(text_of(fields.get("merchantsku") or channel.get("channelsku"), "SKU"), "SKU")
    if sku is None:
        raise Unreadable("the SKU is missing")
    said = text_of(fields.get("creationdatetime"), "creation date")
    requested = days.day(said, "creation date", calendar.at(marketplace), happened=True)
    rma_id = ids.parcel(text_of(metadata.get("rmaid"), "RMA id"), "RMA id")
    if requested is None and rma_id is None:
        raise Unreadable("neither the day of the request nor the RMA id is there")
    quantity = text_of(fields.get("numberofunits"), "number of units")
    return ReturnRow(
        place=place,
        order=OrderFacts(
            order_id=ids.order_id(text_of(channel.get("customerorderid"), "order id")),
            marketplace=marketplace.code if marketplace else None,
            fulfilment="SELLER",
        ),
        sku=sku,
        requested_on=requested,
        rma_id=rma_id,
        quantity=values.quantity(quantity, "number of units") if quantity else None,
        reason=ids.code(text_of(metadata.get("returnreason"), "return reason"), "return reason"),
        status=ids.code(text_of(fields.get("status"), "status"), "status"),
        return_type=ids.code(text_of(fields.get("returntype"), "return type"), "return type"),
        carrier=ids.code(text_of(tracking.get("carriername"), "carrier"), "carrier"),
        tracking_id=ids.parcel(text_of(tracking.get("trackingid"), "tracking id"), "tracking id"),
    )
