"""What happens when a file was kept: after the commit a worker checks it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from claims import tasks
from claims.models import Attachment
from claims.signals import attachment_stored


@receiver(attachment_stored, dispatch_uid="check a kept file")
def check_file(attachment: Attachment, hurry: bool, **_: Any) -> None:
    """Ask a worker to check the file. The row says what is owed; a lost task only makes it later."""
    if hurry:
        transaction.on_commit(partial(tasks.check_file.delay, attachment.pk), robust=True)
