"""What one person can cost the portal in an hour: every form, search, export, pack, upload and poll is counted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache, caches
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern

from accounts import budgets, unsent
from accounts.budgets import Budget, UsedUp
from accounts.models import User
from claims.models import Batch, Claim, Draft, EvidencePack
from messaging.models import InternalNote, Message
from safet_portal.hourly import hourly
from safet_portal.middleware import general_budget
from tests.cast import World, picture
from tests.html import CheckingClient
from tests.messaging.pages import client_of
from tests.test_isolation import routes


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _not_at_the_end_of_an_hour() -> None:
    """A test counts within one hour of the clock: it waits for the next where only seconds of this are left."""
    left = budgets.HOUR - time.time() % budgets.HOUR
    if left < 20:
        threading.Event().wait(left)


# -- every route


READS = {
    # what is fetched one by one from pages that are counted by nobody, and costs no more than the page
    "home", "favicon", "healthz", "readyz", "status", "metrics", "help", "attachment", "look", "preview", "policy",
    "receipt", "details", "drafts", "insight", "unpaid", "people", "file", "original_mail",
}  # fmt: skip
BY_ALLAUTH = {
    # before the sign-in: its own limits by address and account (ACCOUNT_RATE_LIMITS); after it, `general_budget`
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate", "account_email",
    "account_email_verification_sent", "account_change_password", "account_set_password", "account_reset_password",
    "account_confirm_login_code", "account_confirm_email", "account_reset_password_from_key_done",
    "account_reset_password_from_key", "account_reset_password_done", "mfa_index", "mfa_authenticate",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "login", "logout",
}  # fmt: skip


def own(route: URLPattern) -> frozenset[Budget]:
    return budgets.of_view(route.callback) or frozenset()


def test_every_form_has_a_budget(world: World) -> None:
    """Asked of each view with a POST of a member and of a handler: its own budget, or the general one."""
    free = set()
    for written, route in routes():
        for user in (world.alice, world.ada):
            request = RequestFactory().post("/")
            request.user = user
            if not own(route) and general_budget(request, route.callback) is None:
                free.add(f"{written} {user}")
    assert free == set()


def test_every_route_is_counted_or_listed_with_a_reason() -> None:
    unlisted = {
        written
        for written, route in routes()
        if not own(route) and route.name not in READS | BY_ALLAUTH and not written.startswith("admin/")
    }
    assert unlisted == set()


@pytest.mark.parametrize(
    ("budget", "names"),
    [
        (Budget.SEARCHES, {"manage", "refunds", "new", "search", "search_thread"}),
        (Budget.EXPORTS, {"report", "refunds_report", "bulk_template", "batch_report", "pack_file", "import_rejects"}),
        (Budget.PACKS, {"pack"}),
        (Budget.LIVE, {"live", "pack", "batch", "import_run"}),
        (Budget.BATCHES, {"bulk", "selected", "submit_batch", "submit_drafts"}),
        (Budget.UPLOADS, {"thread", "new_step", "imports", "import_run"}),
        (Budget.MESSAGES, {"thread"}),
        (Budget.FILINGS, {"new_step"}),
        (Budget.CALENDARS, {"calendar"}),
        (Budget.VISITORS, {"join", "stop", "stop_copies", "confirm_address", "returned"}),
    ],
)
def test_what_costs_has_its_own_budget(budget: Budget, names: set[str]) -> None:
    assert {route.name for _written, route in routes() if budget in own(route)} == names


def test_every_budget_is_a_setting_and_is_spent_somewhere(settings: Any) -> None:
    spent = {budget for _written, route in routes() for budget in own(route)}
    assert spent == set(Budget)
    assert set(settings.BUDGETS) == {budget.value for budget in Budget}


# -- used up


class Case:
    """How to spend one of a budget: by whom, with which request."""

    def __init__(self, world: World, budget: Budget) -> None:
        self.world = world
        self.person: User = world.hana if budget is Budget.DESK else world.alice
        self.client = client_of(self.person)
        self.claim = world.claim()
        self.budget = budget

    def ask(self) -> HttpResponse:
        at, get, post = self.claim.claim_id, self.client.get, self.client.post
        match self.budget:
            case Budget.MESSAGES:
                return post(f"/claims/{at}/messages/", {"act": "send", "text": f"Words {uuid4()}.", "draft": uuid4()})
            case Budget.SAVES:
                return post(f"/claims/{at}/messages/", {"act": "auto", "text": "x", "tab": "t", "n": "1"})
            case Budget.UPLOADS:
                file = SimpleUploadedFile("a.png", picture(), "image/png")
                return post(f"/claims/{at}/messages/", {"act": "upload", "files": file})
            case Budget.BATCHES:
                return post("/refunds/selected/", {"seller": "seller-a"})
            case Budget.DRAFTS:
                return post("/claims/new/", {"seller": "seller-a", "order": "x", "refund": "x"})
            case Budget.FILINGS:
                draft = Draft.objects.filter(purpose="FILE").first() or self.world.draft()
                return post(f"/claims/new/{draft.uuid}/review/", {"accepted": "x"})
            case Budget.SEARCHES:
                return get("/claims/?q=111-2223334-5556667")
            case Budget.EXPORTS:
                return get("/claims/report.csv")
            case Budget.PACKS:
                return post(f"/claims/{at}/pack/")
            case Budget.LIVE:
                return get(f"/claims/{at}/messages/live/?since=0")
            case Budget.FORMS:
                return post("/claims/seen/", {"seller": "seller-a"})
            case Budget.DESK:
                return post(f"/admin/desk/{at}/note/", {"note": f"Note {uuid4()}."})
            case Budget.VISITORS:
                return CheckingClient().post(f"/claims/{at}/messages/", {"text": "x", unsent.FIELD: "x"})
            case Budget.CALENDARS:
                return get("/calendar/nobodys/safe-t.ics")


@pytest.mark.parametrize("budget", list(Budget))
def test_past_the_hours_number_is_429_with_when(world: World, settings: Any, budget: Budget) -> None:
    settings.BUDGETS = {**settings.BUDGETS, budget.value: 2}
    case = Case(world, budget)
    allowed = [case.ask().status_code for _ in range(2)]
    assert 429 not in allowed
    assert not [status for status in allowed if status >= 500]
    refused = case.ask()
    assert refused.status_code == 429
    seconds = int(refused["Retry-After"])
    assert 1 <= seconds <= budgets.HOUR + 1
    assert abs(seconds - (budgets.HOUR - time.time() % budgets.HOUR)) < 5
    if budget is not Budget.VISITORS:
        settings.BUDGETS = {**settings.BUDGETS, budget.value: 0}
        assert case.ask().status_code != 429  # 0: as much as they like


def test_each_person_has_their_own_hour(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "searches": 1}
    for person in (world.alice, world.gus):
        client = client_of(person)
        assert [client.get("/claims/?q=x").status_code for _ in range(2)] == [200, 429]
    assert client_of(world.alice).get("/claims/").status_code == 200  # the list itself is no search
    assert client_of(world.alice).get("/refunds/?q=x").status_code == 429  # one hour for all searches


def test_a_message_past_the_budget_is_kept_and_shown_again(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "messages": 1}
    claim, client = world.claim(), client_of(world.alice)
    page = f"/claims/{claim.claim_id}/messages/"
    assert client.post(page, {"act": "send", "text": "First."}).status_code == 302
    file = SimpleUploadedFile("box.png", picture("#336699"), "image/png")
    refused = client.post(page, {"act": "send", "text": "The <second> words.", "files": file})
    shown = refused.content.decode()
    assert refused.status_code == 429
    assert "The &lt;second&gt; words." in shown
    assert "You sent 1 messages in this hour, the most there is. Send this one from" in shown
    assert Message.objects.filter(claim=claim).count() == 1
    draft = Draft.objects.get(user=world.alice, claim=claim)
    assert (draft.text, draft.attachments.count()) == ("The <second> words.", 1)
    cache.clear()  # the next hour
    sent = client.post(page, {"act": "send", "text": "The <second> words.", "draft": str(draft.uuid)})
    assert sent.status_code == 302
    assert Message.objects.filter(claim=claim).latest("pk").text == "The <second> words."


def test_files_past_the_budget_are_not_kept_and_the_words_are(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "uploads": 2}
    claim, client = world.claim(), client_of(world.alice)
    page = f"/claims/{claim.claim_id}/messages/"
    three = [SimpleUploadedFile(f"{n}.png", picture(f"#33669{n}"), "image/png") for n in range(3)]
    refused = client.post(page, {"act": "send", "text": "See the photos.", "files": three})
    assert (refused.status_code, Message.objects.filter(claim=claim).count()) == (429, 0)
    assert "You uploaded 2 files in this hour, the most there is." in refused.content.decode()
    draft = Draft.objects.get(user=world.alice, claim=claim)
    assert (draft.text, draft.attachments.count()) == ("See the photos.", 0)


def test_words_kept_by_a_script_are_told_until_when(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "saves": 1}
    claim, draft, client = world.claim(), world.draft(), client_of(world.alice)
    page, step = f"/claims/{claim.claim_id}/messages/", f"/claims/new/{draft.uuid}/proof/"
    assert client.post(page, {"act": "auto", "text": "a", "tab": "t", "n": "1"}).status_code == 200
    for address, fields in ((page, {"act": "auto", "text": "ab", "tab": "t", "n": "2"}), (step, {"auto": "1"})):
        refused = client.post(address, fields, headers={"Accept": "application/json"})
        told = refused.json()
        assert (refused.status_code, told["again"]) == (429, int(refused["Retry-After"]))
        assert told["words"].startswith("Not saved automatically until ")
        assert told["words"].endswith("Press Save draft to keep what you write.")
    kept = client.post(page, {"act": "save", "text": "ab", "tab": "t", "n": "3"})
    assert (kept.status_code, Draft.objects.get(user=world.alice, claim=claim).text) == (302, "ab")


def test_a_form_past_its_budget_comes_back_with_what_was_typed(world: World, settings: Any) -> None:
    """The desk's note: the page carries the fields and sends them again to the same address, but for secrets."""
    settings.BUDGETS = {**settings.BUDGETS, "desk": 1}
    claim, client = world.claim(), client_of(world.hana)
    page = f"/admin/desk/{claim.claim_id}/note/"
    assert client.post(page, {"note": "One."}).status_code == 302
    refused = client.post(page, {"note": 'Two "quoted" <b>', "version": "1", "password1": "secret words"})
    shown = refused.content.decode()
    assert (refused.status_code, InternalNote.objects.count()) == (429, 1)
    assert 'value="Two &quot;quoted&quot; &lt;b&gt;"' in shown
    assert f'action="{page}"' in shown
    assert "secret words" not in shown
    assert "Nothing was changed. What you typed is kept on this page." in " ".join(shown.split())


def test_what_an_open_page_asks_by_itself_gets_no_page(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "live": 1}
    claim, client = world.claim(), client_of(world.alice)
    address = f"/claims/{claim.claim_id}/messages/live/?since=0"
    assert client.get(address, headers={"HX-Request": "true"}).status_code == 200
    refused = client.get(address, headers={"HX-Request": "true"})
    assert (refused.status_code, refused.content, "Retry-After" in refused.headers) == (429, b"", True)
    pack = client.get(f"/claims/{claim.claim_id}/pack/", headers={"X-Purpose": "preview"})
    assert (pack.status_code, pack.content) == (429, b"")
    assert client.get(f"/claims/{claim.claim_id}/pack/").status_code == 200  # who clicks is no script


def test_admin_and_account_pages_are_counted_by_the_general_budget(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "desk": 1, "searches": 1, "forms": 1}
    client = client_of(world.ada)
    assert client.post("/admin/desk/macro/add/", {"name": "x"}).status_code == 200
    assert client.post("/admin/desk/macro/add/", {"name": "x"}).status_code == 429
    assert [client.get("/admin/messaging/outgoingemail/?q=x").status_code for _ in range(2)] == [200, 429]
    member = client_of(world.alice)
    assert member.post("/accounts/password/change/", {"oldpassword": "x"}).status_code == 200
    refused = member.post("/accounts/password/change/", {"oldpassword": "my secret"})
    assert (refused.status_code, "my secret" in refused.content.decode()) == (429, False)


def test_strangers_count_by_address_and_links_by_link(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "visitors": 1}
    claim = world.claim()
    page = f"/claims/{claim.claim_id}/messages/"
    first, second = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="203.0.113.8")
    assert [first.post(page, {unsent.FIELD: "x"}).status_code for _ in range(2)] == [302, 429]
    assert second.post(page, {unsent.FIELD: "x"}).status_code == 302
    one, other = "/email/stop/one/", "/email/stop/other/"
    known = [first.post(address).status_code for address in (one, one, other, other)]
    assert [status == 429 for status in known] == [False, True, False, True]  # mail programs share an address


# -- counting


@pytest.mark.parametrize("broken", ["gone", "silent"])
def test_a_cache_that_is_down_locks_nobody_out(world: World, settings: Any, broken: str) -> None:
    away = {"gone": "redis://127.0.0.1:1/0", "silent": "redis://192.0.2.1:6379/0"}[broken]
    options = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
    settings.BUDGETS = {**settings.BUDGETS, "searches": 1, "exports": 1}
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": away, "OPTIONS": options}
    }
    client = client_of(world.alice)
    assert [client.get("/claims/?q=x").status_code for _ in range(3)] == [200] * 3
    assert [client.get("/claims/report.csv").status_code for _ in range(3)] == [200] * 3
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def spent_at_once(threads: int, each: int) -> tuple[int, int]:
    """Spend from several threads at the same moment; return how many were allowed and how many refused."""
    allowed: list[bool] = []
    start = threading.Barrier(threads)

    def person() -> None:
        request = RequestFactory().get("/")
        request.user = User(pk=1)
        start.wait()
        for _ in range(each):
            try:
                budgets.spend(request, Budget.SEARCHES)
                allowed.append(True)
            except UsedUp:
                allowed.append(False)
        connection.close()

    people = [threading.Thread(target=person) for _ in range(threads)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return allowed.count(True), allowed.count(False)


@pytest.fixture
def table(settings: Any) -> Iterator[Any]:
    """The cache in PostgreSQL, as without Redis."""
    elsewhere = settings.CACHES
    backend = {"BACKEND": "safet_portal.table_cache.TableCache", "LOCATION": "cache"}
    settings.CACHES = {"default": backend}
    call_command("createcachetable", verbosity=0)
    yield caches["default"]
    cache.clear()
    settings.CACHES = elsewhere


@pytest.mark.django_db(transaction=True)
def test_no_count_is_lost_in_the_table(transactional_db: None, settings: Any, table: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "searches": 25}
    assert spent_at_once(5, 10) == (25, 25)


@pytest.mark.django_db(transaction=True)
def test_no_count_is_lost_in_redis(transactional_db: None, settings: Any, redis_url: str) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "searches": 25}
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis_url}}
    cache.clear()
    assert spent_at_once(5, 10) == (25, 25)
    cache.clear()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.mark.django_db
def test_what_has_ended_leaves_the_table(table: Any) -> None:
    assert [table.count_up("a", 2, seconds=60) for _ in range(2)] == [2, 4]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET expires = now() - interval '1 minute'")
        assert table.count_up("b", 1, seconds=60) == 1  # who begins a number takes the ended away
        cursor.execute("SELECT count(*) FROM cache")
        assert cursor.fetchone() == (1,)
    assert table.count_up("a", 1, seconds=60) == 1


def test_a_handlers_and_a_members_hour_are_high_enough(settings: Any) -> None:
    """For 500 claims in a day of eight hours, each with five pages and four files, and eight tabs looked at."""
    a_claim = {"filings": 1, "drafts": 1, "uploads": 4, "saves": 5 + 20}
    for budget, each in a_claim.items():
        assert settings.BUDGETS[budget] >= each * 500 / 8
    assert settings.BUDGETS["live"] >= 8 * budgets.HOUR / 4
    assert settings.BUDGETS["desk"] >= 20 * budgets.HOUR / 30


def test_budgets_are_read_from_the_environment() -> None:
    usual = {"messages": 60, "live": 12_000}
    assert hourly(usual, "") == usual
    assert hourly(usual, " messages = 120,live=0,") == {"messages": 120, "live": 0}
    for wrong in ("mesages=1", "messages", "messages=-1", "messages=1.5", "messages=٣", "messages=1;live=2"):
        with pytest.raises(ImproperlyConfigured, match="The names are messages, live"):
            hourly(usual, wrong)


def test_nothing_was_begun_by_what_was_refused(world: World, settings: Any) -> None:
    settings.BUDGETS = {**settings.BUDGETS, "batches": 1, "packs": 1, "drafts": 1, "filings": 1}
    for budget in (Budget.BATCHES, Budget.PACKS, Budget.DRAFTS, Budget.FILINGS):
        case = Case(world, budget)
        case.ask()
        before = [model.objects.count() for model in (Batch, EvidencePack, Draft, Claim)]
        assert case.ask().status_code == 429
        assert [model.objects.count() for model in (Batch, EvidencePack, Draft, Claim)] == before
