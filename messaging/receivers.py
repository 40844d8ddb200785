"""What happens when a claim moves or the desk writes: e-mails are owed now and hurried after the commit."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from claims.models import Claim, StatusChange
from claims.signals import redacted, status_changed
from messaging import tasks
from messaging.models import Message
from messaging.notifications import owing
from messaging.signals import desk_wrote


@receiver(status_changed, dispatch_uid="owe e-mails for a status change")
def owe_for_change(change: StatusChange, claim: Claim, **_: Any) -> None:
    owing.owe_for_change(change, claim)
    _hurry()


@receiver(desk_wrote, dispatch_uid="owe e-mails for a message of the desk")
def owe_for_message(message: Message, claim: Claim, **_: Any) -> None:
    owing.owe_for_message(message, claim)
    _hurry()


def _hurry() -> None:
    """Ask a worker to deliver once the change is committed. The rows are the duty; a lost task only makes it later."""
    transaction.on_commit(tasks.hurry, robust=True)


@receiver(redacted, dispatch_uid="delete the bytes of what was taken out")
def delete_erased(**_: Any) -> None:
    transaction.on_commit(tasks.delete_erased.delay, robust=True)
