"""Files that people take for another: refused by the name of what they are, with where the right one is found."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from accounts.tables.source import UnusableFile
from accounts.values.text import shown

_BY_COLUMNS: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"settlement id", "price type", "misc fee amount"}),
        'is a settlement report V1. Download the same settlement as "Flat File V2"',
    ),
    (
        frozenset({"license plate number", "detailed disposition"}),
        "is the FBA customer returns report: what the marketplace ships can't be claimed. Download the report "
        '"Returns" of seller-fulfilled orders, by return date',
    ),
    (
        frozenset({"reimbursement id", "approval date"}),
        'is the FBA reimbursements report, which knows nothing of SAFE-T. Download the settlement as "Flat File V2"',
    ),
    (
        frozenset({"amazon order id", "purchase date"}),
        'is a report of orders, which has no refunds in it. Download "Returns" by return date, or finance data',
    ),
    (frozenset({"order id", "purchase date", "buyer name"}), "is a report of orders, which has no refunds in it"),
    (frozenset({"fulfillment center id"}), "is a report of FBA: what the marketplace ships can't be claimed"),
    (frozenset({"fnsku"}), "is a report of FBA: what the marketplace ships can't be claimed"),
    (
        frozenset({"date time", "posted date", "transaction view"}),
        "is a transaction view of a page. Download the date-range report instead",
    ),
)
_ERROR = "is an error that the marketplace answered with"
_LANGUAGES: dict[str, tuple[str, ...]] = {
    "German": ("bestellnummer", "antrags id", "antrags-id"),
    "French": ("numéro de commande", "numéro de la commande", "n de commande"),
    "Italian": ("numero ordine", "numero d ordine", "id ordine"),
    "Spanish": ("número de pedido", "id del pedido", "id de pedido"),
    "Portuguese": ("número do pedido", "id do pedido"),
    "Dutch": ("bestelnummer", "bestelling id"),
    "Swedish": ("beställnings id", "ordernummer"),
    "Polish": ("identyfikator zamówienia", "numer zamówienia"),
    "Turkish": ("sipariş numarası", "sipariş no"),
    "Chinese": ("订单编号", "订单号", "訂單編號"),
    "Japanese": ("注文番号",),
    "Arabic": ("رقم الطلب",),
}
_DATE_RANGES: dict[str, tuple[str, ...]] = {
    "Italian": ("data ora",),
    "Dutch": ("datum tijd",),
    "Swedish": ("datum tid",),
    "Polish": ("data godzina",),
    "Portuguese": ("data hora",),
    "Turkish": ("tarih saat",),
    "Chinese": ("日期 时间", "日期 時間"),
}


def by_columns(names: Sequence[str]) -> None:
    """Raise UnusableFile for the header of a file that isn't the right one. `names` are compared column names."""
    found = set(names)
    for columns, words in _BY_COLUMNS:
        if columns <= found:
            raise UnusableFile(f"{words}. Nothing was imported")


def by_language(names: Sequence[str]) -> None:
    """Raise UnusableFile for a header in a language whose columns aren't known."""
    for language, first in _DATE_RANGES.items():
        if names[:1] and names[0] in first:
            raise UnusableFile(
                f"is a date-range report in {language}, which isn't read. Set the language of the seller account to "
                "English and download it again. Nothing was imported"
            )
    for language, words in _LANGUAGES.items():
        if set(words) & set(names):
            raise UnusableFile(
                f"has column names in {language}, which aren't read. Download it with English column names, or use our "
                "own CSV. Nothing was imported"
            )


def by_beginning(text: str) -> None:
    """Raise UnusableFile for a document that says at its beginning that it is something else."""
    low = text[:4000].casefold()
    if low.startswith("<"):
        if "listfinancialevents" in low or ("mws" in low and "financ" in low):
            raise UnusableFile(
                "is finance data of MWS, which the marketplace has switched off. Take the same from SP-API Finances. "
                "Nothing was imported"
            )
        if "<settlementreport" in low:
            raise UnusableFile(
                'is a settlement report as XML. Download the same settlement as "Flat File V2". Nothing was imported'
            )
        if "<errorresponse" in low or "<error>" in low:
            raise UnusableFile(
                f"is an error that the marketplace answered with{_said_in_xml(text)}. Nothing was imported"
            )
    if low.startswith("{") and '"errors"' in low and not any(name in low for name in ('"payload"', '"transactions"')):
        raise UnusableFile(f"{_ERROR}{_said_in_json(text)}. Nothing was imported")


def _said_in_xml(text: str) -> str:
    code, message = (re.search(rf"<{name}>([^<]+)<", text, re.IGNORECASE) for name in ("code", "message"))
    return "".join(f": {shown(one[1])}" for one in (code, message) if one)


def _said_in_json(text: str) -> str:
    try:
        first = json.loads(text)["errors"][0]
        return "".join(f": {shown(str(first[name]))}" for name in ("code", "message") if first.get(name))
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
