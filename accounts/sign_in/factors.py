"""Second factors of people: what follows when one is switched on or off, and how one that is lost is removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import TextChoices
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sign_in import field_keys, sessions
from accounts.signals import factor_changed

Type = Authenticator.Type
SECRETS = frozenset({"secret", "seed"})
"""What of `Authenticator.data` is encrypted; `migrated_codes` is a list of such values."""


class FactorChange(TextChoices):
    """What happened to a user's second factor."""

    SWITCHED_ON = "on", _("switched on")
    SWITCHED_OFF = "off", _("switched off")
    NEW_CODES = "codes", _("new recovery codes")
    REMOVED = "removed", _("removed by the administration")


class NotRemoved(Exception):
    """A factor was not removed; str() is the sentence for who tried."""


def remove(factor: Authenticator, by: User, now: datetime) -> None:
    """Remove a user's lost factor: they sign in with their password alone until they set up another.

    Their recovery codes are deleted with the last factor; all their sessions end, and they are told. Raises NotRemoved
    for one's own factor: with a stolen session that must not be possible.
    """
    if factor.user_id == by.pk:
        raise NotRemoved(_("This is your own two-step verification. Switch it off under Settings, with its code."))
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=factor.user_id)
        if not Authenticator.objects.filter(pk=factor.pk).delete()[0]:
            return
        mine = Authenticator.objects.filter(user=user)
        if not mine.exclude(type=Type.RECOVERY_CODES).exists():
            mine.delete()
        sessions.end_others(user)
        factor_changed.send(sender=User, user=user, change=FactorChange.REMOVED, at=now)


@receiver([mfa.authenticator_added, mfa.authenticator_removed, mfa.authenticator_reset], dispatch_uid="factor changed")
def _changed(signal: Any, request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """End the person's other sessions, and have them told, once a change."""
    if authenticator.type == Type.RECOVERY_CODES and signal is not mfa.authenticator_reset:
        return  # codes come and go with the factor they stand in for
    change = {mfa.authenticator_added: FactorChange.SWITCHED_ON, mfa.authenticator_removed: FactorChange.SWITCHED_OFF}
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        sessions.end_others(person, request)
        told = change.get(signal, FactorChange.NEW_CODES)
        factor_changed.send(sender=User, user=person, change=told, at=timezone.now())


@dataclass(frozen=True, slots=True)
class RotatedKeys:
    """Second factors by how they were found: encrypted anew, with the first key already, with no key we have."""

    encrypted: int = 0
    current: int = 0
    unreadable: int = 0


def rotate(*, dry_run: bool = False) -> RotatedKeys:
    """Encrypt the secrets of every factor with the first key, each in a transaction of its own; say how many.

    Safe to repeat and to break off. One that no key opens stays as it is.
    """
    counts = dict.fromkeys(("encrypted", "current", "unreadable"), 0)
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True).iterator():
        counts[_rotate(pk, dry_run)] += 1
    return RotatedKeys(**counts)


def _rotate(pk: int, dry_run: bool) -> str:
    with transaction.atomic():
        factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if factor is None:  # switched off meanwhile
            return "current"
        try:
            data = _reencrypted(factor.data)
        except field_keys.Unreadable:
            return "unreadable"
        if data is None:
            return "current"
        if not dry_run:
            factor.data = data
            factor.save(update_fields=["data"])
    return "encrypted"


def _reencrypted(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the data of a factor with its secrets encrypted with the first key; None where they are already."""
    new = dict(data)
    for name in SECRETS & data.keys():
        new[name] = _anew(data[name])
    if "migrated_codes" in data:
        new["migrated_codes"] = [_anew(code) for code in data["migrated_codes"]]
    return new if new != data else None


def _anew(value: str) -> str:
    return value if field_keys.is_current(value) else field_keys.encrypt(field_keys.decrypt(value))
