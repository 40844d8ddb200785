"""What each member wants of each kind of e-mail: at once, in the daily digest, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Role, Seller
from messaging.models import EmailPreference
from messaging.notifications.kinds import CHOOSABLE, NAMES, STARTS_A_CLOCK, Choice, Kind


class PreferenceRefusal(TextChoices):
    """Why a choice is refused, each with its sentence."""

    LAST_OWNER = (
        "LAST_OWNER",
        _("“%(name)s” starts or moves a date of yours. One owner of %(seller)s gets it at once, and that is you."),
    )


class PreferenceRefused(Exception):
    """Nothing was changed. str() is the sentence for the person, `kind` what it is about."""

    def __init__(self, why: PreferenceRefusal, kind: Kind, **facts: object) -> None:
        super().__init__(why.label % facts)
        self.why = why
        self.kind = kind


def default_of(kind: Kind, role: str) -> Choice:
    """Return what who never chose gets: all at once, and for who may act the daily digest."""
    return Choice.OFF if kind is Kind.DIGEST and role == Role.VIEWER else Choice.AT_ONCE


def choices_of(membership: Membership) -> dict[Kind, Choice]:
    """Return what a member gets of each kind, chosen or by default. One query."""
    rows = EmailPreference.objects.filter(user_id=membership.user_id, seller_id=membership.seller_id)
    chosen = dict(rows.values_list("kind", "choice"))
    return {kind: Choice(chosen.get(kind, default_of(kind, membership.role))) for kind in CHOOSABLE}


def choice_of(membership: Membership, kind: Kind) -> Choice:
    """Return what a member gets of one kind. One query."""
    rows = EmailPreference.objects.filter(user_id=membership.user_id, seller_id=membership.seller_id, kind=kind)
    return Choice(rows.values_list("choice", flat=True).first() or default_of(kind, membership.role))


def kept_kinds(membership: Membership) -> frozenset[Kind]:
    """Return the kinds this member can't fold or switch off now: no other owner would get them at once.

    Without any owner they reach every member. At most two queries.
    """
    owners = Membership.objects.filter(
        seller_id=membership.seller_id, role=Role.OWNER, is_active=True, user__is_active=True
    ).exclude(user_id=membership.user_id)
    ids = list(owners.values_list("user_id", flat=True))
    if not ids:
        return STARTS_A_CLOCK
    if membership.role != Role.OWNER:
        return frozenset()
    rows = EmailPreference.objects.filter(seller_id=membership.seller_id, user_id__in=ids).exclude(
        choice=Choice.AT_ONCE
    )
    unheard: dict[str, int] = {}
    for kind in rows.values_list("kind", flat=True):
        unheard[kind] = unheard.get(kind, 0) + 1
    return frozenset(kind for kind in STARTS_A_CLOCK if unheard.get(kind, 0) == len(ids))


def is_kept(membership: Membership, kind: Kind) -> bool:
    return kind in STARTS_A_CLOCK and kind in kept_kinds(membership)


def choose(membership: Membership, wanted: Mapping[Kind, Choice]) -> int:
    """Keep what the member wants of these kinds; return how many choices are new. All or nothing.

    Raises PreferenceRefused where a kind that sets a deadline would reach no owner at once. Takes the lock of the
    seller account,
    so that two owners can't each leave it to the other.
    """
    with transaction.atomic():
        Seller.objects.select_for_update(no_key=True).get(pk=membership.seller_id)
        now = choices_of(membership)
        changed = {kind: choice for kind, choice in wanted.items() if kind in CHOOSABLE and now[kind] != choice}
        kept = kept_kinds(membership) if any(kind in STARTS_A_CLOCK for kind in changed) else frozenset()
        for kind, choice in changed.items():
            if kind in kept and choice != Choice.AT_ONCE:
                raise PreferenceRefused(
                    PreferenceRefusal.LAST_OWNER, kind, name=NAMES[kind], seller=membership.seller.name
                )
        rows = [
            EmailPreference(user_id=membership.user_id, seller_id=membership.seller_id, kind=kind, choice=choice)
            for kind, choice in changed.items()
        ]
        EmailPreference.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user", "seller", "kind"], update_fields=["choice"]
        )
    return len(changed)
