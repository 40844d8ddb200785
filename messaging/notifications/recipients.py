"""Who an owed e-mail goes to when its turn comes. What was true when it was owed may not be true any more."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop

from accounts.models import Membership
from messaging.models import OutgoingEmail

NO_MEMBER = gettext_noop("No longer a member.")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where the e-mail goes, and as whom its reader is spoken to."""

    address: str
    membership: Membership


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Nobody is written to, and why: what an operator reads beside the row."""

    cause: str


def recipient_of(email: OutgoingEmail) -> Recipient | Suppressed:
    """Return who the e-mail goes to now, or why it goes to nobody. One query."""
    active = Membership.objects.filter(is_active=True, user__is_active=True).select_related("user", "seller")
    member = active.filter(user=email.user, seller=email.seller).first() if email.user and email.seller else None
    return Recipient(member.user.email, member) if member else Suppressed(NO_MEMBER)
