"""The bucket that holds files, behind limits: what doesn't answer holds up few, and those not for long.

A call takes seconds, is tried twice, and then the bucket counts as away for a while: everybody is told so at once,
and one call in between finds out whether it is back. Never are all threads of a process in a call: a page without files
never waits for the storage.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, NoReturn, TypeVar

import structlog
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from django.conf import settings
from django.core.files.base import File
from prometheus_client import Counter
from s3transfer.exceptions import RetriesExceededError
from storages.backends.s3 import S3Storage

from accounts.breaker import Breaker

log = structlog.get_logger(__name__)
T = TypeVar("T")

CONNECT_SECONDS, ANSWER_SECONDS, ATTEMPTS = 2, 5, 2
AWAY_SECONDS = 10.0
"""How long nobody asks a bucket that did not answer; then one call does."""
PATIENCE = 0.5
"""Seconds a call waits for one of the others to end."""
CALLS = Counter("safet_storage_calls_total", "Calls of the storage: ok, failed, or refused unasked", ["outcome"])


class StorageAway(OSError):
    """The storage doesn't answer, or refuses us; nothing was read, and what was being written may be whole or not."""


class Calls:
    """Lets calls through, a number at a time, until one fails; then none for a while, then one."""

    def __init__(self, at_once: int) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._breaker = Breaker(pause=AWAY_SECONDS, longest=ATTEMPTS * (CONNECT_SECONDS + ANSWER_SECONDS))

    @contextmanager
    def one(self) -> Iterator[None]:
        """Let one call be made. Raises StorageAway at once where none may be, and where this one fails."""
        if not self._breaker.may_ask():
            CALLS.labels("refused").inc()
            raise StorageAway("the storage did not answer a moment ago")
        if not self._places.acquire(timeout=PATIENCE):
            CALLS.labels("refused").inc()
            raise StorageAway("as many calls as may be are waiting for the storage")
        try:
            yield
        except FileNotFoundError:
            self._answered()
            raise
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status == 404:
                self._answered()
                raise FileNotFoundError(repr(error)) from error
            self._failed(error, away=status >= 500)
        except (NotConnected, HTTPClientError, RetriesExceededError, Boto3Error) as error:
            self._failed(error, away=True)
        else:
            self._answered()
        finally:
            self._places.release()

    def _answered(self) -> None:
        CALLS.labels("ok").inc()
        if self._breaker.answered():
            log.warning("storage_is_back")

    def _failed(self, error: Exception, *, away: bool) -> NoReturn:
        CALLS.labels("failed").inc()
        log.error("storage_failed", error=repr(error), away=away)
        if away:
            self._breaker.failed()
        raise StorageAway(repr(error)) from error


class Bucket(S3Storage):
    """An S3 bucket behind a breaker. A file that is opened is read to its end at once, into a temporary file."""

    def __init__(self, **options: Any) -> None:
        limits = Config(
            s3={"addressing_style": options.get("addressing_style")},
            signature_version=options.get("signature_version"),
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        )
        transfer = TransferConfig(use_threads=False, num_download_attempts=1)
        super().__init__(client_config=limits, transfer_config=transfer, max_memory_size=1024 * 1024, **options)
        self._calls = Calls(settings.STORAGE_CALLS_AT_ONCE)

    def _ask(self, call: Callable[..., T], *arguments: Any, **options: Any) -> T:
        with self._calls.one():
            return call(*arguments, **options)

    def _open(self, name: str, mode: str = "rb") -> IO[bytes]:
        """Return the whole file, open for reading. Raises FileNotFoundError and StorageAway."""
        with self._calls.one():
            found = super()._open(name, mode)
            found.open()
            return found

    def _save(self, name: str, content: File) -> str:
        return self._ask(super()._save, name, content)

    def delete(self, name: str) -> None:
        self._ask(super().delete, name)

    def exists(self, name: str) -> bool:
        return self._ask(super().exists, name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        return self._ask(super().listdir, name)

    def size(self, name: str) -> int:
        return self._ask(super().size, name)

    def get_modified_time(self, name: str) -> datetime:
        return self._ask(super().get_modified_time, name)
