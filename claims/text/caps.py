"""Why no more can be claimed or granted."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.rules.policy import Cap, MostClaimable
from claims.text import formats
from claims.text.reasons import reason_label

_CAPS = {
    Cap.REFUNDED: gettext_noop("that is what was refunded without tax"),
    Cap.ORDER_CAP: gettext_noop("claims for one order come to at most %(amount)s"),
    Cap.PERCENT_CAP: gettext_noop("at most %(percent)s%% of what the order came to"),
    Cap.RETURN_SHIPPING: gettext_noop("that is the return shipping in this refund"),
}
_PERCENT_FOR_REASON = gettext_noop('for "%(reason)s" at most %(percent)s%% of what the order came to')


def why_most(most: MostClaimable) -> str:
    """Return why no more than `most` can be claimed, to follow a colon: no capital, no full stop."""
    values: dict[str, Any] = dict(most.params)
    if "amount" in values:
        values["amount"] = formats.money(*values["amount"])
    sentence = _CAPS[most.cap]
    if most.cap is Cap.PERCENT_CAP and values.get("reason"):
        sentence, values["reason"] = _PERCENT_FOR_REASON, reason_label(values["reason"])
    return _(sentence) % values
