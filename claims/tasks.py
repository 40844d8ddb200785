"""What workers do for claims. Each task may run twice."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from claims.files import purge_infected, scan_queue
from claims.filing import batches, drafts
from claims.imports import runs
from claims.refunds import stored_windows
from claims.statistics import count
from claims.workflow import lapse

SWEEP_SECONDS = 240
"""How long one sweep of waiting files goes on before it leaves the rest to the next."""


@shared_task(name="claims.tasks.lapse_overdue_claims")
def lapse_overdue_claims() -> int:
    """Lapse the claims whose reply-by has passed without a reply; return how many.

    Raises RuntimeError at the end when one could not be lapsed: all others are.
    """
    done = lapse.sweep(timezone.now())
    if done.failed:
        raise RuntimeError(f"Not lapsed: {', '.join(done.failed[:20])}")
    return done.lapsed


@shared_task(name="claims.tasks.check_file")
def check_file(attachment_pk: int) -> None:
    """Scan a kept file for viruses and make its previews."""
    scan_queue.check_file(attachment_pk, now=timezone.now())


@shared_task(name="claims.tasks.check_waiting_files")
def check_waiting_files() -> int:
    """Do the same for files that still wait for it; return how many were scanned or got previews."""
    end = time.monotonic() + SWEEP_SECONDS
    done = scan_queue.sweep(now=timezone.now(), is_time_up=lambda: time.monotonic() > end)
    return done.scanned + done.made


@shared_task(name="claims.tasks.recompute_windows")
def recompute_windows() -> int:
    """Bring the windows stored with refunds up to date, where policy changed or one has ended; return of how many."""
    return sum(stored_windows.recompute_all(timezone.now()))


@shared_task(name="claims.tasks.work_on_batch")
def work_on_batch(batch_pk: int) -> int:
    """Work on one batch of drafts; return how many rows were done. What time doesn't allow is left to the next run."""
    end = time.monotonic() + SWEEP_SECONDS
    return batches.work(batch_pk, clock=timezone.now, is_time_up=lambda: time.monotonic() > end)


@shared_task(name="claims.tasks.work_on_batches")
def work_on_batches() -> int:
    """Work on the batches that nobody works on, the oldest first; return how many rows were done."""
    return sum(work_on_batch(batch_pk) for batch_pk in batches.unfinished())


@shared_task(name="claims.tasks.forget_what_is_idle")
def forget_what_is_idle() -> int:
    """Delete drafts that nobody touched for 90 days, batches done as long ago, and old imports; return how many."""
    now = timezone.now()
    return drafts.delete_idle(now) + batches.forget(now) + runs.forget(now)


@shared_task(name="claims.tasks.run_import")
def run_import(run_pk: int) -> bool:
    """Read one uploaded file, as a dry run or for good; return whether this call did.

    Raises ImportBroke where it failed by a fault of ours.
    """
    return runs.work(run_pk, clock=timezone.now)


@shared_task(name="claims.tasks.look_after_imports")
def look_after_imports() -> int:
    """Take up the imports whose task or worker was lost, the oldest first; return how many were worked on."""
    end = time.monotonic() + SWEEP_SECONDS
    done = 0
    for run_pk in runs.waiting(timezone.now()):
        if time.monotonic() > end:
            break
        done += run_import(run_pk)
    return done


@shared_task(name="claims.tasks.purge_infected_files")
def purge_infected_files() -> int:
    """Delete the bytes of files that failed the virus check a while ago; return how many."""
    return purge_infected.purge_infected(now=timezone.now())


@shared_task(name="claims.tasks.refresh_figures")
def refresh_figures() -> int:
    """Count what was decided since the last run; return how many days were counted."""
    return count.count_new(timezone.now())
