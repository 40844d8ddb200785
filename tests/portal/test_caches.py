"""Sign-in, its limits and budgets with Redis, without it, and in between."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import Client

from messaging.models import OutgoingEmail
from safet_portal.caches import forget_redis
from tests.cast import World
from tests.faults.wire import Wire
from tests.security.test_lockout import THROTTLED, guess, try_password


def test_what_is_kept_lies_in_redis_while_it_is_there(two_levels: Wire) -> None:
    cache.set("a", {"b": 1}, timeout=60)
    assert (cache.get("a"), caches["redis"].get("a"), caches["table"].get("a")) == ({"b": 1}, {"b": 1}, None)
    two_levels.cut()
    assert cache.get("a") is None
    cache.set("a", 2, timeout=60)
    assert (cache.get("a"), caches["table"].get("a")) == (2, 2)
    two_levels.passes()
    assert cache.get("a") == 2  # for some seconds nobody asks Redis
    forget_redis()
    assert cache.get("a") == {"b": 1}


@pytest.mark.parametrize("away", [False, True])
def test_counts_add_up_on_either_level(two_levels: Wire, away: bool) -> None:
    if away:
        two_levels.cut()
    assert [cache.count_up("n", 2, seconds=60) for _ in range(3)] == [2, 4, 6]  # type: ignore[attr-defined]
    assert cache.add("once", 1, timeout=60)
    assert not cache.add("once", 1, timeout=60)
    assert (cache.has_key("once"), cache.incr("once"), cache.delete("once"), cache.get("once")) == (True, 2, True, None)


@pytest.mark.parametrize("away", ["cut", "hangs"])
def test_people_sign_in_without_redis_and_guessing_ends_as_soon(world: World, two_levels: Wire, away: str) -> None:
    getattr(two_levels, away)()
    assert try_password("198.51.100.20", "demo").status_code == 302
    assert guess(6) == [False] * 5 + [True]
    assert THROTTLED in try_password("203.0.113.7", "demo").content.decode()


def test_password_reset_goes_out_without_redis(world: World, two_levels: Wire) -> None:
    two_levels.cut()
    answer = Client().post("/accounts/password/reset/", {"email": world.alice.email})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/password/reset/done/")
    assert OutgoingEmail.objects.get(kind="password-reset").extra_address == world.alice.email


def test_budgets_are_counted_without_redis(world: World, two_levels: Wire, settings: Any, client: Client) -> None:
    settings.BUDGETS = settings.BUDGETS | {"searches": 2}
    client.force_login(world.alice, "allauth.account.auth_backends.AuthenticationBackend")
    two_levels.cut()
    assert [client.get("/claims/?q=lamp").status_code for _ in range(3)] == [200, 200, 429]
