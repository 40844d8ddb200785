"""What somebody who isn't signed in can have for nothing, as often as they like, writes nothing anywhere.

Every address that the resolver knows is fetched; rows of all tables are counted as PostgreSQL counts them, sessions
and the cache's too, and the storage of files is looked at.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.test import Client

from tests.cast import World
from tests.html import CheckingClient
from tests.test_isolation import Ids, SellerRows, addresses

COUNTED = (
    # one number a link or address and hour, in the cache: what limits the rest
    "/calendar/", "/email/",
    # the library's own limits count whatever isn't a GET: one row an address
    "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/key/",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)  # hundreds of 404 and 405 on purpose
    yield
    logging.disable(logging.NOTSET)


def written() -> tuple[int, int]:
    """How many rows of any table were written in this transaction so far, and how many of the cache's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT sum(n) FILTER (WHERE relname <> 'cache'), sum(n) FILTER (WHERE relname = 'cache')
              FROM (SELECT relname, n_tup_ins + n_tup_upd + n_tup_del AS n FROM pg_stat_xact_all_tables) t
            """
        )
        rows, cached = cursor.fetchone()
        return int(rows), int(cached)


def touched(folder: Path) -> dict[str, int]:
    """Every folder and file of the storage, and when it last changed."""
    return {path: os.stat(path).st_mtime_ns for path, *_rest in os.walk(folder)}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_no_get_of_a_stranger_writes(world: World, settings: Any, method: str) -> None:
    """With the cache in a table, as where there is no Redis; one calendar's fetches are counted there."""
    settings.CACHES = {"default": {"BACKEND": "safet_portal.table_cache.TableCache", "LOCATION": "cache"}}
    call_command("createcachetable", verbosity=0)
    theirs = SellerRows(world, world.toys, world.alice, "Zebrafinch")
    place: Any = storages["attachments"]
    folder, client = Path(place.location), Client(raise_request_exception=False)
    rows, files, wrote = written(), touched(folder), {}
    for ids in (theirs.ids, Ids()):
        for _route, address in addresses(ids):
            getattr(client, method)(address)
            client.cookies.clear()
            if written() != rows or touched(folder) != files:
                wrote[address] = written()[0] - rows[0]
                rows, files = written(), touched(folder)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    left = {address for address in wrote if not address.startswith(COUNTED)}
    assert left == set()
    assert set(wrote.values()) <= {0}  # but for the cache


@pytest.mark.django_db
def test_readiness_finds_a_folder_that_cant_be_written(client: CheckingClient, settings: Any) -> None:
    """One that is a file, one that lies in a place where not even root may write; a folder not made yet is fine."""
    place = settings.STORAGES["attachments"]
    for location, found in (("/proc/1/nowhere", "failed"), (f"{place['OPTIONS']['location']}/not/yet", "ok")):
        there = {**place, "OPTIONS": {**place["OPTIONS"], "location": location}}
        settings.STORAGES = {**settings.STORAGES, "attachments": there}
        assert client.get("/status").json()["storage"] == found, location
