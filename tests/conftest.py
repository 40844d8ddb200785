"""The servers tests run against, all real: PostgreSQL, Redis, a mailbox, a browser.

Where one can't be had, the tests that need it are skipped with the reason.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, expect
from pytest_django import DjangoDbBlocker

from safet_portal.caches import forget_redis
from safet_portal.outside import cache_of
from tests import clean_start, environment
from tests.cast import world  # noqa: F401 (a fixture for all)
from tests.faults.wire import Wire
from tests.gate import Gate
from tests.html import CheckingClient
from tests.servers import PATIENCE, MailSink, redis_answers, running_clamd, running_redis


@pytest.fixture(scope="session")
def postgres() -> Iterator[None]:
    """The database server: what DATABASE_URL names, else our own, stopped again if these tests started it."""
    if not environment.EMBEDDED:
        yield
        return
    from safet_portal import embedded_postgres

    started = embedded_postgres.ensure(environment.TEST_POSTGRES, durable=False)
    yield
    if started:
        embedded_postgres.stop(environment.TEST_POSTGRES)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, postgres: None) -> None:
    """pytest-django asks for this before it makes the test database."""


COMMITS = {"transactional_db", "live_server"}
BLOCKER = pytest.StashKey[DjangoDbBlocker]()
IN_DOUBT = pytest.StashKey[bool]()
"""Whether tables may have rows left: after a test that commits, or that failed."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker, request: pytest.FixtureRequest) -> None:
    """The test database, empty even where it was kept (`--reuse-db`) from a run that ended in the middle of a test."""
    if not clean_start.is_test_database():
        return  # no test that was selected asks for one
    request.session.stash[BLOCKER] = django_db_blocker
    with django_db_blocker.unblock():
        clean_start.empty_tables()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A clean start for each test with a database, see `tests.clean_start`."""
    stash = item.session.stash
    if BLOCKER not in stash:
        return  # there is no database yet
    clean_start.renew_connections()
    fixtures = set(getattr(item, "fixturenames", ()))
    mark = item.get_closest_marker("django_db")
    commits = bool(fixtures & COMMITS) or (mark is not None and bool(mark.kwargs.get("transaction")))
    if mark is None and not commits and "db" not in fixtures:
        return
    if stash.get(IN_DOUBT, False):
        with stash[BLOCKER].unblock():
            clean_start.empty_tables()
    stash[IN_DOUBT] = commits


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.session.stash[IN_DOUBT] = True
    return report


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """Rate limits count from zero in each test."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _gate_of_the_live_server(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with a browser ends when its last request has been answered: before its rows go, after its pages went."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")  # so that the tables are emptied after this, not before
    httpd = request.getfixturevalue("live_server").thread.httpd
    if not isinstance(httpd.get_app(), Gate):
        httpd.set_app(Gate(httpd.get_app()))
    gate = httpd.get_app()
    browser: Browser | None = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    gate.open()
    yield
    for context in browser.contexts if browser else ():  # a test that ended in the middle closed none
        context.close()
    gate.close()


@pytest.fixture
def client() -> CheckingClient:
    """Django's test client; every HTML page it gets must be well-formed."""
    return CheckingClient()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis to be used up by the tests: the one at REDIS_URL if it answers, else our own `redis-server`."""
    given = environment.REDIS_URL_GIVEN
    if given and redis_answers(given):
        yield given
        return
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("needs Redis: nothing answers at REDIS_URL, and redis-server is not on the PATH")
    with running_redis(binary, tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def two_levels(redis_url: str, settings: Any, db: None) -> Iterator[Wire]:
    """The cache in Redis, and in the table while Redis is away: what comes back decides whether it is."""
    where = urlsplit(redis_url)
    wire = Wire((where.hostname or "127.0.0.1", where.port or 6379))
    url = where._replace(netloc=where.netloc.replace(f":{where.port}", f":{wire.port}")).geturl()
    table = {"BACKEND": "safet_portal.table_cache.TableCache", "LOCATION": "cache"}
    settings.CACHES = {"default": {"BACKEND": "safet_portal.caches.TwoLevels"}, "redis": cache_of(url), "table": table}
    cache.clear()
    try:
        yield wire
    finally:
        wire.passes()
        forget_redis()
        cache.clear()
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        wire.end()


@pytest.fixture(scope="session")
def clamd_binary() -> str:
    """The path of ClamAV's daemon."""
    binary = shutil.which("clamd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        pytest.skip("needs a virus scanner: no clamd on the PATH (Debian's clamav-daemon)")
    return binary


@pytest.fixture(scope="session")
def clamd_url(clamd_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A virus scanner that finds EICAR and nothing else."""
    with running_clamd(clamd_binary, tmp_path_factory.mktemp("clamd")) as url:
        yield url


@pytest.fixture
def clamd(clamd_url: str, settings: Any) -> str:
    """The portal scans what is uploaded, with that scanner."""
    settings.CLAMD_URL = clamd_url
    return clamd_url


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    """An SMTP server that keeps what it is sent: `.url` for EMAIL_URL, `.messages` as parsed e-mails."""
    with MailSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Debian's Chromium, or of what CHROMIUM names."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("needs Chromium: no chromium on the PATH")
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: str) -> dict[str, Any]:
    """How pytest-playwright starts the browser: nothing but this machine can be reached from it."""
    expect.set_options(timeout=PATIENCE * 1000)  # a machine that has other work keeps nobody's promise of five seconds
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # from here on: these tests run last, see tests/environment.py
    flags = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ]
    return {**browser_type_launch_args, "executable_path": chromium, "args": flags}


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Browser:
    """The browser; whatever its pages wait for, they wait for as long as `expect` does."""
    made = browser.new_context

    def new_context(**options: Any) -> BrowserContext:
        context = made(**options)
        context.set_default_timeout(PATIENCE * 1000)
        return context

    browser.new_context = new_context  # type: ignore[method-assign]
    return browser


@pytest.fixture(scope="session")
def base_dir() -> Path:
    return environment.BASE_DIR
