"""What a link to stop e-mails does: one kind, for the member it was sent to."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Membership
from messaging.notifications import preferences
from messaging.notifications.kinds import NAMES, Choice, Kind
from messaging.notifications.links import Stop


@dataclass(frozen=True, slots=True)
class StoppedKind:
    """Whom a link to stop e-mails was sent to, and what it stops; `name` is "" for the daily digest."""

    memberships: tuple[Membership, ...]
    kind: Kind
    name: str

    @property
    def seller(self) -> str:
        return self.memberships[0].seller.name if self.kind is not Kind.DIGEST else ""


def of(asked: Stop) -> StoppedKind | None:
    """Return the memberships in force that a link is about: one, or for the digest all of the person. One query."""
    rows = Membership.objects.filter(user_id=asked.user_id, is_active=True, user__is_active=True)
    if asked.kind is not Kind.DIGEST:
        rows = rows.filter(seller_id=asked.seller_id)
    found = tuple(rows.select_related("seller", "user").order_by("seller__name", "seller_id"))
    return StoppedKind(found, asked.kind, str(NAMES.get(asked.kind, ""))) if found else None


def stop(stopped: StoppedKind) -> None:
    """Switch the kind off. Raises PreferenceRefused where a member has to get it and nobody else does."""
    for membership in stopped.memberships:
        preferences.choose(membership, {stopped.kind: Choice.OFF})
