"""Who an owed e-mail goes to when its turn comes. What was true when it was owed may no longer be true.

Nobody is written to but people at the address they sign in with, addresses that confirmed that they want copies,
and, once each, addresses that were invited, asked to confirm, or no longer sign in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts import returned_mail
from accounts.memberships import why_not
from accounts.models import Invitation, Membership, User
from claims.models import Draft
from claims.rules.lifecycle import DECIDED, Stage, Status
from messaging.models import EmailPreference, ExtraAddress, OutgoingEmail
from messaging.notifications import digest, other_notices, preferences
from messaging.notifications.kinds import ABOUT_SIGN_IN, CHOOSABLE, REMINDERS, WANTED_NOW, Choice, Kind
from messaging.notifications.render_email import OccasionCache
from messaging.notifications.unsent_causes import UnsentCause

ONE_BY_ONE = REMINDERS | ABOUT_SIGN_IN | {Kind.DIGEST}
"""Kinds whose recipient is more than a member."""
RESET_WAITS = timedelta(days=1)
"""How old a wish for a new password may be when its turn comes: who wished for it has asked again since."""
LINK_WAITS = timedelta(days=3)
"""The same for a link to set a password that a superuser had sent."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where the e-mail goes, and as whom its reader is spoken to: no membership for an address outside."""

    address: str
    membership: Membership | None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Nobody is written to, and why: what an operator reads beside the row."""

    cause: UnsentCause


def recipient_of(email: OutgoingEmail, now: datetime) -> Recipient | Suppressed:
    """Return who the e-mail goes to now, or why it goes to nobody. Two queries for most, a few for reminders."""
    found = _found(email, now)
    if isinstance(found, Recipient) and email.kind not in WANTED_NOW and returned_mail.is_returned(found.address):
        return Suppressed(UnsentCause.CAME_BACK)
    return found


def _found(email: OutgoingEmail, now: datetime) -> Recipient | Suppressed:
    if email.user_id is None:
        return _outside(email, now)
    if email.kind in ABOUT_SIGN_IN:
        return _person(email, now)
    active = Membership.objects.filter(user_id=email.user_id, is_active=True, user__is_active=True)
    active = active.select_related("user", "seller").order_by("seller__name", "seller_id")
    if email.kind == Kind.DIGEST:
        return _reader(email, list(active[: digest.MOST_SELLERS]), now)
    member = active.filter(seller_id=email.seller_id or 0).first()
    if member is None:
        return Suppressed(UnsentCause.NO_MEMBER)
    if _is_off(email, member):
        return Suppressed(UnsentCause.SWITCHED_OFF)
    if not _is_due(email, now):
        return Suppressed(UnsentCause.NOT_DUE)
    return Recipient(member.user.email, member)


def of_batch(emails: Sequence[OutgoingEmail], cache: OccasionCache) -> dict[int, Recipient | Suppressed]:
    """Return who the e-mails of a batch go to, for those that ask for no more than a membership. Two queries.

    What is left out, `recipient_of` answers one by one.
    """
    people = {email.user_id for email in emails if email.user_id is not None}
    active = Membership.objects.filter(user_id__in=people, is_active=True, user__is_active=True)
    active = returned_mail.with_returned(active, "user__email")
    members = {(one.user_id, one.seller_id): one for one in active.select_related("user", "seller")}
    counted = Counter(user_id for user_id, _ in members)
    cache.several = {user_id: counted[user_id] > 1 for user_id in people}
    chosen = EmailPreference.objects.filter(user_id__in=people, choice=Choice.OFF)
    off = set(chosen.values_list("user_id", "seller_id", "kind"))
    by_email: dict[int, Recipient | Suppressed] = {}
    for email in emails:
        key = (email.user_id or 0, email.seller_id or 0)
        if email.user_id is None or email.kind in ONE_BY_ONE or (*key, email.kind) in off:
            continue
        member = members.get(key)
        if member is None:
            by_email[email.pk] = Suppressed(UnsentCause.NO_MEMBER)
        elif returned_mail.has_returned(member):
            by_email[email.pk] = Suppressed(UnsentCause.CAME_BACK)
        else:
            by_email[email.pk] = Recipient(member.user.email, member)
    return by_email


def _reader(email: OutgoingEmail, mine: list[Membership], now: datetime) -> Recipient | Suppressed:
    """Return the reader of a digest, as a member of the first of their seller accounts."""
    if not mine:
        return Suppressed(UnsentCause.NO_MEMBER)
    if not digest.has_news(email, mine, now):
        return Suppressed(UnsentCause.NO_NEWS)
    return Recipient(mine[0].user.email, mine[0])


def _person(email: OutgoingEmail, now: datetime) -> Recipient | Suppressed:
    """Return the person an e-mail about sign-ins is for, at the address they sign in with."""
    person = email.user
    assert person is not None
    person.refresh_from_db()  # the batch may have been read a while ago
    if not person.is_active:
        return Suppressed(UnsentCause.SIGNS_IN_NO_MORE)
    if email.kind == Kind.PASSWORD_LINK and email.created_at + LINK_WAITS < now:
        return Suppressed(UnsentCause.TOO_LATE)
    return Recipient(person.email, None)


def _outside(email: OutgoingEmail, now: datetime) -> Recipient | Suppressed:
    address = email.extra_address or ""
    match Kind(email.kind):
        case Kind.PASSWORD_RESET:
            if email.created_at + RESET_WAITS < now:
                return Suppressed(UnsentCause.TOO_LATE)
            known = User.objects.filter(email=address, is_active=True).exists()
            return Recipient(address, None) if known else Suppressed(UnsentCause.NO_ACCOUNT)
        case Kind.ADDRESS_CHANGED | Kind.SIGN_IN_LIBRARY:
            return Recipient(address, None)
        case Kind.INVITATION:
            offered = Invitation.objects.filter(pk=email.params["invitation"], email=address).first()
            return Suppressed(UnsentCause.NOT_OPEN) if why_not(offered, now) else Recipient(address, None)
        case Kind.CONFIRM_ADDRESS:
            asked = ExtraAddress.objects.filter(
                pk=email.params["address"],
                email=address,
                confirmed_at__isnull=True,
                removed_at__isnull=True,
                expires_at__gte=now,
            )
            if not asked.exists():
                return Suppressed(UnsentCause.NOT_ASKED)
            return Suppressed(UnsentCause.DESKS_OWN) if _is_desks(address) else Recipient(address, None)
    copies = ExtraAddress.objects.filter(
        seller_id=email.seller_id or 0, email=address, confirmed_at__isnull=False, removed_at__isnull=True
    )
    if not copies.exists():
        return Suppressed(UnsentCause.NO_COPIES)
    return Recipient(address, None) if _is_due(email, now) else Suppressed(UnsentCause.NOT_DUE)


def _is_desks(address: str) -> bool:
    """Whether the SAFE-T team reads this address. The seller who wants copies there is told nothing of it."""
    return address in settings.DESK_ADDRESSES or User.objects.filter(email=address, is_staff=True).exists()


def _is_off(email: OutgoingEmail, member: Membership) -> bool:
    """Whether the member stopped this kind since it was owed. What sets a deadline still reaches the last owner."""
    kind = Kind(email.kind)
    if kind not in CHOOSABLE or preferences.choice_of(member, kind) != Choice.OFF:
        return False
    return not preferences.is_kept(member, kind)


def _is_due(email: OutgoingEmail, now: datetime) -> bool:
    """Whether what a reminder reminds of is still to be done, until the same instant. Other e-mails always hold."""
    claim = email.claim
    match Kind(email.kind):
        case Kind.REMINDER_REPLY:
            assert claim is not None
            return claim.status == Status.AWAITING_SELLER and claim.reply_by == other_notices.deadline_of(email) >= now
        case Kind.REMINDER_APPEAL:
            assert claim is not None
            open_one = claim.status in DECIDED and claim.stage == Stage.FIRST and not claim.granted_in_full
            return open_one and claim.appeal_by == other_notices.deadline_of(email) >= now
        case Kind.REMINDER_REFUND:
            return other_notices.open_lines(email, now).exists()
        case Kind.REMINDER_DRAFT:
            kept = Draft.objects.filter(pk=email.params["draft"], user_id=email.user_id or 0)
            return other_notices.deadline_of(email) >= now and kept.exists()
    return True
