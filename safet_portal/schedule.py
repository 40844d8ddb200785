"""The schedule of CELERY_BEAT_SCHEDULE run in this process: what the demo has instead of a worker and beat."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from django.db import close_old_connections

from safet_portal.celery import app

log = structlog.get_logger(__name__)


@dataclass
class Schedule:
    """Calls each task when its time has come; everything is due at the start."""

    due: dict[str, float] = field(default_factory=lambda: dict.fromkeys(settings.CELERY_BEAT_SCHEDULE, 0.0))

    def run_due(self) -> None:
        """Run what is due now, one after the other. A task that fails is logged and tried again at its next time."""
        app.loader.import_default_modules()
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
            now = time.monotonic()
            if now < self.due[name]:
                continue
            self.due[name] = now + float(entry["schedule"])
            try:
                app.tasks[entry["task"]].apply(entry.get("args", ()), throw=True)
            except Exception:
                log.exception("scheduled_task_failed", task=entry["task"])
            close_old_connections()
