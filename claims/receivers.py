"""What happens when a file was kept: after the commit a worker checks it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver

from claims import tasks
from claims.models import Attachment, Batch
from claims.operations.batches import AT_ONCE
from claims.signals import attachment_stored, batch_begun


@receiver(attachment_stored, dispatch_uid="check a kept file")
def check_file(attachment: Attachment, hurry: bool, **_: Any) -> None:
    """Ask a worker to check the file. The row says what is owed; a lost task only makes it later."""
    if hurry:
        transaction.on_commit(partial(tasks.check_file.delay, attachment.pk), robust=True)


@receiver(batch_begun, dispatch_uid="work on a batch")
def work_on_batch(batch: Batch, **_: Any) -> None:
    """Ask a worker to work on a long batch; a short one is done while its sender waits.

    Without a broker the schedule comes by: a task run here would hold up the request.
    """
    if batch.total > AT_ONCE and not settings.CELERY_TASK_ALWAYS_EAGER:
        transaction.on_commit(partial(tasks.work_on_batch.delay, batch.pk), robust=True)
