"""What became of the e-mails about the entries of a thread, in words: a person's own, or for the desk everybody's.

Both give what `entries` takes as `deliveries`, and cost one query a page of the thread however many members there are.
Reminders are about a date rather than an entry and are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from claims.models import Claim
from claims.text import formats
from messaging.models import OutgoingEmail
from messaging.notifications.kinds import REMINDERS
from messaging.thread.entry import Deliveries, Delivery

State = OutgoingEmail.State
UNSENT = {State.BOUNCED, State.FAILED}
RETURNED = "RETURNED"
"""Sent, and come back: counted beside the states."""


def own(user_id: int, zone: str) -> Deliveries:
    """Return what became of this person's own e-mails, as they read it."""

    def deliveries(claim: Claim, positions: Sequence[int]) -> Mapping[int, Delivery]:
        mine = _about(claim, positions).filter(user_id=user_id).order_by("pk")
        rows = mine.values_list("position", "state", "sent_at", "attempts", "returned_at")
        by_position: dict[int, Delivery] = {}
        for position, state, sent_at, attempts, returned_at in rows:
            match state:
                case State.SENT if returned_at:
                    words = _("The e-mail to you came back %(moment)s.") % {
                        "moment": formats.moment_short(returned_at, zone)
                    }
                case State.SENT if sent_at:
                    words = _("E-mailed to you %(moment)s") % {"moment": formats.moment_short(sent_at, zone)}
                case State.BOUNCED:
                    words = _("The e-mail to you came back: your mail server refused it.")
                case State.FAILED:
                    words = _("The e-mail to you could not be delivered")
                case State.DIGEST:
                    words = _("In your daily digest")
                case State.SUPPRESSED:
                    words = _("Not e-mailed to you")
                case _ if attempts:
                    words = _("The e-mail to you is late: your mail server did not take it yet. It is tried again.")
                case _:
                    words = _("An e-mail to you is on its way")
            by_position[position or 0] = Delivery(words, failed=state in UNSENT or returned_at is not None)
        return by_position

    return deliveries


def everybodys() -> Deliveries:
    """Return what became of the e-mails to all members and extra addresses, as the desk reads it."""

    def deliveries(claim: Claim, positions: Sequence[int]) -> Mapping[int, Delivery]:
        counted: dict[int, Counter[str]] = defaultdict(Counter)
        told = _about(claim, positions).values_list("position", "state")
        for position, state, count, returned in told.annotate(n=Count("pk"), returned=Count("returned_at")):
            counted[position][state] = count
            counted[position][RETURNED] += returned
        return {
            position: Delivery(_summed(states), failed=any(states[state] for state in (*UNSENT, RETURNED)))
            for position, states in counted.items()
        }

    return deliveries


def _about(claim: Claim, positions: Sequence[int]) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.filter(claim=claim, position__in=positions).exclude(kind__in=REMINDERS).order_by()


def _summed(states: Mapping[str, int]) -> str:
    """Return "E-mail: 2 of 3 sent, 1 bounced"."""
    sent = states.get(State.SENT, 0)
    all_of_them = sum(count for state, count in states.items() if state != RETURNED)
    parts = [_("%(sent)d of %(all)d sent") % {"sent": sent, "all": all_of_them}]
    waiting = states.get(State.QUEUED, 0) + states.get(State.SENDING, 0)
    for count, words in (
        (waiting, _("%(n)d waiting")),
        (states.get(State.BOUNCED, 0), _("%(n)d bounced")),
        (states.get(RETURNED, 0), _("%(n)d came back later")),
        (states.get(State.FAILED, 0), _("%(n)d given up")),
        (states.get(State.DIGEST, 0), _("%(n)d in a digest")),
        (states.get(State.SUPPRESSED, 0), _("%(n)d not wanted")),
    ):
        if count:
            parts.append(words % {"n": count})
    return _("E-mail: %(parts)s") % {"parts": formats.comma_list(parts)}
