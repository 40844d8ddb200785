"""Imports the sellers of a file, with an invitation for each owner who isn't one yet. Twice is as good as once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.memberships import invite
from accounts.models import Invitation, Membership, Role, Seller, User
from accounts.sellers_file import RejectedSellerRow, SellerRow


@dataclass(slots=True)
class TakenIn:
    """What became of the rows. `invited` holds (seller's short name, owner's address, secret of the link)."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    owners: int = 0
    invited: list[tuple[str, str, str]] = field(default_factory=list)
    rejected: list[RejectedSellerRow] = field(default_factory=list)


class DryRun(Exception):
    """Rolls back what was only tried."""


def import_row(rows: Iterable[SellerRow], now: datetime, *, dry_run: bool = False) -> TakenIn:
    """Write all rows in one transaction (or, on a dry run, none) and return what became of them."""
    done = TakenIn()
    try:
        with transaction.atomic():
            for row in rows:
                _import_row(row, now, done)
            if dry_run:
                raise DryRun
    except DryRun:
        pass
    return done


def _import_row(row: SellerRow, now: datetime, done: TakenIn) -> None:
    if why := _why_not(row):
        done.rejected.append(RejectedSellerRow(row.line, why))
        return
    facts = {"name": row.name, **({"partner_id": row.partner_id} if row.partner_id else {})}
    seller = Seller.objects.select_for_update(no_key=True).filter(slug=row.seller).first()
    if seller is None:
        seller = Seller.objects.create(slug=row.seller, marketplace=row.marketplace, created_at=now, **facts)
        done.new += 1
    elif any(getattr(seller, name) != value for name, value in facts.items()):
        for name, value in facts.items():
            setattr(seller, name, value)
        seller.save(update_fields=list(facts))
        done.changed += 1
    else:
        done.unchanged += 1
    _import_owner(seller, row.owner, now, done)


def _why_not(row: SellerRow) -> str:
    known = Seller.objects.filter(slug=row.seller).first()
    if known and known.marketplace != row.marketplace:
        return f'seller "{row.seller}" is on {known.marketplace}; a seller account stays on its marketplace'
    if row.partner_id and Seller.objects.filter(partner_id=row.partner_id).exclude(slug=row.seller).exists():
        return f'partner id "{row.partner_id}" belongs to another seller'
    if User.objects.filter(email=row.owner, is_staff=True).exists():
        return f'owner "{row.owner}" works at the desk and can\'t belong to a seller account'
    return ""


def _import_owner(seller: Seller, owner: str, now: datetime, done: TakenIn) -> None:
    member = Membership.objects.filter(seller=seller, user__email=owner, is_active=True).first()
    if member is not None:
        if member.role != Role.OWNER:
            member.role = Role.OWNER
            member.save(update_fields=["role"])
            done.owners += 1
        return
    waiting = Invitation.objects.filter(
        seller=seller, email=owner, role=Role.OWNER, accepted_at=None, revoked_at=None, expires_at__gte=now
    )
    if not waiting.exists():
        __, token = invite(seller, None, owner, Role.OWNER, now)
        done.invited.append((seller.slug, owner, token))
