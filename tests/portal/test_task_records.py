"""Tasks that fail, and that workers die over: in the operators' list until they go well."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from safet_portal import task_records
from safet_portal.celery import app
from safet_portal.models import FailedTask, TaskStart
from safet_portal.queues import QUEUES, ROUTES
from tests.cast import World

TASK = "messaging.tasks.make_pack"
NOW = timezone.now()


@pytest.mark.django_db
def test_task_that_fails_is_in_the_list_once_until_it_goes_well() -> None:
    on = task_records.arguments_of([7], {})
    for n in range(3):
        assert task_records.begin(f"id-{n}", TASK, on, NOW)
        task_records.failed(f"id-{n}", TASK, on, f"ValueError('{n}')", NOW + timedelta(minutes=n))
    row = FailedTask.objects.get()
    assert (row.task, row.arguments, row.times, row.cause) == (TASK, "[[7], {}]", 3, "ValueError('2')")
    assert (row.last_at - row.first_at, row.given_up) == (timedelta(minutes=2), False)
    assert task_records.begin("id-4", TASK, on, NOW)
    task_records.went_well("id-4", TASK, on)
    assert (FailedTask.objects.count(), TaskStart.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_task_that_kills_its_worker_is_begun_three_times_and_no_more() -> None:
    on = task_records.arguments_of([7], {})
    assert [task_records.begin("id", TASK, on, NOW) for _ in range(4)] == [True, True, True, False]
    row = FailedTask.objects.get()
    assert (row.cause, row.given_up, TaskStart.objects.count()) == (task_records.DIED, True, 0)


@pytest.mark.django_db
def test_task_that_came_to_no_end_is_found() -> None:
    task_records.begin("old", TASK, "[[1], {}]", NOW - timedelta(minutes=16))
    task_records.begin("new", TASK, "[[2], {}]", NOW)
    assert task_records.find_lost(NOW) == 1
    assert list(FailedTask.objects.values_list("arguments", "cause")) == [("[[1], {}]", task_records.LOST)]
    assert list(TaskStart.objects.values_list("task_id", flat=True)) == ["new"]


@pytest.mark.django_db
def test_task_run_without_a_queue_is_not_written_down() -> None:
    app.tasks["safet_portal.tasks.clear_sessions"].delay()
    app.tasks["safet_portal.tasks.clear_sessions"]()
    assert (FailedTask.objects.count(), TaskStart.objects.count()) == (0, 0)


def test_every_task_of_ours_has_one_of_the_queues(settings: Any) -> None:
    app.loader.import_default_modules()
    assert set(ROUTES) - set(app.tasks) == set()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    routed = {app.amqp.router.route({}, name)["queue"].name for name in ours}
    assert routed == set(QUEUES)
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] >= entry["schedule"]


def test_operator_has_a_task_run_again_and_forgets_another(world: World, client: Client) -> None:
    client.force_login(world.ada, "allauth.account.auth_backends.AuthenticationBackend")
    on = task_records.arguments_of([], {})
    task_records.failed("x", "safet_portal.tasks.clear_sessions", on, "OSError()", NOW)
    task_records.failed("y", TASK, "[[1], {}]", "OSError('disk')", NOW)
    page = client.get("/admin/safet_portal/failedtask/").content.decode()
    assert ("OSError(&#x27;disk&#x27;)" in page, "[[1], {}]" in page) == (True, True)
    chosen = {"action": "forget", "_selected_action": [FailedTask.objects.get(task=TASK).pk]}
    assert client.post("/admin/safet_portal/failedtask/", chosen).status_code == 302
    assert list(FailedTask.objects.values_list("task", flat=True)) == ["safet_portal.tasks.clear_sessions"]
