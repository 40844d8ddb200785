"""What a worker does beside its tasks: it shows that it lives, to the queue and to who looks after its process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import structlog
from celery import bootsteps
from celery.worker.consumer.tasks import Tasks
from django.conf import settings
from kombu.transport import redis

log = structlog.get_logger(__name__)

EVERY = 5.0
"""Seconds between two signs: a fraction of `outside.KEPT_IN_HAND`."""


class SignsOfLife(bootsteps.StartStopStep):
    """Keeps the tasks that this worker has in hand its own, and a file fresh that `safet_portal.worker_alive` reads.

    Redis gives what nobody has given a sign of to another worker; RabbitMQ sees by itself when a connection ends.
    """

    requires = (Tasks,)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        self._timer = consumer.timer.call_repeatedly(EVERY, self._sign, (consumer,))
        self._sign(consumer)

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _sign(self, consumer: Any) -> None:
        try:
            keep_in_hand(consumer.task_consumer.channel)
        except Exception as error:  # the queue is away: the worker notices by itself, and connects again
            log.warning("tasks_not_kept_in_hand", error=repr(error))
            return
        alive_file(str(consumer.hostname)).touch()


def keep_in_hand(channel: Any) -> None:
    """Tell Redis that the tasks taken by this channel are still being worked on; other brokers need no telling."""
    if not isinstance(channel, redis.Channel):
        return
    tags = list(channel.qos._delivered)
    if tags:
        with channel.conn_or_acquire() as client:
            client.zadd(channel.unacked_index_key, dict.fromkeys(tags, time.time()), xx=True)


def alive_file(hostname: str) -> Path:
    folder = Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"worker-{hostname}.alive"
