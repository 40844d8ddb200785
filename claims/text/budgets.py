"""What is said where the budget of an hour is used up: what was done so often, and from when it can be done again."""

from __future__ import annotations

from datetime import datetime, tzinfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.budgets import Budget
from claims.text import formats

_SENTENCES: dict[Budget, str | Promise] = {
    Budget.MESSAGES: _("You sent %(n)s messages in this hour, the most there is. Send this one from %(time)s."),
    Budget.BATCHES: _("You began %(n)s batches in this hour, the most there is. Begin the next one from %(time)s."),
    Budget.DRAFTS: _("You began %(n)s drafts in this hour, the most there is. Begin the next one from %(time)s."),
    Budget.FILINGS: _("You submitted %(n)s claims in this hour, the most there is. Submit the next one from %(time)s."),
    Budget.UPLOADS: _("You uploaded %(n)s files in this hour, the most there is. Upload the next ones from %(time)s."),
    Budget.SEARCHES: _("You searched %(n)s times in this hour, the most there is. Search again from %(time)s."),
    Budget.EXPORTS: _("You downloaded %(n)s files of this kind in this hour, the most there is. Go on from %(time)s."),
    Budget.PACKS: _("You asked for %(n)s packs in this hour, the most there is. Ask for the next one from %(time)s."),
}
_OTHER = _("This was done %(n)s times in this hour, the most there is. Go on from %(time)s.")
_NOT_KEPT = _("Not saved automatically until %(time)s. Press Save draft to keep what you write.")


def used_up(budget: Budget, limit: int, again: datetime, zone: tzinfo | str) -> str:
    """Return that no more of this can be done in this hour, and from when."""
    words = str(_SENTENCES.get(budget, _OTHER))
    return words % {"n": formats.number(limit), "time": formats.clock(again, zone)}


def not_kept_by_itself(again: datetime, zone: tzinfo | str) -> str:
    """Return that what is being written is no longer kept by the page's script in this hour, and what to do."""
    return str(_NOT_KEPT) % {"time": formats.clock(again, zone)}
