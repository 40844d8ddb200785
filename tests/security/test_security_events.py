"""Security events: each kind counted by hashed account and client address, logged, in metrics, in bounds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.client import account_hash, account_hashes
from accounts.models import SecurityEvent, SecurityTally
from accounts.sign_in import security_events
from accounts.sign_in.security_events import MOST_OF_ADDRESS, Kind
from accounts.tasks import purge_security_events
from claims.files import scan_queue
from claims.files.check import examine
from claims.files.refusals import FileNotAccepted
from claims.models import Attachment
from tests.cast import World
from tests.html import CheckingClient
from tests.servers import EICAR

ALICE, PLACE = "alice@seller-a.example", "203.0.113.7"


def events() -> list[tuple[str, str, str, int]]:
    """(kind, address, account, count) of every row."""
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", "address", "account", "count"))


def signed_in(world: World) -> CheckingClient:
    client = CheckingClient(REMOTE_ADDR=PLACE)
    client.force_login(world.alice)
    return client


def try_password(email: str, address: str = PLACE) -> None:
    CheckingClient().post("/accounts/login/", {"login": email, "password": "wrong"}, REMOTE_ADDR=address)


class TestEachKind:
    @pytest.mark.parametrize("typed", [ALICE, "Stranger@Example.com"])
    def test_failed_sign_in(self, world: World, typed: str) -> None:
        try_password(typed)
        try_password(typed.upper())
        assert events() == [("SIGN_IN_FAILED", PLACE, account_hash(typed), 2)]

    def test_right_sign_in_is_none(self, world: World, client: CheckingClient) -> None:
        client.post("/accounts/login/", {"login": ALICE, "password": "demo"})
        assert events() == []

    def test_sign_in_to_an_account_that_is_switched_off(self, world: World, client: CheckingClient) -> None:
        type(world.alice).objects.filter(pk=world.alice.pk).update(is_active=False)
        client.post("/accounts/login/", {"login": ALICE, "password": "demo"}, REMOTE_ADDR=PLACE)
        assert events() == [("SIGN_IN_SWITCHED_OFF", PLACE, account_hash(ALICE), 1)]

    def test_throttled_sign_in(self, world: World) -> None:
        for _ in range(7):
            try_password(ALICE)
        assert events() == [
            ("SIGN_IN_FAILED", PLACE, account_hash(ALICE), 5),
            ("THROTTLED", PLACE, account_hash(ALICE), 2),
        ]

    def test_throttled_by_a_limit_of_the_library(self, world: World) -> None:
        client = signed_in(world)
        codes = [client.post("/accounts/password/change/", {}).status_code for _ in range(7)]
        assert codes == [200] * 5 + [429] * 2
        assert events() == [("THROTTLED", PLACE, account_hash(ALICE), 2)]

    def test_wrong_code(self, world: World) -> None:
        TOTP.activate(world.alice, generate_totp_secret())
        client = CheckingClient(REMOTE_ADDR=PLACE)
        client.post("/accounts/login/", {"login": ALICE, "password": "demo"})
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert events() == [("CODE_FAILED", PLACE, account_hash(ALICE), 1)]

    @pytest.mark.parametrize(
        ("page", "form"),
        [
            ("/accounts/reauthenticate/", {"password": "wrong"}),
            ("/accounts/2fa/reauthenticate/", {"code": "000000"}),
            ("/accounts/password/change/", {"oldpassword": "wrong", "password1": "x", "password2": "x"}),
        ],
    )
    def test_failed_reauthentication(self, world: World, page: str, form: dict[str, str]) -> None:
        TOTP.activate(world.alice, generate_totp_secret())
        signed_in(world).post(page, form)
        assert events() == [("REAUTHENTICATION_FAILED", PLACE, account_hash(ALICE), 1)]

    def test_form_without_its_token(self, world: World) -> None:
        client = Client(enforce_csrf_checks=True, REMOTE_ADDR=PLACE)
        client.force_login(world.alice)
        assert client.post("/settings/", {"name": "x"}).status_code == 403
        assert events() == [("CSRF_FAILED", PLACE, account_hash(ALICE), 1)]

    def test_body_too_large(self, world: World, settings: Any) -> None:
        settings.LARGEST_OF_STRANGERS = 1000
        answer = CheckingClient().post("/accounts/login/", {"login": "x" * 2000}, REMOTE_ADDR=PLACE)
        assert answer.status_code == 413
        assert events() == [("BODY_TOO_LARGE", PLACE, "", 1)]

    def test_file_not_accepted(self, world: World) -> None:
        claim = world.claim()
        world.ask(claim)
        page = SimpleUploadedFile("proof.png", b"<html><script>alert(1)</script>")
        signed_in(world).post(f"/claims/{claim.claim_id}/messages/", {"text": "Here.", "files": [page]})
        assert events() == [("FILE_REFUSED", PLACE, account_hash(ALICE), 1)]

    def test_what_a_command_reads_is_none(self, world: World) -> None:
        with pytest.raises(FileNotAccepted):
            examine(ContentFile(b"", name="proof.png"))
        assert events() == []

    def test_infected_file(
        self, world: World, clamd: str, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        draft = world.draft(world.refund())
        world.add_file(draft, name="proof.txt", data=EICAR.encode())
        with django_capture_on_commit_callbacks(execute=True):
            scan_queue.check_file(Attachment.objects.get(draft=draft, name="proof.txt").pk, now=world.now)
        assert events() == [("FILE_INFECTED", "", account_hash(ALICE), 1)]


class TestWhatIsKept:
    def test_no_address_of_a_person_is_in_row_or_log(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        try_password("stranger@example.com")
        assert "stranger" not in caplog.text
        assert "security_event" in caplog.text
        assert account_hash("stranger@example.com") in caplog.text
        assert PLACE in caplog.text
        assert "stranger" not in str(list(SecurityEvent.objects.values()))

    def test_account_hash_takes_the_portals_key(self, settings: Any) -> None:
        before = account_hash(ALICE)
        former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
        assert account_hash(ALICE) != before
        settings.SECRET_KEY_FALLBACKS = [former]
        assert account_hashes(" Alice@Seller-A.example ") == [account_hash(ALICE), before]
        assert re.fullmatch("[0-9a-f]{32}", before)

    def test_one_statement_whatever_is_there(self, world: World) -> None:
        for expected in (1, 2):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                security_events.note(Kind.CSRF_FAILED, ALICE)
            said = [one["sql"] for one in asked if "SAVEPOINT" not in one["sql"]]
            assert len(said) == 1
            assert SecurityEvent.objects.get().count == expected

    def test_a_new_hour_has_a_new_row(self, world: World) -> None:
        security_events.note(Kind.CSRF_FAILED, ALICE)
        SecurityEvent.objects.update(since=SecurityEvent.objects.get().since - timedelta(hours=1))
        security_events.note(Kind.CSRF_FAILED, ALICE)
        assert [count for *_, count in events()] == [1, 1]

    def test_a_flood_of_accounts_from_one_address_ends_in_one_row(self, world: World) -> None:
        note_from(PLACE, times=MOST_OF_ADDRESS + 30)
        assert SecurityEvent.objects.count() == MOST_OF_ADDRESS + 1
        rest = SecurityEvent.objects.get(account="")
        assert (rest.address, rest.count) == (PLACE, 30)
        note_from("198.51.100.20", times=1)  # another address is still told apart
        assert SecurityEvent.objects.filter(address="198.51.100.20").exclude(account="").count() == 1

    def test_a_flood_from_many_addresses_ends_in_one_row(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(security_events, "MOST_OF_KIND", 50)
        for n in range(80):
            note_from(f"192.0.2.{n}", times=1)
        assert SecurityEvent.objects.count() == 51
        assert SecurityEvent.objects.get(address="").count == 30
        note_from("192.0.2.1", times=1)  # who is told apart already stays so
        assert SecurityEvent.objects.get(address="192.0.2.1").count == 2

    def test_database_that_fails_stops_nothing(self, world: World, client: CheckingClient) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_securityevent RENAME TO elsewhere")
        answer = client.post("/accounts/login/", {"login": ALICE, "password": "wrong"})
        assert "go together" in answer.content.decode()
        assert client.post("/accounts/login/", {"login": ALICE, "password": "demo"}).status_code == 302

    def test_purged_after_ninety_days(self, world: World) -> None:
        security_events.note(Kind.CSRF_FAILED, ALICE)
        security_events.note(Kind.THROTTLED, ALICE)
        SecurityEvent.objects.filter(kind="THROTTLED").update(since=timezone.now() - timedelta(days=91))
        assert purge_security_events() == 1
        assert [kind for kind, *_ in events()] == ["CSRF_FAILED"]


def note_from(address: str, times: int) -> None:
    """Note failed sign-ins from this address, each about another account."""

    def view(request: HttpRequest) -> HttpResponse:
        for n in range(times):
            security_events.note(Kind.SIGN_IN_FAILED, f"person-{n}@example.com")
        return HttpResponse()

    security_events.watch(view)(RequestFactory().get("/", REMOTE_ADDR=address))


class TestWhoReadsThem:
    def test_metrics_count_by_kind_alone(self, world: World, client: CheckingClient) -> None:
        security_events.note(Kind.CSRF_FAILED, ALICE)
        security_events.note(Kind.CSRF_FAILED, "stranger@example.com")
        told = client.get("/metrics").content.decode()
        lines = re.findall(r"^safet_security_events_total(\{.*\}) (\S+)$", told, re.M)
        assert dict(lines) == {
            f'{{kind="{kind.lower()}"}}': "2.0" if kind == "CSRF_FAILED" else "0.0" for kind in Kind.values
        }
        SecurityEvent.objects.all().delete()  # a counter never goes back
        assert SecurityTally.objects.get().total == 2

    def test_auditors_find_an_account_by_its_address(self, world: World) -> None:
        try_password(ALICE)
        try_password("stranger@example.com", "198.51.100.20")
        client = CheckingClient()
        client.force_login(world.ada)
        for asked in ("Alice@Seller-A.example", PLACE):
            page = client.get("/admin/accounts/securityevent/", {"q": asked}).content.decode()
            assert account_hash(ALICE) in page, asked
            assert account_hash("stranger@example.com") not in page, asked
        assert client.get("/admin/accounts/securityevent/", {"q": "\0"}).status_code == 200

    def test_handlers_and_members_do_not(self, world: World) -> None:
        for user in (world.hana, world.alice):
            client = CheckingClient()
            client.force_login(user)
            assert client.get("/admin/accounts/securityevent/").status_code in (302, 403)
