"""What happens when a claim moves, the desk writes or a person is invited: e-mails are owed, and sent soon after."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver

from accounts.asking import ask_soon
from accounts.models import Invitation, SignInChange, User
from accounts.sign_in.changes import ChangeStep
from accounts.signals import (
    email_changed,
    factor_changed,
    invited,
    library_wrote,
    password_reset_asked,
    sign_in_change_moved,
)
from claims.models import Attachment, Batch, Claim, DeadlineMove, EvidencePack, LedgerEntry, Redaction, StatusChange
from claims.signals import (
    attachment_quarantined,
    batch_finished,
    deadline_moved,
    payment_booked,
    redacted,
    status_changed,
)
from messaging import tasks
from messaging.models import Message, OutgoingEmail
from messaging.notifications import enqueue
from messaging.notifications.kinds import Kind
from messaging.signals import desk_wrote, emails_owed, pack_asked


@receiver(status_changed, dispatch_uid="owe e-mails for a status change")
def owe_for_change(change: StatusChange, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_change(change, claim)


@receiver(batch_finished, dispatch_uid="have the e-mails about a batch sent")
def tell_of_batch(batch: Batch, **_: Any) -> None:
    enqueue.tell_of_batch(batch)


@receiver(desk_wrote, dispatch_uid="owe e-mails for a message of the desk")
def owe_for_message(message: Message, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_message(message, claim)


@receiver(attachment_quarantined, dispatch_uid="owe e-mails for a file that was not accepted")
def owe_for_file(attachment: Attachment, claim: Claim, position: int, at: datetime, **_: Any) -> None:
    enqueue.owe_for_file(attachment, claim, position, at)


@receiver(deadline_moved, dispatch_uid="owe e-mails for a deadline that was moved")
def owe_for_move(move: DeadlineMove, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_move(move, claim)


@receiver(payment_booked, dispatch_uid="owe e-mails for money that was booked")
def owe_for_payment(entry: LedgerEntry, claim: Claim, **_: Any) -> None:
    enqueue.owe_for_payment(entry, claim)


@receiver(invited, dispatch_uid="owe the invitation")
def owe_invitation(invitation: Invitation, **_: Any) -> None:
    enqueue.owe_invitation(invitation)


@receiver(password_reset_asked, dispatch_uid="owe a link to set a new password")
def owe_password_reset(address: str, at: datetime, **_: Any) -> None:
    enqueue.owe_password_reset(address, at)


@receiver(library_wrote, dispatch_uid="owe what the sign-in library wrote")
def owe_of_library(address: str, subject: str, text: str, at: datetime, **_: Any) -> None:
    enqueue.owe_of_library(address, subject, text, at)


@receiver(sign_in_change_moved, dispatch_uid="owe what is told of a change of a sign-in")
def owe_for_sign_in_change(change: SignInChange, step: ChangeStep, at: datetime, **_: Any) -> None:
    enqueue.owe_for_sign_in_change(change, step, at)


@receiver(email_changed, dispatch_uid="tell both addresses that one replaced the other")
def owe_for_changed_email(user: User, old: str, at: datetime, **_: Any) -> None:
    enqueue.owe_for_changed_email(user, old, at)


@receiver(factor_changed, dispatch_uid="tell who has another second factor")
def owe_factor_changed(user: User, change: str, at: datetime, **_: Any) -> None:
    enqueue.owe_factor_changed(user, change, at)


@receiver(pack_asked, dispatch_uid="make an evidence pack")
def make_pack(pack: EvidencePack, **_: Any) -> None:
    transaction.on_commit(partial(ask_soon, tasks.make_pack, pack.pk), robust=True)


@receiver(emails_owed, dispatch_uid="have owed e-mails sent soon")
def deliver_soon(kind: OutgoingEmail.Kind | None, **_: Any) -> None:
    """Ask a worker to deliver once the change is committed. The rows are the duty; a lost task only makes it later.

    Where no worker runs, the next run of the schedule sends what the sign-in owes: a request that sent it itself
    would tell by its time, and by its failure, whether a user signs in with the address.
    """
    if settings.CELERY_TASK_ALWAYS_EAGER and kind in (Kind.PASSWORD_RESET, Kind.SIGN_IN_LIBRARY):
        return
    transaction.on_commit(tasks.hurry, robust=True)


@receiver(redacted, dispatch_uid="owe e-mails for what was redacted")
def owe_for_redaction(redaction: Redaction, claim: Claim, told: bool, **_: Any) -> None:
    if told:
        enqueue.owe_for_redaction(redaction, claim)


@receiver(redacted, dispatch_uid="delete the bytes of what was redacted")
def delete_erased(**_: Any) -> None:
    transaction.on_commit(partial(ask_soon, tasks.delete_erased), robust=True)
