"""Who joins a seller account, as what, and who leaves it: one transaction a verb.

Each verb locks the seller account or the invitation, checks, and writes. What it can't do it refuses with a code and
its sentence. Moments are passed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, TextChoices
from django.urls import reverse
from django.utils.http import int_to_base36
from django.utils.translation import gettext_lazy as _

from accounts import secret_links, signals
from accounts.models import Invitation, Membership, Role, Seller, User
from accounts.values import emails
from accounts.values.text import Unreadable

INVITATION_LASTS = timedelta(days=7)
MOST_INVITED_A_DAY = 50
"""Invitations of a seller account within a day: whoever is invited gets an e-mail they didn't order."""


LONGEST_ADDRESS = emails.LONGEST
"""Characters of an e-mail address, as its columns hold them."""


class MembershipRefusal(TextChoices):
    """Why a verb on people is refused, each with its sentence."""

    NOT_OWNER = "NOT_OWNER", _("Only an owner can change who is a member of %(seller)s.")
    LAST_OWNER = "LAST_OWNER", _("%(seller)s needs an owner. Make another member an owner first.")
    ALREADY_MEMBER = "ALREADY_MEMBER", _("%(email)s is already a member of %(seller)s.")
    NOT_MEMBER = "NOT_MEMBER", _("This person is no longer a member of %(seller)s.")
    UNKNOWN = "UNKNOWN", _("This link doesn't lead to an invitation. Part of it may be missing: copy all of it.")
    USED = "USED", _("This invitation was used already. A link works once.")
    REVOKED = "REVOKED", _("This invitation was taken back. Ask the person who sent it for a new one.")
    EXPIRED = "EXPIRED", _("This invitation has expired. Ask the person who sent it for a new one.")
    OTHER_PERSON = "OTHER_PERSON", _("This invitation is for %(email)s, and you are signed in with another address.")
    HAS_ACCOUNT = "HAS_ACCOUNT", _("%(email)s has an account here. Sign in with it to join %(seller)s.")
    TOO_MANY = "TOO_MANY", _("%(n)s people were invited within a day. Try again tomorrow.")
    NO_ADDRESS = "NO_ADDRESS", _("“%(email)s” isn't an e-mail address. One looks like name@example.com.")
    TAKEN = "TAKEN", _("Someone else signs in with %(email)s. Choose another address.")
    STAFF = "STAFF", _("Staff of the SAFE-T desk can't be members of a seller account.")


class MembershipRefused(Exception):
    """A verb was refused; nothing was written. str() is the sentence for the person."""

    def __init__(self, why: MembershipRefusal, **facts: object) -> None:
        super().__init__(why.label % facts)
        self.why = why


def invite(seller: Seller, by: User | None, email: str, role: str, now: datetime) -> tuple[Invitation, str]:
    """Offer this address a place in the seller account for 7 days; return the invitation and the secret of its link.

    The receiver of the signal sends the link to the address, so that whoever opens it has shown that the address is
    theirs. An open invitation of the same address is taken back: only the newest link works. `by` is an owner, None
    when an operator imports the seller.
    """
    email = emails.normal(email)
    with transaction.atomic():
        seller = _lock(seller)
        _must_own(by, seller)
        if Membership.objects.filter(seller=seller, user__email=email, is_active=True).exists():
            raise MembershipRefused(MembershipRefusal.ALREADY_MEMBER, email=email, seller=seller)
        lately = Invitation.objects.filter(
            seller=seller, invited_by__isnull=False, created_at__gt=now - timedelta(days=1)
        )
        if by and lately.count() >= MOST_INVITED_A_DAY:
            raise MembershipRefused(MembershipRefusal.TOO_MANY, n=MOST_INVITED_A_DAY)
        _open(seller, email).update(revoked_at=now)
        invitation = Invitation.objects.create(
            seller=seller,
            email=email,
            role=Role(role),
            invited_by=by,
            created_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        signals.invited.send(Invitation, invitation=invitation)
    return invitation, invitation.token


def revoke(invitation: Invitation, by: User, now: datetime) -> None:
    """Take an invitation back; its link no longer works."""
    with transaction.atomic():
        _must_own(by, _lock(invitation.seller))
        locked = Invitation.objects.select_for_update(no_key=True).get(pk=invitation.pk)
        if locked.accepted_at:
            raise MembershipRefused(MembershipRefusal.USED)
        if locked.revoked_at is None:
            locked.revoked_at = now
            locked.save(update_fields=["revoked_at"])


def why_not(invitation: Invitation | None, now: datetime) -> MembershipRefusal | None:
    """Why a link can't be used, whoever comes with it; nothing where it can."""
    if invitation is None:
        return MembershipRefusal.UNKNOWN
    if invitation.accepted_at:
        return MembershipRefusal.USED
    if invitation.revoked_at:
        return MembershipRefusal.REVOKED
    return MembershipRefusal.EXPIRED if now > invitation.expires_at else None


def accept(token: str, user: User, now: datetime) -> Membership:
    """Make the invited person a member. A link works once, until it expires, for the address it was made for."""
    with transaction.atomic():
        return _accept(_lock_invitation(token, now), user, now)


def join(token: str, name: str, password: str, now: datetime) -> Membership:
    """Make an account for the invited address and a member of it; return the membership."""
    with transaction.atomic():
        invitation = _lock_invitation(token, now)
        if User.objects.filter(email=invitation.email).exists():
            raise MembershipRefused(MembershipRefusal.HAS_ACCOUNT, email=invitation.email, seller=invitation.seller)
        user = User.objects.create_user(invitation.email, password, name=name.strip())
        return _accept(invitation, user, now)


def change_role(membership: Membership, by: User, role: str) -> Membership:
    """Give a member another role. The last owner stays one."""
    with transaction.atomic():
        locked = _lock_membership(membership, by)
        if locked.role == Role.OWNER and role != Role.OWNER:
            _must_not_be_last_owner(locked)
        locked.role = Role(role)
        locked.save(update_fields=["role"])
    return locked


def remove_member(membership: Membership, by: User, now: datetime) -> None:
    """End a membership; open invitations of the same address end with it. The last owner stays."""
    with transaction.atomic():
        locked = _lock_membership(membership, by)
        if locked.role == Role.OWNER:
            _must_not_be_last_owner(locked)
        locked.is_active = False
        locked.save(update_fields=["is_active"])
        _open(locked.seller, locked.user.email).update(revoked_at=now)


def change_settings(user: User, name: str, zone: str, theme: str) -> None:
    """Keep how a person wants to be called and to see the portal."""
    user.name, user.zone, user.theme = name.strip(), zone, theme
    user.save(update_fields=["name", "zone", "theme"])


def ask_password_reset(address: str, now: datetime) -> None:
    """Have a link to set a new password sent to this address, if a user signs in with it.

    What is asked of the database is the same for any address, and nothing is sent here.
    """
    with transaction.atomic():
        signals.password_reset_asked.send(User, address=emails.normal(address), at=now)


def password_link(user: User) -> str:
    """Return the address at which this person sets a new password, on SITE_URL: the Host header is the sender's.

    It works once, for `PASSWORD_RESET_TIMEOUT` seconds from now, and no longer than the person keeps password and
    address and doesn't sign in. Make it when it is sent: it is a secret that is kept nowhere.
    """
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", args=[int_to_base36(user.pk), key])
    return f"{settings.SITE_URL}{path}"


def free_address(email: str, user: User) -> str:
    """Return the address in lower case, if this person could sign in with it.

    Raises MembershipRefused(NO_ADDRESS, TAKEN).
    """
    try:
        email = emails.address(email)
    except Unreadable:
        raise MembershipRefused(MembershipRefusal.NO_ADDRESS, email=emails.normal(email)) from None
    if User.objects.filter(email=email).exclude(pk=user.pk).exists():
        raise MembershipRefused(MembershipRefusal.TAKEN, email=email)
    return email


def change_email(user: User, email: str, now: datetime) -> User:
    """Have a person sign in with another address from now on; return them as they are then.

    The old address no longer signs in and gets no link, links sent before lead nowhere and all their sessions end: that
    follows from the changed row, whoever changes it. Here both addresses are told as well.

    Raises MembershipRefused(NO_ADDRESS, TAKEN).
    """
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        email = free_address(email, locked)
        if locked.email == email:
            return locked
        old, locked.email = locked.email, email
        try:
            with transaction.atomic():
                locked.save(update_fields=["email"])
        except IntegrityError:  # another user was given it at the same moment
            raise MembershipRefused(MembershipRefusal.TAKEN, email=email) from None
        signals.email_changed.send(User, user=locked, old=old, at=now)
    return locked


# Every verb on the members of a seller account takes this lock first, so that two owners can't remove each other.


def _lock(seller: Seller) -> Seller:
    return Seller.objects.select_for_update(no_key=True).get(pk=seller.pk)


def _lock_membership(membership: Membership, by: User) -> Membership:
    seller = _lock(membership.seller)
    _must_own(by, seller)
    locked = Membership.objects.filter(pk=membership.pk, seller=seller, is_active=True).select_related("user").first()
    if locked is None:
        raise MembershipRefused(MembershipRefusal.NOT_MEMBER, seller=seller)
    locked.seller = seller
    return locked


def owner_remains(membership: Membership) -> None:
    """Check that the seller account has another owner who can sign in; it is locked for the caller's transaction.

    Raises MembershipRefused(LAST_OWNER).
    """
    _lock(membership.seller)
    _must_not_be_last_owner(membership)


def _must_own(by: User | None, seller: Seller) -> None:
    if by and not Membership.objects.filter(seller=seller, user=by, role=Role.OWNER, is_active=True).exists():
        raise MembershipRefused(MembershipRefusal.NOT_OWNER, seller=seller)


def _must_not_be_last_owner(locked: Membership) -> None:
    others = Membership.objects.filter(seller=locked.seller, role=Role.OWNER, is_active=True).exclude(pk=locked.pk)
    if not others.filter(user__is_active=True).exists():
        raise MembershipRefused(MembershipRefusal.LAST_OWNER, seller=locked.seller)


def _open(seller: Seller, email: str) -> QuerySet[Invitation]:
    return Invitation.objects.filter(seller=seller, email=email, accepted_at__isnull=True, revoked_at__isnull=True)


def _lock_invitation(token: str, now: datetime) -> Invitation:
    """Lock the seller account, then the invitation: the order of every verb here."""
    invitation = (
        Invitation.objects.filter(uuid__in=secret_links.uuids_of("invitation", token)).select_related("seller").first()
    )
    if invitation is not None:
        _lock(invitation.seller)
        invitation = (
            Invitation.objects.select_for_update(no_key=True, of=("self",))
            .select_related("seller")
            .get(pk=invitation.pk)
        )
    if why := why_not(invitation, now):
        raise MembershipRefused(why)
    assert invitation is not None
    return invitation


def _accept(invitation: Invitation, user: User, now: datetime) -> Membership:
    if user.email != invitation.email:
        raise MembershipRefused(MembershipRefusal.OTHER_PERSON, email=invitation.email)
    if user.is_staff:
        raise MembershipRefused(MembershipRefusal.STAFF)
    membership, new = Membership.objects.get_or_create(
        user=user, seller=invitation.seller, defaults={"role": invitation.role, "created_at": now}
    )
    if not new and not membership.is_active:
        # Who comes back has the role of the invitation; who is still there keeps the role they have.
        membership.role, membership.is_active = invitation.role, True
        membership.save(update_fields=["role", "is_active"])
    invitation.accepted_at, invitation.accepted_by = now, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return membership
