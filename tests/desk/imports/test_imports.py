"""Imports at the desk: who sees them, a file tried and imported, what was left out, and what goes wrong."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.groups import AUDITOR, OPERATOR
from accounts.models import User
from claims.imports import runs
from claims.models import ImportReject, ImportRun, Order
from desk.models import Record
from tests.cast import World
from tests.claims.imports import samples
from tests.html import CheckingClient, content_of

LIST = "/admin/desk/imports/"
BAD = {"Refunded Amount": "12,3x", "Item Name": "=1+1\x1b[2J"}
TEXT = samples.returns_text({}, BAD)
Commits = DjangoCaptureOnCommitCallbacks


@pytest.fixture
def olga(world: World) -> User:
    return staff("olga", OPERATOR)


def staff(name: str, group: str) -> User:
    user = User.objects.create_user(f"{name}@desk.example", "demo", is_staff=True, name=name.title())
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    return user


def form(text: str = TEXT, **changed: Any) -> dict[str, Any]:
    file = SimpleUploadedFile("returns.tsv", text.encode())
    return {"file": file, "kind": "REFUNDS", "seller": "seller-a", "marketplace": "", "key": str(uuid4()), **changed}


def page_of(client: CheckingClient, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_a_file_is_tried_then_imported_for_good(
    client: CheckingClient, olga: User, django_capture_on_commit_callbacks: Commits
) -> None:
    client.force_login(olga)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(LIST, form())
    dry = ImportRun.objects.get()
    address = f"{LIST}{dry.uuid}/"
    assert (answer.status_code, answer["Location"]) == (302, address)
    page = page_of(client, address)
    assert "Done, rows left out" in page
    assert "Read <b>2</b> · New <b>1</b> · Changed <b>0</b> · Unchanged <b>0</b> · Left out <b>1</b>" in page
    assert "1 row is new or changes what is here." in page
    assert "Refunded amount &quot;12,3x&quot; is not an amount in USD. Write it like 1284.50." in page
    assert "=1+1\\x1b[2J" in page
    assert Order.objects.filter(order_id="203-5550001-7770001").count() == 0
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address)
    good = ImportRun.objects.get(tried_in=dry)
    assert answer["Location"] == f"{LIST}{good.uuid}/"
    assert (good.by, good.state) == (olga, "DONE")
    assert Order.objects.filter(order_id="203-5550001-7770001").count() == 1
    page = page_of(client, f"{LIST}{good.uuid}/")
    assert "What was imported" in page
    assert "Import for good" not in page
    again = client.post(address)  # the second click
    assert (again["Location"], ImportRun.objects.count()) == (f"{LIST}{good.uuid}/", 2)
    assert f'<a href="{LIST}{good.uuid}/">It was imported for good</a>' in page_of(client, address)


def test_uploads_are_on_the_record(client: CheckingClient, olga: User, world: World) -> None:
    client.force_login(olga)
    client.post(LIST, form())
    run = ImportRun.objects.get()
    runs.work(run.pk, clock=timezone.now)
    client.post(f"{LIST}{run.uuid}/")
    good = ImportRun.objects.get(tried_in=run)
    found = Record.objects.filter(action=Record.Action.DID, what__startswith="desk:import").order_by("pk")
    assert [(row.user, row.seller_id, row.what) for row in found] == [
        (olga, world.toys.pk, "desk:imports"),
        (olga, world.toys.pk, "desk:import_run"),
    ]
    noted = [{name: row.detail[name] for name in ("run", "sha256", "dry_run")} for row in found]
    assert noted == [
        {"run": str(run.uuid), "sha256": run.sha256, "dry_run": 1},
        {"run": str(good.uuid), "sha256": run.sha256, "dry_run": 0},
    ]


def test_rows_left_out_are_a_download_that_runs_nothing(client: CheckingClient, olga: User) -> None:
    client.force_login(olga)
    client.post(LIST, form())
    run = ImportRun.objects.get()
    runs.work(run.pk, clock=timezone.now)
    address = f"{LIST}{run.uuid}/rejects/"
    text = content_of(client.get(address)).decode()
    head, row = csv.reader(io.StringIO(text))
    assert (head, row[:3]) == (
        ["file", "row", "cause", "raw"],
        ["returns.tsv", "line 3", 'Refunded amount "12,3x" is not an amount in USD. Write it like 1284.50.'],
    )
    assert "\\t=1+1\\x1b[2J\\t" in row[3]
    assert text.isascii()
    assert "\x1b" not in text
    sheet = client.get(f"{address}?as=xlsx")
    assert sheet["Content-Disposition"].endswith('.xlsx"')
    assert content_of(sheet)[:2] == b"PK"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"file": ""}, "Choose a file."),
        ({"kind": "x"}, "Choose what the file holds."),
        ({"seller": "nobody"}, "Seller &quot;nobody&quot; doesn&#x27;t exist."),
        ({"seller": "a\x00"}, "doesn&#x27;t exist."),
        ({"marketplace": "XX"}, "Marketplace &quot;XX&quot; isn&#x27;t known."),
    ],
)
def test_what_is_wrong_with_an_upload_is_said(
    client: CheckingClient, olga: User, changed: dict[str, Any], said: str
) -> None:
    client.force_login(olga)
    answer = client.post(LIST, form(**changed))
    assert (answer.status_code, said in answer.content.decode(), ImportRun.objects.count()) == (200, True, 0)


def test_a_file_that_is_too_large_is_refused(client: CheckingClient, olga: User, settings: Any) -> None:
    settings.BYTES_AN_IMPORT = 100
    client.force_login(olga)
    page = client.post(LIST, form()).content.decode()
    assert "Import it with the command, or upload it in parts." in page


def test_a_form_sent_twice_is_one_run(client: CheckingClient, olga: User) -> None:
    client.force_login(olga)
    key = str(uuid4())
    first, second = client.post(LIST, form(key=key)), client.post(LIST, form(key=key))
    assert (first["Location"], ImportRun.objects.count()) == (second["Location"], 1)


def test_the_key_of_somebody_elses_run_is_in_nobodys_way(client: CheckingClient, olga: User, world: World) -> None:
    key = str(uuid4())
    for person in (olga, world.sam):
        client.force_login(person)
        assert client.post(LIST, form(key=key)).status_code == 302
    assert sorted(ImportRun.objects.values_list("by", flat=True)) == sorted([olga.pk, world.sam.pk])


def test_an_unusable_file_says_why(client: CheckingClient, olga: User) -> None:
    client.force_login(olga)
    client.post(LIST, form("%PDF-1.7 \x1b[2J"))
    run = ImportRun.objects.get()
    runs.work(run.pk, clock=timezone.now)
    page = page_of(client, f"{LIST}{run.uuid}/")
    assert "It starts with: %PDF. Nothing of it was imported." in page
    client.post(f"{LIST}{run.uuid}/")
    assert "There is nothing to import" in page_of(client, f"{LIST}{run.uuid}/")
    assert ImportRun.objects.count() == 1


def test_a_run_that_goes_on_says_how_far_it_is(client: CheckingClient, olga: User) -> None:
    client.force_login(olga)
    client.post(LIST, form())
    run = ImportRun.objects.get()
    address = f"{LIST}{run.uuid}/"
    page = page_of(client, address)
    assert "It waits for a worker." in page
    assert f'<a href="{address}">Check again</a>' in page
    assert 'id="import-run" data-refresh' in page
    until = timezone.now() + timedelta(minutes=1)
    rows = ImportRun.objects.filter(pk=run.pk)
    rows.update(state="RUNNING", leased_until=until, applying=True, done=1200, total=9000)
    page = page_of(client, address)
    assert "1,200 of 9,000 rows checked against what is here." in page
    assert '<progress max="9000" value="1200"' in page
    rows.update(leased_until=timezone.now() - timedelta(minutes=1))
    assert "Its worker was stopped. Another takes it up within a minute." in page_of(client, address)


def test_a_command_is_in_the_list(client: CheckingClient, olga: User, tmp_path: Any) -> None:
    from tests.claims.imports.test_commands import run as command

    path = samples.write(tmp_path, "nightly.tsv", TEXT)
    command("import_refunds", path, "--seller", "seller-a")
    client.force_login(olga)
    page = page_of(client, LIST)
    assert ("nightly.tsv" in page, "a command" in page, "For good" in page) == (True, True, True)
    assert f"{LIST}{ImportRun.objects.get().uuid}/rejects/" in page


def test_an_empty_list_says_what_to_do(client: CheckingClient, olga: User) -> None:
    client.force_login(olga)
    assert "No file was imported yet. Choose one above" in page_of(client, LIST)
    client.force_login(staff("ari", AUDITOR))
    assert "Operators and senior handlers import files here or by a command." in page_of(client, LIST)


@pytest.mark.parametrize(
    ("name", "reads", "imports"),
    [("olga", 200, 302), ("sam", 200, 302), ("ada", 200, 302), ("ari", 200, 404), ("hana", 404, 404)],
)
def test_who_imports(client: CheckingClient, world: World, olga: User, name: str, reads: int, imports: int) -> None:
    people = {"olga": olga, "ari": staff("ari", AUDITOR)}
    client.force_login(people.get(name) or getattr(world, name))
    assert client.get(LIST).status_code == reads
    assert client.post(LIST, form()).status_code == imports
    run = ImportRun.objects.first() or ImportRun.objects.create(kind="REFUNDS", name="a", size=1, sha256="0" * 64)
    assert client.get(f"{LIST}{run.uuid}/").status_code == reads
    assert client.post(f"{LIST}{run.uuid}/").status_code == imports
    assert client.get(f"{LIST}{run.uuid}/rejects/").status_code == reads
    assert (f'href="{LIST}"' in client.get("/admin/desk/unpaid/").content.decode()) == (reads == 200)


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_at_any_length(
    client: CheckingClient, world: World, olga: User, django_assert_num_queries: Any, count: int
) -> None:
    some(count, olga, world)
    client.force_login(olga)
    client.get(LIST)
    with django_assert_num_queries(5):
        page = client.get(LIST).content.decode()
    assert page.count("run-") >= count


@pytest.mark.parametrize("count", [1, 30])
def test_a_run_costs_the_same_whatever_was_left_out(
    client: CheckingClient, world: World, olga: User, django_assert_num_queries: Any, count: int
) -> None:
    (run,) = some(1, olga, world)
    ImportRun.objects.filter(pk=run.pk).update(left_out=count)
    made = (
        ImportReject(run=run, number=n, place=f"line {n}", code="READER", values={"said": "no"}) for n in range(count)
    )
    ImportReject.objects.bulk_create(made)
    client.force_login(olga)
    client.get(f"{LIST}{run.uuid}/")
    with django_assert_num_queries(7):
        page = client.get(f"{LIST}{run.uuid}/").content.decode()
    assert page.count(">line ") == min(count, 20)
    assert ("10 more are in the download." in page) == (count == 30)


def test_pages_of_the_list_hold_every_run_once(client: CheckingClient, world: World, olga: User) -> None:
    some(65, olga, world)
    client.force_login(olga)
    seen: list[str] = []
    address = LIST
    for _ in range(3):
        answer = client.get(address)
        seen += [row.name for row in answer.context["rows"]]
        address = LIST + answer.context["older"]
    assert (answer.context["older"], seen) == ("", [f"run-{n}" for n in reversed(range(65))])
    assert client.get(f"{LIST}?cursor=older-x").status_code == 200


def some(count: int, by: User, world: World) -> list[ImportRun]:
    now = timezone.now()
    facts: dict[str, Any] = {"kind": "REFUNDS", "state": "DONE", "by": by, "seller": world.toys, "ended_at": now}
    return [
        ImportRun.objects.create(
            **facts, name=f"run-{n}", size=10, sha256="0" * 64, begun_at=now + timedelta(seconds=n), read=2, new=2
        )
        for n in range(count)
    ]
