"""The queues, and which task goes to which: nothing that is slow in one holds up another.

`celery -A safet_portal worker` takes from all; `-Q mail` and so on from one.
"""

from __future__ import annotations

MAIL, FILES, CLOCK, BULK = "mail", "files", "clock", "bulk"
QUEUES = (MAIL, FILES, CLOCK, BULK)
BEFORE = "celery"
"""What the one queue of earlier versions was called: what waits in it when they end is still done."""
ROUTES = {
    "messaging.tasks.send_pending_emails": MAIL,
    "messaging.tasks.read_bounces": MAIL,
    "claims.tasks.check_file": FILES,
    "claims.tasks.check_waiting_files": FILES,
    "claims.tasks.lapse_overdue_claims": CLOCK,
    "accounts.tasks.do_sign_in_changes": CLOCK,
    "messaging.tasks.send_reminders": CLOCK,
    "safet_portal.tasks.tell_that_beat_runs": CLOCK,
}
"""What isn't named here goes to `bulk`."""
SHORTEST_EXPIRY = 120.0
"""Seconds: clocks of machines differ, and what comes every few seconds may wait as long."""


def expires_after(period: float) -> float:
    """Return after how many seconds scheduled work is dropped that no worker took: its next turn has come."""
    return max(period, SHORTEST_EXPIRY)
