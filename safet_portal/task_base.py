"""What every task of a worker is: written down when it begins, fails, or ends well."""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task
from django.db import InterfaceError, OperationalError
from django.utils import timezone

log = structlog.get_logger(__name__)


class RecordedTask(Task):
    """A task whose failures are in the operators' list. Where there is no queue it is run, and nothing else."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from safet_portal import task_records

        task_id = self.request.id
        if task_id is None or self.request.is_eager:
            return super().__call__(*args, **kwargs)
        on = task_records.arguments_of(args, kwargs)
        try:
            if not task_records.begin(task_id, self.name, on, timezone.now()):
                return None
        except (OperationalError, InterfaceError) as error:  # then the task finds out by itself
            log.warning("task_not_recorded", task=self.name, error=repr(error))
            return self.run(*args, **kwargs)
        try:
            result = self.run(*args, **kwargs)
        except Exception as error:
            cause = repr(error)
            self._note(lambda: task_records.failed(task_id, self.name, on, cause, timezone.now()))
            raise
        self._note(lambda: task_records.went_well(task_id, self.name, on))
        return result

    def _note(self, write: Any) -> None:
        try:
            write()
        except (OperationalError, InterfaceError) as error:  # what was begun and has no end is found later
            log.warning("task_not_recorded", task=self.name, error=repr(error))
