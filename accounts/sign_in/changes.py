"""What a superuser may ask for another person's sign-in: a link to set a password, and another address.

Nobody's password is set by another person. Who decides claims, and superusers, are guarded: for them another superuser
confirms, or, where there is none, a day passes in which each of them can cancel it; all of that is told to all of them
and to the person. Each verb is one transaction; it locks the person first, then what is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts import memberships, signals, transactions
from accounts.models import SignInChange, User

log = structlog.get_logger(__name__)

Kind = SignInChange.Kind
WAITS = timedelta(hours=24)
"""How long a guarded change waits where no other superuser could confirm it."""
LASTS = timedelta(days=7)
"""How long a change waits to be confirmed before it ends by itself."""
OPEN = Q(done_at__isnull=True, cancelled_at__isnull=True)


class ChangeStep(TextChoices):
    """How far a change of somebody's sign-in is. Each step is told by e-mail."""

    ASKED = "asked"
    DONE = "done"
    CANCELLED = "cancelled"


class SignInChangeRefusal(TextChoices):
    """Why a verb on changes is refused, each with its sentence."""

    NOT_SUPERUSER = "NOT_SUPERUSER", _("Only a superuser can do this.")
    OWN = "OWN", _("This is your own account. Change your password on its own page.")
    SWITCHED_OFF = "SWITCHED_OFF", _("%(person)s is switched off and can't sign in. Switch the account on first.")
    ASKED = "ASKED", _("Another address for %(person)s is asked for already. Cancel that first.")
    ENDED = "ENDED", _("This was done or cancelled already.")
    NEEDS_ANOTHER = "NEEDS_ANOTHER", _("Another superuser has to confirm this: neither who asked nor whom it is for.")
    TOO_NEW = "TOO_NEW", _("Only who has been a superuser for a day before this was asked can confirm it.")
    ASKER_GONE = "ASKER_GONE", _("Who asked for this is no superuser any longer. Cancel it, and ask again.")
    WAITS = "WAITS", _("Nobody could confirm this when it was asked, so it waits for its time.")


class SignInChangeRefused(Exception):
    """A verb was refused; nothing was written. str() is the sentence for the person."""

    def __init__(self, why: SignInChangeRefusal, **facts: object) -> None:
        super().__init__(why.label % facts)
        self.why = why


def is_guarded(person: User) -> bool:
    """Return whether this person's sign-in needs two to change: who decides claims or is a superuser, or ever was.

    The database keeps it, for good: otherwise one superuser would take a handler out of their group first.
    """
    return person.guarded


def ask_link(person: User, by: User, now: datetime) -> SignInChange:
    """Have a link to set a password sent to a person's address. Asking twice while it waits is as good as once.

    Raises SignInChangeRefused(NOT_SUPERUSER, OWN, SWITCHED_OFF).
    """
    if person.pk == by.pk:
        raise SignInChangeRefused(SignInChangeRefusal.OWN)
    if not person.is_active:
        raise SignInChangeRefused(SignInChangeRefusal.SWITCHED_OFF, person=person)
    return _ask(Kind.LINK, person, "", by, now)


def ask_email(person: User, email: str, by: User, now: datetime) -> SignInChange:
    """Have a person sign in with another address. Asking twice for the same while it waits is as good as once.

    Raises SignInChangeRefused(NOT_SUPERUSER, ASKED) and MembershipRefused(NO_ADDRESS, TAKEN).
    """
    return _ask(Kind.EMAIL, person, memberships.free_address(email, person), by, now)


def confirm(change: SignInChange, by: User, now: datetime) -> SignInChange:
    """Let what another superuser asked be done now. A second time changes nothing.

    Raises SignInChangeRefused with NOT_SUPERUSER or one of `_against_confirming`, and MembershipRefused(TAKEN) for an
    address that was given to another user meanwhile.
    """
    return transactions.retried(lambda: _confirm(change.pk, by, now))


def _confirm(pk: int, by: User, now: datetime) -> SignInChange:
    locked = _lock(pk)
    _must_be_superuser(by)
    if locked.confirmed_by_id == by.pk and locked.done_at:
        return locked
    if why := _against_confirming(locked, by):
        raise SignInChangeRefused(why, person=locked.user)
    locked.confirmed_by, locked.confirmed_at, locked.due_at = by, now, now
    locked.save(update_fields=["confirmed_by", "confirmed_at", "due_at"])
    _do(locked, now)
    return locked


def _against_confirming(change: SignInChange, by: User) -> SignInChangeRefusal | None:
    """Return the first reason why this superuser can't confirm it, None where there is none. One query."""
    if not change.is_open:
        return SignInChangeRefusal.ENDED
    if by.pk in (change.asked_by_id, change.user_id):
        return SignInChangeRefusal.NEEDS_ANOTHER
    if change.due_at is not None:
        return SignInChangeRefusal.WAITS
    if not _may_still_ask(change.asked_by):
        return SignInChangeRefusal.ASKER_GONE
    if change.kind == Kind.LINK and not change.user.is_active:
        return SignInChangeRefusal.SWITCHED_OFF
    if not _others(change.asked_at).filter(pk=by.pk).exists():
        return SignInChangeRefusal.TOO_NEW
    return None


def _others(asked_at: datetime) -> QuerySet[User]:
    """Return who may confirm what was asked then: superusers for a day before it, so that nobody makes one for it."""
    return User.objects.filter(is_superuser=True, is_active=True, is_staff=True, superuser_since__lte=asked_at - WAITS)


def cancel(change: SignInChange, by: User, now: datetime) -> SignInChange:
    """Have what was asked not be done; any superuser may. A second time changes nothing.

    Raises SignInChangeRefused(NOT_SUPERUSER, ENDED).
    """
    with transaction.atomic():
        locked = _lock(change.pk)
        _must_be_superuser(by)
        if locked.done_at:
            raise SignInChangeRefused(SignInChangeRefusal.ENDED)
        if locked.cancelled_at is None:
            _end(locked, by, now)
    return locked


def do_due(now: datetime) -> int:
    """Do what has come due, and end what nobody confirmed in time; return of how many. Any number may run at once."""
    return sum(transactions.retried(partial(_do_one, pk, now)) for pk in list(due(now).values_list("pk", flat=True)))


def due(now: datetime) -> QuerySet[SignInChange]:
    """Return what is to be done by now, or ends since nobody confirmed it, oldest first."""
    ready = Q(due_at__lte=now) | Q(due_at__isnull=True, asked_at__lte=now - LASTS)
    return SignInChange.objects.filter(OPEN, ready).order_by("pk")


def _do_one(pk: int, now: datetime) -> bool:
    locked = _lock(pk)
    if not locked.is_open:
        return False
    if locked.due_at is None or not _may_still_ask(locked.asked_by):
        _end(locked, None, now)
    else:
        _do_or_end(locked, now)
    return True


def open_of(person: User) -> list[SignInChange]:
    """Return what is asked for a person and neither done nor cancelled, oldest first. One query."""
    return list(_rows().filter(OPEN, user=person).order_by("pk"))


def _ask(kind: Kind, person: User, email: str, by: User, now: datetime) -> SignInChange:
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        _must_be_superuser(by)
        standing = _rows().filter(OPEN, user=person, kind=kind).first()
        if standing is not None:
            if standing.email == email:
                return standing
            raise SignInChangeRefused(SignInChangeRefusal.ASKED, person=person)
        due = _due(person, by, now)
        change = SignInChange.objects.create(user=person, kind=kind, email=email, asked_by=by, asked_at=now, due_at=due)
        if change.is_at_once:
            _do(change, now)
        else:
            _tell(change, ChangeStep.ASKED, now)
    return change


def _due(person: User, by: User, now: datetime) -> datetime | None:
    """Return when what is asked is done: now, in a day, or (nothing) when it is confirmed."""
    if not is_guarded(person):
        return now
    return None if _others(now).exclude(pk__in=[by.pk, person.pk]).exists() else now + WAITS


def _do(change: SignInChange, now: datetime) -> None:
    if change.kind == Kind.EMAIL:
        memberships.change_email(change.user, change.email, now)
    change.done_at = now
    change.save(update_fields=["done_at"])
    _tell(change, ChangeStep.DONE, now)


def _do_or_end(change: SignInChange, now: datetime) -> None:
    if change.kind == Kind.LINK and not change.user.is_active:
        _end(change, None, now)
        return
    try:
        _do(change, now)
    except memberships.MembershipRefused as refused:  # the address is another user's by now
        log.warning("sign_in_change_not_done", change=change.pk, why=refused.why)
        _end(change, None, now)


def _end(change: SignInChange, by: User | None, now: datetime) -> None:
    change.cancelled_at, change.cancelled_by = now, by
    change.save(update_fields=["cancelled_at", "cancelled_by"])
    _tell(change, ChangeStep.CANCELLED, now)


def _tell(change: SignInChange, step: ChangeStep, now: datetime) -> None:
    signals.sign_in_change_moved.send(SignInChange, change=change, step=step, at=now)


def _lock(pk: int) -> SignInChange:
    """Lock the person, then what is asked for them: the order of every verb here."""
    person = SignInChange.objects.values_list("user_id", flat=True).get(pk=pk)
    User.objects.select_for_update(no_key=True).get(pk=person)
    return _rows().select_for_update(of=("self",)).get(pk=pk)


def _rows() -> QuerySet[SignInChange]:
    return SignInChange.objects.select_related("user", "asked_by")


def _must_be_superuser(by: User) -> None:
    if not User.objects.filter(pk=by.pk, is_superuser=True, is_active=True, is_staff=True).exists():
        raise SignInChangeRefused(SignInChangeRefusal.NOT_SUPERUSER)


def _may_still_ask(by: User) -> bool:
    return by.is_superuser and by.is_active and by.is_staff
