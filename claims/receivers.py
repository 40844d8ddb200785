"""What follows when a file was kept, a batch or an import begun, or a handler left the desk."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone

from accounts.asking import ask_soon
from accounts.models import User
from accounts.signals import staff_changed
from claims import tasks
from claims.filing.batches import AT_ONCE
from claims.imports.runs import SMALL
from claims.models import Attachment, Batch, ImportRun
from claims.signals import attachment_stored, batch_begun, import_begun
from claims.workflow import desk_actions
from claims.workflow.transitions import desk_actor


@receiver(attachment_stored, dispatch_uid="check a kept file")
def check_file(attachment: Attachment, hurry: bool, **_: Any) -> None:
    """Ask a worker to check the file. The row says what is owed; a lost task only makes it later."""
    if hurry:
        transaction.on_commit(partial(ask_soon, tasks.check_file, attachment.pk), robust=True)


@receiver(staff_changed, dispatch_uid="give back the claims of who left the desk")
def give_back(user: User, by: User, **_: Any) -> None:
    """Nobody waits for a handler who is gone."""
    if not user.is_active or not desk_actor(user).may_act:
        desk_actions.release_all(user, by=by, now=timezone.now())


@receiver(batch_begun, dispatch_uid="work on a batch")
def work_on_batch(batch: Batch, **_: Any) -> None:
    """Ask a worker to work on a long batch; a short one is done while its sender waits.

    Without a broker the schedule comes by: a task run here would hold up the request.
    """
    if batch.total > AT_ONCE and not settings.CELERY_TASK_ALWAYS_EAGER:
        transaction.on_commit(partial(ask_soon, tasks.work_on_batch, batch.pk), robust=True)


@receiver(import_begun, dispatch_uid="import an uploaded file")
def run_import(run: ImportRun, **_: Any) -> None:
    """Ask a worker to read the file. Without a broker a small one is read at once and a large one by the schedule."""
    if not settings.CELERY_TASK_ALWAYS_EAGER or run.size <= SMALL:
        transaction.on_commit(partial(ask_soon, tasks.run_import, run.pk), robust=True)
