"""What the demo's desk has at hand: macros its senior wrote, and a filter a handler keeps."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from claims.rules.lifecycle import DecisionReason, Reason, Slot, Verb
from desk.models import Macro, SavedFilter

MACROS: tuple[tuple[str, Verb, Reason | None, str, tuple[DecisionReason, ...], tuple[Slot, ...]], ...] = (
    (
        "Came back as sold",
        Verb.DENY,
        None,
        "We compared the photos of {item} with what was listed for order {order_id}.",
        (DecisionReason.RETURN_IN_ORDER,),
        (),
    ),
    (
        "Can be sold as a second",
        Verb.GRANT,
        Reason.DAMAGED,
        "The item has lost value, and we grant that loss.",
        (DecisionReason.LESS_RESALE,),
        (),
    ),
    (
        "Label and seal, please",
        Verb.REQUEST_INFORMATION,
        Reason.DIFFERENT,
        "Thank you for claim {claim_id}. We can decide as soon as we have two more photos.",
        (),
        (Slot.LABEL_PHOTO, Slot.SERIAL_PHOTO),
    ),
    ("We have all we need", Verb.SEND_MESSAGE, None, "Thank you, we have all we need for {item}.", (), ()),
)


def furnish(people: dict[str, User], now: datetime) -> None:
    """Make the macros and the filter."""
    for name, verb, reason, text, reasons, slots in MACROS:
        Macro.objects.create(
            name=name,
            verb=verb,
            reason=reason or "",
            text=text,
            reasons=list(reasons),
            slots=list(slots),
            changed_at=now,
            changed_by=people["sam"],
        )
    SavedFilter.objects.create(user=people["hana"], name="Damaged toys", query={"queue": "all", "reason": "DAMAGED"})
