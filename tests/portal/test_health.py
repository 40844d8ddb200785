"""/healthz, /readyz, /status and /metrics as a probe sees them."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from claims.tasks import check_file, check_waiting_files
from messaging.models import OutgoingEmail
from messaging.notifications import outbox
from safet_portal.celery import app
from safet_portal.queues import QUEUES
from safet_portal.tasks import tell_that_beat_runs, tell_that_queue_runs
from tests.cast import World
from tests.faults.wire import Wire
from tests.html import CheckingClient
from tests.servers import MailSink, free_port, running_clamd

CHECKS = {"database": "ok", "migrations": "ok", "cache": "ok", "storage": "ok", "outbox": "ok", "decoder_sandbox": "ok"}
ALL_WELL = {**CHECKS, "oldest_email_seconds": 0}


def owe_email(due: timedelta) -> None:
    user = User.objects.create_user("alice@seller-a.example")
    at = timezone.now() + due
    OutgoingEmail.objects.create(kind="message", occasion="message:1", user=user, next_attempt_at=at, created_at=at)


def test_healthz_asks_neither_database_nor_cache(client: CheckingClient) -> None:
    answer = client.get("/healthz")  # a database call would fail here: this test has no mark for one
    assert (answer.status_code, answer.content, answer.headers["Cache-Control"]) == (
        200,
        b"ok\n",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )


QUEUE = {"broker": "ok", "workers": "failed", "tasks": "ok", "beat": "ok", "beat_seconds": 0}
READY = {"database": "ok", "migrations": "ok"}


@pytest.mark.django_db
def test_readyz_speaks_of_this_node_alone(client: CheckingClient) -> None:
    """What fails for every node takes none of them out of service."""
    owe_email(-timedelta(minutes=16))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, READY)


@pytest.mark.django_db
def test_readyz_with_a_migration_missing_fails(client: CheckingClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, READY | {"migrations": "failed"})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_probes_look_for_no_session(
    client: CheckingClient, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(
        User.objects.create_user("alice@seller-a.example"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    with django_assert_num_queries(0 if path == "/healthz" else 3):
        assert client.get(path).status_code == 200


@pytest.mark.django_db
def test_status_names_every_check(client: CheckingClient) -> None:
    answer = client.get("/status")
    assert (answer.status_code, answer.json()) == (200, ALL_WELL)


@pytest.mark.django_db
def test_status_with_an_old_email_owed_fails(client: CheckingClient) -> None:
    owe_email(-timedelta(minutes=16))
    answer = client.get("/status")
    age = answer.json()["oldest_email_seconds"]
    assert 16 * 60 <= age < 17 * 60
    assert (answer.status_code, answer.json()) == (503, ALL_WELL | {"outbox": "failed", "oldest_email_seconds": age})


@pytest.mark.django_db
def test_status_with_a_lease_left_behind_fails(client: CheckingClient) -> None:
    """A worker died with it and nobody has come for it since."""
    owe_email(-timedelta(minutes=30))
    outbox.lease(timezone.now() - timedelta(minutes=22), 1)
    assert client.get("/status").json()["outbox"] == "failed"


@pytest.mark.django_db
def test_status_with_an_email_due_later_is_well(client: CheckingClient) -> None:
    owe_email(timedelta(hours=1))
    assert client.get("/status").status_code == 200


@pytest.mark.django_db
def test_status_with_no_place_for_files_fails(client: CheckingClient, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where the folder should be")
    place = settings.STORAGES["attachments"]
    place = {**place, "OPTIONS": {**place["OPTIONS"], "location": tmp_path / "file"}}
    settings.STORAGES = {**settings.STORAGES, "attachments": place}
    answer = client.get("/status")
    assert (answer.status_code, answer.json()) == (503, ALL_WELL | {"storage": "failed"})


@pytest.mark.django_db
def test_status_with_a_queue_asks_for_broker_and_beat(client: CheckingClient, settings: Any, redis_url: str) -> None:
    settings.QUEUE_URL = settings.CELERY_BROKER_URL = redis_url
    assert client.get("/status").json() == ALL_WELL | QUEUE | {"beat": "failed", "beat_seconds": None}
    for queue in QUEUES:
        tell_that_queue_runs(queue)
    tell_that_beat_runs()
    assert client.get("/status").json() == ALL_WELL | QUEUE | {"workers": "ok"}


@pytest.mark.django_db
def test_status_with_redis_gone_fails(client: CheckingClient, settings: Any, two_levels: Wire) -> None:
    two_levels.cut()
    answer = client.get("/status")
    assert (answer.status_code, answer.json()) == (503, ALL_WELL | {"cache": "failed"})


@pytest.mark.django_db
def test_a_scanner_that_is_down_is_told_and_takes_nothing_out_of_service(
    client: CheckingClient, settings: Any, clamd_binary: str, tmp_path: Path, world: World
) -> None:
    """Files go on coming in; once it is there, the schedule's own task takes them up."""
    port = free_port()
    settings.CLAMD_URL = f"tcp://127.0.0.1:{port}"
    world.now, world.photos = timezone.now(), True
    claim = world.claim()
    OutgoingEmail.objects.all().delete()  # due for days: another check's business
    check_file(claim.attachments.order_by("pk")[0].pk)
    assert check_waiting_files() == 1  # the other file's preview: nothing is scanned
    answer = client.get("/status")
    told = answer.json()
    assert (answer.status_code, told["scanner"]) == (200, "failed")
    assert {name: told[name] for name in CHECKS} == CHECKS
    with pytest.raises(CommandError, match="Not ready"):
        call_command("ready", "scanner")
    call_command("ready")
    metrics = client.get("/metrics").content.decode()
    assert "safet_files_to_scan 2.0" in metrics
    assert "safet_oldest_file_to_scan_seconds 0.0" not in metrics

    with running_clamd(clamd_binary, tmp_path, port=port):
        assert client.get("/status").json()["scanner"] == "ok"
        assert check_waiting_files() == 2
    assert set(claim.attachments.values_list("scan", flat=True)) == {"CLEAN"}
    assert "safet_files_to_scan 0.0" in client.get("/metrics").content.decode()


@pytest.mark.django_db
def test_a_scanner_that_never_answers_costs_a_probe_two_seconds(
    client: CheckingClient, settings: Any, mail_sink: MailSink
) -> None:
    settings.CLAMD_URL = f"tcp://127.0.0.1:{mail_sink.port}"
    begun = time.monotonic()
    assert client.get("/status").json()["scanner"] == "failed"
    assert time.monotonic() - begun < 10


@pytest.mark.django_db
def test_metrics_tell_requests_by_route_and_emails_by_state(
    client: CheckingClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owe_email(-timedelta(seconds=90))
    client.get("/accounts/login/")
    with django_assert_num_queries(6):
        answer = client.get("/metrics")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }
    assert found["safet_requests_total", "GET", "accounts/login/", "200"] >= 1
    emails = {key[1]: value for key, value in found.items() if key[0] == "safet_outgoing_emails"}
    assert emails == {"queued": 1, "sending": 0, "retrying": 0, "stuck": 0}
    assert 90 <= found["safet_oldest_queued_email_seconds",] < 120
    assert 90 <= found["safet_email_overdue_seconds",] < 120
    assert (found["safet_files_to_scan",], found["safet_oldest_file_to_scan_seconds",]) == (0, 0)
    outbox.tally({"sent": 3, "failed": 1})
    outbox.tally({"sent": 2})
    told = client.get("/metrics").content.decode()
    assert 'safet_email_attempts_total{outcome="sent"} 5.0' in told
    assert 'safet_email_attempts_total{outcome="failed"} 1.0' in told


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("token", "request_has", "status"),
    [
        ("", {}, 200),
        ("", {"REMOTE_ADDR": "203.0.113.9"}, 404),
        ("", {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 404),
        ("", {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer "}, 404),
        ("s3cret", {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer s3cret"}, 200),
        ("s3cret", {"REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer s3cre"}, 404),
        ("s3cret", {"REMOTE_ADDR": "203.0.113.9"}, 404),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(
    client: CheckingClient, token: str, request_has: dict[str, str], status: int
) -> None:
    with override_settings(METRICS_TOKEN=token):
        assert client.get("/metrics", **request_has).status_code == status


@pytest.mark.django_db
def test_ready_command_says_what_status_says(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("ready", "database", "storage")
    assert capsys.readouterr().out == "database ok\nstorage ok\n"
    owe_email(-timedelta(hours=1))
    with pytest.raises(CommandError, match="Not ready"):
        call_command("ready", "outbox")
    assert capsys.readouterr().out == "outbox failed\n"


def test_every_task_of_the_schedule_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(app.tasks) == set()
