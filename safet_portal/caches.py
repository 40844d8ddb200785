"""The cache: Redis where there is one, and the table in PostgreSQL while it is away or where there is none.

What is counted or kept while Redis is away lies in the table, and is not carried over: a count begins anew at either
change. So sign-in, its limits, and budgets go on without Redis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import RedisError, Sentinel, SentinelConnectionPool

from accounts.breaker import Breaker
from safet_portal.outside import ANSWER_SECONDS, sentinels_of

log = structlog.get_logger(__name__)
T = TypeVar("T")

AWAY_SECONDS = 5.0
"""How long the table is asked, and Redis isn't, after Redis did not answer."""
REDIS, TABLE = "redis", "table"
"""The two levels, by their names in CACHES."""
_breaker = Breaker(pause=AWAY_SECONDS, longest=3 * ANSWER_SECONDS)


def forget_redis() -> None:
    """Ask Redis again at the next question, whatever was found before."""
    _breaker.answered()


class Redis(RedisCache):
    """Redis, and a way to count that loses none of two at once."""

    def count_up(self, key: str, n: int, *, seconds: int) -> int:
        """Add `n` to the number under a key and return it; it ends `seconds` after it began."""
        name = self.make_and_validate_key(key)
        with self._cache.get_client(name, write=True).pipeline() as both:
            both.set(name, 0, ex=seconds, nx=True)
            both.incrby(name, n)
            return int(both.execute()[-1])


class _ClientBySentinel(RedisCacheClient):
    """Asks the Sentinels which Redis is the master, for every connection that is opened."""

    _pools: dict[int, SentinelConnectionPool]
    _pool_options: dict[str, Any]
    _servers: list[str]

    def _get_connection_pool(self, write: bool) -> SentinelConnectionPool:
        if 0 not in self._pools:
            found = sentinels_of("CACHE_URL", self._servers[0])
            account = {"password": found.password} if found.password else {}
            limits = {name: value for name, value in self._pool_options.items() if name != "parser_class"}
            sentinel = Sentinel(  # type: ignore[no-untyped-call]
                found.hosts, sentinel_kwargs={**limits, **account}, **limits
            )
            self._pools[0] = SentinelConnectionPool(  # type: ignore[no-untyped-call]
                found.master, sentinel, db=found.db, **account, **limits
            )
        return self._pools[0]


class RedisBySentinel(Redis):
    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _ClientBySentinel


class TwoLevels(BaseCache):
    """The cache named `redis`, and while that doesn't answer the one named `table`."""

    def __init__(self, _location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _ask(self, how: Callable[[Any], T]) -> T:
        if _breaker.may_ask():
            try:
                answer = how(caches[REDIS])
            except (RedisError, OSError) as error:
                if _breaker.failed():
                    log.error("cache_away", error=repr(error))
            else:
                if _breaker.answered():
                    log.warning("cache_is_back")
                return answer
        return how(caches[TABLE])

    def count_up(self, key: str, n: int, *, seconds: int) -> int:
        """Add `n` to the number under a key that is used for nothing else, and return it; it ends after `seconds`."""
        return self._ask(lambda cache: int(cache.count_up(key, n, seconds=seconds)))

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(lambda cache: bool(cache.add(key, value, timeout, version)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(lambda cache: bool(cache.touch(key, timeout, version)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return self._ask(lambda cache: bool(cache.delete(key, version)))

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self._ask(lambda cache: bool(cache.has_key(key, version)))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return self._ask(lambda cache: int(cache.incr(key, delta, version)))

    def clear(self) -> None:
        self._ask(lambda cache: cache.clear())
