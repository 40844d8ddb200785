"""Addresses outside the portal that get copies of a seller's e-mails: an owner asks, the address itself confirms."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts import returned_mail, secret_links
from accounts.models import Membership, Role, Seller
from accounts.values import emails
from messaging.models import ExtraAddress
from messaging.notifications import enqueue
from messaging.notifications.kinds import Kind
from messaging.notifications.links import CONFIRM, STOP_COPIES

LASTS = timedelta(days=7)
MOST = 5
"""Addresses a seller account can have."""
MOST_A_DAY = 10
"""Addresses a seller account can ask within a day: whoever is asked gets an e-mail they didn't order."""


class AddressRefusal(TextChoices):
    """Why a verb on extra addresses is refused, each with its sentence."""

    NOT_OWNER = "NOT_OWNER", _("Only an owner can send copies of e-mails elsewhere.")
    MEMBER = "MEMBER", _("%(email)s is a member of %(seller)s and already gets its e-mails.")
    THERE = "THERE", _("%(email)s gets copies already.")
    ASKED = "ASKED", _("%(email)s was already asked. The link works until it expires.")
    TOO_MANY = "TOO_MANY", _("At most %(n)s addresses can get copies. Remove one first.")
    TOO_OFTEN = "TOO_OFTEN", _("%(n)s addresses were asked within a day. Try again tomorrow.")
    OURS = "OURS", _("%(email)s is an address of the portal itself.")
    UNKNOWN = "UNKNOWN", _("This link doesn't lead anywhere. Part of it may be missing: copy all of it.")
    GONE = "GONE", _("This address was taken back. Nothing is sent to it.")
    EXPIRED = "EXPIRED", _("This link has expired. Ask the person who wanted the copies for a new one.")


class AddressRefused(Exception):
    """A verb was refused; nothing was written. str() is the sentence for the person."""

    def __init__(self, why: AddressRefusal, **facts: object) -> None:
        super().__init__(why.label % facts)
        self.why = why


def ask(membership: Membership, email: str, now: datetime) -> ExtraAddress:
    """Ask an address whether it wants copies; it gets none before it said so. Raises AddressRefused."""
    email = emails.normal(email)
    with transaction.atomic():
        seller = _locked(membership)
        _must_be_possible(seller, email, now)
        standing = ExtraAddress.objects.filter(seller=seller, removed_at__isnull=True)
        standing.filter(confirmed_at__isnull=True, expires_at__lt=now).update(removed_at=now)
        known = standing.filter(email=email).first()
        if known:
            raise AddressRefused(AddressRefusal.THERE if known.confirmed_at else AddressRefusal.ASKED, email=email)
        if standing.count() >= MOST:
            raise AddressRefused(AddressRefusal.TOO_MANY, n=MOST)
        lately = ExtraAddress.objects.filter(seller=seller, created_at__gt=now - timedelta(days=1))
        if lately.count() >= MOST_A_DAY:
            raise AddressRefused(AddressRefusal.TOO_OFTEN, n=MOST_A_DAY)
        asked = ExtraAddress.objects.create(
            seller=seller, email=email, added_by_id=membership.user_id, created_at=now, expires_at=now + LASTS
        )
        enqueue.owe_to_address(
            Kind.CONFIRM_ADDRESS, f"confirm-address:{asked.pk}", seller.pk, email, now, {"address": asked.pk}
        )
    return asked


def find(token: str) -> ExtraAddress | None:
    """Return the address a link to confirm belongs to."""
    return _rows().filter(uuid__in=secret_links.uuids_of(CONFIRM, token)).first()


def find_to_stop(token: str) -> ExtraAddress | None:
    """Return the address a link to stop copies belongs to."""
    return _rows().filter(uuid__in=secret_links.uuids_of(STOP_COPIES, token)).first()


def why_not(address: ExtraAddress | None, now: datetime) -> AddressRefusal | None:
    """Return why an address can't be confirmed, or nothing where it can or is."""
    if address is None:
        return AddressRefusal.UNKNOWN
    if address.removed_at:
        return AddressRefusal.GONE
    return AddressRefusal.EXPIRED if address.confirmed_at is None and now > address.expires_at else None


def confirm(token: str, now: datetime) -> ExtraAddress:
    """Let the address have copies from now on. A second click confirms what is confirmed. Raises AddressRefused."""
    with transaction.atomic():
        found = find(token)
        locked = _rows().select_for_update(of=("self",)).get(pk=found.pk) if found else None
        if why := why_not(locked, now):
            raise AddressRefused(why)
        assert locked is not None
        if locked.confirmed_at is None:
            locked.confirmed_at = now
            locked.save(update_fields=["confirmed_at"])
            returned_mail.lift([locked.email], None, now)  # the link was in an e-mail
    return locked


def stop(address: ExtraAddress, now: datetime) -> None:
    """Stop copies to the address. Stopping twice is as good as once."""
    ExtraAddress.objects.filter(pk=address.pk, removed_at__isnull=True).update(removed_at=now)


def remove(membership: Membership, pk: int, now: datetime) -> ExtraAddress | None:
    """Take an address of the seller account away; return it, or nothing where there is none. Raises AddressRefused."""
    with transaction.atomic():
        seller = _locked(membership)
        address = ExtraAddress.objects.filter(seller=seller, pk=pk, removed_at__isnull=True).first()
        if address:
            stop(address, now)
    return address


def standing_of(seller: Seller, now: datetime) -> list[ExtraAddress]:
    """Return the seller's addresses that get copies or may still confirm, by address. One query."""
    rows = ExtraAddress.objects.filter(seller=seller, removed_at__isnull=True).order_by("email")
    rows = returned_mail.with_returned(rows, "email")
    return [row for row in rows if row.confirmed_at or row.expires_at >= now]


def _rows() -> QuerySet[ExtraAddress]:
    return ExtraAddress.objects.select_related("seller", "added_by")


def _locked(membership: Membership) -> Seller:
    seller = Seller.objects.select_for_update(no_key=True).get(pk=membership.seller_id)
    owner = Membership.objects.filter(pk=membership.pk, seller=seller, role=Role.OWNER, is_active=True)
    if not owner.exists():
        raise AddressRefused(AddressRefusal.NOT_OWNER)
    return seller


def _must_be_possible(seller: Seller, email: str, now: datetime) -> None:
    """Refuse what every member knows anyway. Whose the address is otherwise, the answer doesn't tell: an address of
    the SAFE-T team is asked like any other, and the e-mail that would ask it is not sent."""
    if email == emails.normal(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]):  # it is in every e-mail of the portal
        raise AddressRefused(AddressRefusal.OURS, email=email)
    if Membership.objects.filter(seller=seller, user__email=email, is_active=True).exists():
        raise AddressRefused(AddressRefusal.MEMBER, email=email, seller=seller.name)
