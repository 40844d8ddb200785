"""The task queue. Worker: ``celery -A safet_portal worker``; schedule: ``celery -A safet_portal beat``."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safet_portal.settings")

app = Celery("safet_portal", task_cls="safet_portal.task_base:RecordedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["consumer"].add("safet_portal.workers:SignsOfLife")


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Django has set logging up already; that somebody listens here is what stops Celery from doing it again."""
