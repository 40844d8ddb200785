"""Every status change reaches its people, whatever fails: real worker, beat, Redis, PostgreSQL and mail server.

Each scene makes status changes of a seller account of two members under one fault and counts: e-mails owed are e-mails
accepted by distinct Message-ID, and nobody is told one thing twice. ``FAULT_CHANGES`` sets the changes a scene.
"""

from __future__ import annotations

import os
import signal
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from messaging.models import OutgoingEmail
from messaging.notifications import outbox
from safet_portal import embedded_postgres
from tests import environment
from tests.faults.sink import Close, EachOnce, Once, Talk, slow
from tests.faults.stage import CHANGES, PATIENCE, Count, Stage, start_postgres, wait_until

State = OutgoingEmail.State


def all_sent(count: Count, *, copies: int = 0) -> None:
    """Each e-mail owed was sent, nobody was told twice, and so many at most came again under the same Message-ID."""
    assert count.states == {State.SENT: count.owed}
    assert (count.distinct, count.twice) == (count.owed, 0)
    assert count.copies <= copies


def ms(answer: dict[str, float]) -> str:
    return f"a change took {answer['median_ms']:.0f} ms, at most {answer['slowest_ms']:.0f} ms"


def test_nothing_fails(stage: Stage) -> None:
    before = stage.sink.connections
    answer = stage.change()
    stage.settle()
    all_sent(stage.count(note=f"{ms(answer)}; {stage.sink.connections - before} connections"))


# -- the worker


@pytest.mark.parametrize("when", ["rcpt", "half", "taken"])
def test_worker_killed(stage: Stage, when: str) -> None:
    """kill -9 before the mail server has the e-mail, in the middle of its text, and after it was taken but not said.

    Both processes of the worker die: wherever the other one was, one copy may come of it.
    """

    def kill(talk: Talk) -> None:
        stage.processes["worker"].kill()
        raise Close

    stage.sink.fault = killed = Once(when, kill, after=CHANGES // 3)
    stage.begin()
    wait_until(killed.done.is_set, "the worker is killed")
    stage.people.answer()
    wait_until(lambda: not stage.processes["worker"].alive, "it is dead")
    stage.leases_run_out(stage.leases())
    stage.start_worker()
    stage.settle()
    all_sent(stage.count(), copies=2 if when == "taken" else 1)


def test_child_of_the_worker_killed(stage: Stage) -> None:
    """Only the processes that do the work: the worker itself makes new ones and takes the task up again."""

    def kill(talk: Talk) -> None:
        lost.update(stage.leases())
        for child in stage.processes["worker"].children():
            os.kill(child, signal.SIGKILL)
        done.set()
        raise Close

    lost: set[UUID] = set()
    done = threading.Event()
    stage.sink.fault = Once("half", kill, after=CHANGES // 3)
    stage.change()
    wait_until(done.is_set, "the child is killed")
    stage.leases_run_out(lost)
    stage.settle()
    all_sent(stage.count(), copies=1)


# -- the mail server


def test_mail_server_down(stage: Stage) -> None:
    stage.sink.stop()
    stage.change()
    wait_until(lambda: stage.emails(state=State.QUEUED, attempts__gt=0), "an attempt was made")
    stage.sink.start()
    stage.settle(pauses_pass=True)
    all_sent(stage.count())


def test_mail_server_slow(stage: Stage) -> None:
    stage.sink.fault = slow(0.1)
    stage.change()
    stage.settle()
    all_sent(stage.count())


def test_mail_server_hangs(stage: Stage) -> None:
    """It takes the text and never answers: the attempt ends, and the e-mail goes out when it answers again."""
    released = threading.Event()

    def hang(talk: Talk) -> None:
        released.wait(PATIENCE)

    stage.sink.fault = Once("data", hang)
    stage.change()
    try:
        wait_until(lambda: stage.emails(state=State.QUEUED, cause__contains="timed out"), "the attempt ends")
    finally:
        released.set()
    stage.settle(pauses_pass=True)
    all_sent(stage.count())


def test_mail_server_closing_with_421(stage: Stage) -> None:
    """421 at the greeting, and for the fourth e-mail of each connection."""

    def fault(stage_name: str, talk: Talk) -> str | None:
        if stage_name == "connect":
            return greeting(stage_name, talk)
        return "421 that was enough" if stage_name == "mail" and talk.carried >= 3 else None

    greeting = Once("connect", lambda talk: "421 too busy")
    stage.sink.fault = fault
    stage.change()
    stage.settle(pauses_pass=True)
    all_sent(stage.count())


@pytest.mark.parametrize("when", ["rcpt", "end"])
def test_mail_server_says_451_first(stage: Stage, when: str) -> None:
    """Greylisting: a recipient, or an e-mail, is taken at the second attempt only."""
    stage.sink.fault = EachOnce(when, "451 try again later")
    stage.change()
    stage.settle(pauses_pass=True)
    all_sent(stage.count())


def test_mail_server_refuses_a_recipient_with_550(stage: Stage) -> None:
    """It bounced at once, the others have theirs; an operator sends it again when the address is mended."""

    def fault(stage_name: str, talk: Talk) -> str | None:
        return "550 no such mailbox" if stage_name == "rcpt" and talk.recipient.startswith("viewer@") else None

    stage.sink.fault = fault
    stage.change()
    stage.settle()
    half = CHANGES
    assert stage.emails(state=State.BOUNCED, attempts=1, cause="550 no such mailbox") == half
    assert stage.emails(state=State.SENT) == half
    stage.sink.fault = lambda stage_name, talk: None
    assert stage.send_again() == half
    stage.settle()
    all_sent(stage.count(note=f"{half} bounced, then sent again"))


def test_mail_server_refuses_the_text_with_554(stage: Stage) -> None:
    """No address is wrong and trying again is no use: it is an operator's, at once."""
    stage.sink.fault = EachOnce("end", "554 looks like spam")
    stage.change()
    stage.settle()
    assert stage.emails(state=State.FAILED, attempts=1, cause="554 looks like spam") == 2 * CHANGES
    assert stage.send_again() == 2 * CHANGES
    stage.settle()
    all_sent(stage.count(note="all failed, then sent again"))


@pytest.mark.parametrize("when", ["half", "taken"])
def test_mail_server_closes_in_mid_data(stage: Stage, when: str) -> None:
    """The connection ends in the middle of the text, and after it, before the answer."""

    def close(talk: Talk) -> None:
        raise Close

    stage.sink.fault = Once(when, close, after=CHANGES // 3)
    stage.change()
    stage.settle(pauses_pass=True)
    all_sent(stage.count(), copies=1 if when == "taken" else 0)


# -- the queue


def test_redis_down_at_the_change(stage: Stage) -> None:
    """Nothing is lost, and who changes a claim does not wait for it."""
    stage.processes["redis"].kill()
    answer = stage.change()
    assert stage.waiting() == 2 * CHANGES
    stage.start_redis()
    stage.settle()
    all_sent(stage.count(note=ms(answer)))


def test_redis_hangs_at_the_change(stage: Stage) -> None:
    """It takes connections and says nothing: the worst way to be down."""
    stage.processes["redis"].signal(signal.SIGSTOP)
    try:
        answer = stage.change()
        assert stage.waiting() > 0
    finally:
        stage.processes["redis"].signal(signal.SIGCONT)
    stage.settle()
    all_sent(stage.count(note=ms(answer)))


def test_redis_killed_while_busy_and_restarted_empty(stage: Stage) -> None:
    stage.sink.fault = slow(0.02)
    stage.begin()
    stage.people.until(CHANGES // 2)
    stage.processes["redis"].kill()
    answer = stage.people.answer()
    stage.start_redis()
    stage.settle()
    all_sent(stage.count(note=ms(answer)))


# -- the database


def test_postgres_restarted_under_load(stage: Stage) -> None:
    """Changes in the middle of it are tried again by their people; what was accepted is marked when it is back."""
    if not environment.EMBEDDED:
        pytest.skip("DATABASE_URL names a server that isn't ours to restart")
    stage.begin()
    stage.people.until(CHANGES // 2)
    restarted = threading.Event()

    def restart(talk: Talk) -> None:
        assert embedded_postgres.stop(environment.TEST_POSTGRES)
        start_postgres()
        restarted.set()

    stage.sink.fault = Once("taken", restart)
    wait_until(lambda: stage.supervise() and restarted.is_set(), "PostgreSQL is restarted")
    stage.people.answer()
    stage.settle()
    all_sent(stage.count())


# -- twice, at once, out of order, at the wrong time


def test_same_task_twice_and_out_of_order(stage: Stage) -> None:
    worker = stage.processes["worker"]
    worker.signal(signal.SIGSTOP)
    stage.change()
    stage.people.begin("ask_worker", times=6, countdowns=[1.5, 0.7, 0.1])
    stage.people.answer()
    assert stage.waiting() == 2 * CHANGES
    worker.signal(signal.SIGCONT)
    stage.settle()
    all_sent(stage.count())


def test_sweeps_at_once(stage: Stage) -> None:
    """Two sweeps by hand while the worker sweeps too."""
    stage.sink.fault = slow(0.02)
    stage.begin()
    stage.people.until(CHANGES // 3)
    sweeps = [stage.manage("send_pending_emails", "--json") for _ in range(2)]
    stage.people.answer()
    assert [sweep.popen.wait(PATIENCE) for sweep in sweeps] == [0, 0]
    stage.settle()
    all_sent(stage.count())


def test_clock_set_back(stage: Stage) -> None:
    """Changes made, attempts put off and leases taken by a run that died: all by a clock that was three hours ahead."""
    ahead = timedelta(hours=3)
    stage.processes["beat"].signal(signal.SIGSTOP)
    stage.sink.stop()
    try:
        stage.change(ahead=3)
        stage.processes["worker"].kill()  # a task still on its way would set right what is about to be set wrong
        stage.people.begin("release", leases=[str(lease) for lease in stage.leases()])
        stage.people.answer()
        stage.put_off(timezone.now() + ahead)
        stage.people.begin("lease", ahead=3, limit=CHANGES)
        leased = stage.people.answer()
    finally:
        stage.processes["beat"].signal(signal.SIGCONT)
    lease = UUID(leased["lease"])
    stage.sink.start()
    stage.supervise()
    wait_until(lambda: not stage.emails(state=State.QUEUED), "what was queued is sent")
    soon = timezone.now() + outbox.LEASE
    assert stage.emails(lease=lease, next_attempt_at__lte=soon) == leased["rows"] == CHANGES
    stage.leases_run_out({lease})
    stage.settle()
    all_sent(stage.count())
