"""What becomes of many drafts at once, and why a file or a row of it can't be used."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.rules.lifecycle import Reason
from claims.text import formats
from claims.text.reasons import reason_label

_ROWS = {
    "UNREADABLE": gettext_noop("This row holds characters that aren't text. Write it again."),
    "NO_ORDER": gettext_noop("The order id is missing."),
    "ORDER_FORM": gettext_noop('"%(value)s" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667.'),
    "SKU_NOT_THERE": gettext_noop('Order %(order_id)s has no refund for SKU "%(sku)s".'),
    "DAY": gettext_noop('"%(value)s" isn\'t a day. Write it like 2026-11-25.'),
    "DAY_TWICE": gettext_noop('"%(value)s" can be two days. Write it like 2026-11-25.'),
    "SKU_TAKEN": gettext_noop('"%(value)s" was taken for SKU "%(sku)s", the only one refunded for the order.'),
    "LONGER": gettext_noop("This row has %(cells)s cells, and the header has %(width)s."),
    "LINE_END": gettext_noop("A line end stands inside a cell of this row or of the one before."),
    "DAY_NOT_THERE": gettext_noop("Order %(order_id)s has no refund of that day."),
    "SEVERAL": gettext_noop(
        "Order %(order_id)s has %(n)s refunds that this could mean. Add the SKU and the day of the refund."
    ),
    "QUANTITY": gettext_noop('"%(value)s": choose a quantity from 1 to %(max)s.'),
    "AMOUNT": gettext_noop('"%(value)s": write the amount like 24.50.'),
    "REASON": gettext_noop('"%(value)s" isn\'t a reason. Known: %(known)s.'),
    "CASE": gettext_noop('"%(value)s" isn\'t a sub-reason of "%(reason)s".'),
    "TOO_LONG": gettext_noop("The statement is longer than %(max)s characters."),
    "NO_RIGHT": gettext_noop("You can no longer file for this seller. Nothing was done."),
    "BROKE": gettext_noop("Something broke on our side for this row, and nothing was done. Try it once more."),
    "COMPLETE": gettext_noop("Complete."),
    "DRAFT_GONE": gettext_noop("The draft is no longer there."),
}
_FILES = {
    "EMPTY": gettext_noop("%(name)s is empty (0 bytes). Choose it again."),
    "NO_FILE": gettext_noop("Choose a CSV file or a spreadsheet."),
    "TOO_LARGE": gettext_noop("%(name)s is larger than 10 MB. Nothing was made. Split it into several files."),
    "UNREADABLE": gettext_noop("%(name)s %(why)s. Nothing was made."),
    "NOT_CSV": gettext_noop("%(name)s isn't a CSV file. Use the template."),
    "NO_ORDER_ID": gettext_noop('%(name)s: the column "order id" is missing. Found: %(found)s.'),
    "TWICE": gettext_noop('%(name)s: the column "%(column)s" is there twice. Nothing was made.'),
    "NO_ROWS": gettext_noop("%(name)s has a header and no rows. Nothing was made."),
    "TOO_MANY_ROWS": gettext_noop(
        "%(name)s has more than %(max)s rows. Nothing was made. Split it into several files."
    ),
}
_RESULTS = {
    "": gettext_noop("Waiting"),
    "MADE": gettext_noop("Draft made"),
    "CHANGED": gettext_noop("Draft changed"),
    "SAME": gettext_noop("Draft was there already"),
    "REFUSED": gettext_noop("Left out"),
    "FILED": gettext_noop("Filed"),
    "FILED_BEFORE": gettext_noop("Was filed before"),
    "LEFT": gettext_noop("Not filed, draft kept"),
}


def batch_row(code: str, **params: Any) -> str:
    """Return the sentence for what a row is told. `reason` is the code of one."""
    values = {"known": ", ".join(reason.lower() for reason in Reason), **params}
    if "reason" in params:
        values["reason"] = reason_label(params["reason"])
    return _(_ROWS[code]) % values


def batch_file(code: str, **params: Any) -> str:
    """Return the sentence for why a file can't be used. `name` is its name."""
    values = {**params, "max": formats.number(params["max"])} if isinstance(params.get("max"), int) else params
    return _(_FILES[code]) % values


def batch_result(code: str) -> str:
    """Return what came of a row, in a few words."""
    return _(_RESULTS[code])


def reason_by_label(text: str) -> str | None:
    """Return the reason a person means by its code or its label, in any case; None for what is none."""
    typed = " ".join(text.split()).casefold()
    for reason in Reason:
        if typed in (
            reason.value.casefold(),
            reason.value.casefold().replace("_", " "),
            reason_label(reason).casefold(),
        ):
            return reason.value
    return None
