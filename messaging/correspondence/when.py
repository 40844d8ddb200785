"""When an old e-mail was written, and how sure that is. Plain functions; the caller gives the present moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging.correspondence.parse import Mail

CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True)
class Written:
    """When an e-mail was written, in UTC; `at` is None where nothing says it.

    `unsure`: it may have been at any time before now. `dated_at` is what its own date says where that isn't believed.
    """

    at: datetime | None
    unsure: bool = False
    dated_at: datetime | None = None


def written(mail: Mail, now: datetime, not_before: datetime | None = None) -> Written:
    """Return when an e-mail was written: its own date, or the last server's where that is a day or more away from it.

    A date to come is nobody's. An e-mail that names a claim can't be older than the claim, `not_before`.
    """
    dated, received = mail.sent_at, mail.received_at
    if received is not None and received > now + CLOCKS_DIFFER_BY:
        received = None
    if dated is None or dated > now + CLOCKS_DIFFER_BY:
        return Written(received, received is None, dated)
    if received is not None and abs(dated - received) >= CLOCKS_DIFFER_BY:
        return Written(received, True, dated)
    return Written(dated, not_before is not None and dated < not_before - CLOCKS_DIFFER_BY)
