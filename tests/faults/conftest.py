"""One stage for all scenes, the database left as it was found, and the table at the end."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests import clean_start
from tests.faults.portal import TOLD
from tests.faults.stage import Count, Stage, redis_server, start_postgres

COUNTS: list[Count] = []
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="module")
def whole_stage(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """All parts, running. What they commit is what other processes see, so nothing here is rolled back."""
    binary = redis_server()
    if binary is None:
        pytest.skip("needs a Redis of its own: redis-server is not on the PATH")
    stage = Stage(tmp_path_factory.mktemp("faults"), binary, counts=COUNTS)
    with django_db_blocker.unblock(), test_database(), stage.running():
        yield stage


@contextmanager
def test_database() -> Iterator[None]:
    """The test database, left empty; made here when no other test that was selected asks for one."""
    if clean_start.is_test_database():
        clean_start.renew_connections()
        clean_start.empty_tables()
        try:
            yield
        finally:
            start_postgres()
            clean_start.renew_connections()
            clean_start.empty_tables()
        return
    name = str(connection.settings_dict["NAME"])
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    try:
        yield
    finally:
        start_postgres()
        clean_start.renew_connections()
        connection.creation.destroy_test_db(name, verbosity=0)


@pytest.fixture
def stage(whole_stage: Stage, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """The stage at the beginning of a scene named as the test is. After one that failed it is built anew."""
    whole_stage.scene = request.node.name.removeprefix("test_").replace("_", "-").replace("[", "-").rstrip("]")[:50]
    whole_stage.all_well()
    yield whole_stage
    if request.node.stash.get(FAILED, False):
        whole_stage.anew()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The scenes in numbers: owed and accepted are e-mails, twice is recipients who were told one thing twice."""
    line = terminalreporter.write_line
    if TOLD:
        terminalreporter.section("what faults cost")
        for each in TOLD:
            line(each)
    if not COUNTS:
        return
    terminalreporter.section("e-mails owed and accepted")
    counts = f"{'changes':>7} {'owed':>6} {'accepted':>8} {'distinct':>8} {'copies':>6} {'twice':>5}"
    line(f"{'scene':50} {counts}  ended as")
    for one in COUNTS:
        ended = ", ".join(f"{count} {state.lower()}" for state, count in sorted(one.states.items()))
        counts = f"{one.changes:7} {one.owed:6} {one.accepted:8} {one.distinct:8} {one.copies:6} {one.twice:5}"
        line(f"{one.scene:50} {counts}  {ended}{'; ' + one.note if one.note else ''}")
    sums = [sum(getattr(one, name) for one in COUNTS) for name in ("changes", "owed", "accepted", "distinct", "copies")]
    line(f"{'all':50} {sums[0]:7} {sums[1]:6} {sums[2]:8} {sums[3]:8} {sums[4]:6} {sum(c.twice for c in COUNTS):5}")
    line("copies: taken once more under the same Message-ID, where the first 250 was lost with whoever waited for it")
