"""What happens when a claim moves, the desk writes or a person is invited: e-mails are owed, and sent soon after."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver

from accounts.models import Invitation, SignInChange, User
from accounts.sign_in.changes import ChangeStep
from accounts.signals import email_changed, factor_changed, invited, password_reset_asked, sign_in_change_moved
from claims.models import Attachment, Claim, DeadlineMove, EvidencePack, LedgerEntry, Redaction, StatusChange
from claims.signals import attachment_quarantined, deadline_moved, payment_booked, redacted, status_changed
from messaging import tasks
from messaging.models import Message
from messaging.notifications import enqueue
from messaging.signals import desk_wrote, pack_asked


@receiver(status_changed, dispatch_uid="owe e-mails for a status change")
def owe_for_change(change: StatusChange, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_change(change, claim)
    _deliver_soon()


@receiver(desk_wrote, dispatch_uid="owe e-mails for a message of the desk")
def owe_for_message(message: Message, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_message(message, claim)
    _deliver_soon()


@receiver(attachment_quarantined, dispatch_uid="owe e-mails for a file that was not accepted")
def owe_for_file(attachment: Attachment, claim: Claim, position: int, at: datetime, **_: Any) -> None:
    enqueue.owe_for_file(attachment, claim, position, at)
    _deliver_soon()


@receiver(deadline_moved, dispatch_uid="owe e-mails for a deadline that was moved")
def owe_for_move(move: DeadlineMove, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_move(move, claim)
    _deliver_soon()


@receiver(payment_booked, dispatch_uid="owe e-mails for money that was booked")
def owe_for_payment(entry: LedgerEntry, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_payment(entry, claim)
    _deliver_soon()


@receiver(invited, dispatch_uid="owe the invitation")
def owe_invitation(invitation: Invitation, **_: Any) -> None:
    enqueue.owe_invitation(invitation)
    _deliver_soon()


@receiver(password_reset_asked, dispatch_uid="owe a link to set a new password")
def owe_password_reset(address: str, at: datetime, **_: Any) -> None:
    """Owe the link. Where no worker runs, the next run of the schedule sends it: a request that sent it itself
    would tell by its time, and by its failure, whether a user signs in with the address."""
    enqueue.owe_password_reset(address, at)
    if not settings.CELERY_TASK_ALWAYS_EAGER:
        _deliver_soon()


@receiver(sign_in_change_moved, dispatch_uid="owe what is told of a change of a sign-in")
def owe_for_sign_in_change(change: SignInChange, step: ChangeStep, at: datetime, **_: Any) -> None:
    enqueue.owe_for_sign_in_change(change, step, at)
    _deliver_soon()


@receiver(email_changed, dispatch_uid="tell both addresses that one replaced the other")
def owe_for_changed_email(user: User, old: str, at: datetime, **_: Any) -> None:
    enqueue.owe_for_changed_email(user, old, at)
    _deliver_soon()


@receiver(factor_changed, dispatch_uid="tell who has another second factor")
def owe_factor_changed(user: User, change: str, at: datetime, **_: Any) -> None:
    enqueue.owe_factor_changed(user, change, at)
    _deliver_soon()


@receiver(pack_asked, dispatch_uid="make an evidence pack")
def make_pack(pack: EvidencePack, **_: Any) -> None:
    transaction.on_commit(partial(tasks.make_pack.delay, pack.pk), robust=True)


def _deliver_soon() -> None:
    """Ask a worker to deliver once the change is committed. The rows are the duty; a lost task only makes it later."""
    transaction.on_commit(tasks.hurry, robust=True)


@receiver(redacted, dispatch_uid="owe e-mails for what was redacted")
def owe_for_redaction(redaction: Redaction, claim: Claim, told: bool, **_: Any) -> None:
    if told:
        enqueue.owe_for_redaction(redaction, claim)
        _deliver_soon()


@receiver(redacted, dispatch_uid="delete the bytes of what was redacted")
def delete_erased(**_: Any) -> None:
    transaction.on_commit(tasks.delete_erased.delay, robust=True)
