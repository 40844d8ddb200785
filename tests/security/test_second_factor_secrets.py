"""Secrets of second factors: encrypted in the database, shown nowhere, readable with a rotated key, ending sessions."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import RequestFactory
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from accounts.sign_in import field_keys
from desk.models import Record
from messaging.models import OutgoingEmail
from messaging.notifications import delivery
from tests.cast import World
from tests.html import CheckingClient

OLD, NEW = "old-key-of-the-fields-0123456789-abcdef", "new-key-of-the-fields-0123456789-abcdef"


def code_of(secret: str) -> str:
    """The code an app with this secret shows now."""
    return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))


def both_factors(user: User) -> tuple[str, str]:
    """Switch on an app and recovery codes; return the app's secret and one of the codes."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret, RecoveryCodes.activate(user).generate_codes()[0]


def raw_rows() -> str:
    """All that the database has of factors, as it stands there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator ORDER BY id")
        return "\n".join(text for (text,) in cursor.fetchall())


def sign_in(client: CheckingClient, user: User, code: str) -> Any:
    client.post("/accounts/login/", {"login": user.email, "password": "demo"})
    return client.post("/accounts/2fa/authenticate/", {"code": code})


def signed_in(user: User) -> CheckingClient:
    client = CheckingClient()
    client.force_login(user)
    return client


def is_signed_in(client: CheckingClient) -> bool:
    return client.get("/settings/").status_code == 200


class TestDatabase:
    def test_raw_rows_hold_no_seed_and_codes_still_open(self, world: World, client: CheckingClient) -> None:
        secret, recovery = both_factors(world.alice)
        rows = raw_rows()
        assert secret not in rows
        assert recovery not in rows
        assert rows.count(f'"{field_keys.MARK}') == 2
        assert sign_in(client, world.alice, code_of(secret)).status_code == 302
        assert is_signed_in(client)
        other = CheckingClient()
        assert sign_in(other, world.alice, recovery).status_code == 302

    def test_the_same_secret_is_never_stored_the_same(self) -> None:
        assert field_keys.encrypt("JBSWY3DPEHPK3PXP") != field_keys.encrypt("JBSWY3DPEHPK3PXP")

    def test_secret_that_waits_for_its_first_code_is_encrypted_in_the_session(
        self, world: World, client: CheckingClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        client.force_login(world.alice)
        client.post("/accounts/reauthenticate/", {"password": "demo"})
        secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
        (kept,) = [one.get_decoded() for one in Session.objects.all()]
        assert secret not in json.dumps(kept)
        wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
        assert wrong.context["form"].secret == secret
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
        assert Authenticator.objects.filter(user=world.alice).count() == 2
        assert secret not in raw_rows()

    def test_record_holds_no_secret(self, world: World) -> None:
        both_factors(world.alice)
        values = [value for factor in Authenticator.objects.all() for value in factor.data.values()]
        written = json.dumps(list(Record.objects.values_list("detail", flat=True)))
        assert [value for value in values if isinstance(value, str) and value in written] == []


class TestKeys:
    def test_rotation(self, world: World, settings: Any, client: CheckingClient) -> None:
        settings.FIELD_KEYS = [OLD]
        secret, _ = both_factors(world.alice)
        before = raw_rows()
        settings.FIELD_KEYS = [NEW, OLD]
        assert rotated("--dry-run") == {"dry_run": True, "encrypted": 2, "current": 0, "unreadable": 0}
        assert raw_rows() == before
        assert rotated() == {"dry_run": False, "encrypted": 2, "current": 0, "unreadable": 0}
        assert rotated() == {"dry_run": False, "encrypted": 0, "current": 2, "unreadable": 0}
        settings.FIELD_KEYS = [NEW]
        assert sign_in(client, world.alice, code_of(secret)).status_code == 302

    def test_every_key_decrypts_the_first_encrypts(self, settings: Any) -> None:
        settings.FIELD_KEYS = [OLD]
        kept = field_keys.encrypt("seed")
        settings.FIELD_KEYS = [NEW, OLD]
        assert field_keys.decrypt(kept) == "seed"
        newer = field_keys.encrypt("seed")
        settings.FIELD_KEYS = [OLD]
        with pytest.raises(field_keys.Unreadable):
            field_keys.decrypt(newer)

    def test_without_field_keys_it_is_derived_from_the_secret_key_and_its_fallbacks(self, settings: Any) -> None:
        kept, former = field_keys.encrypt("seed"), settings.SECRET_KEY
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [former]
        assert field_keys.decrypt(kept) == "seed"
        settings.FIELD_KEYS = [NEW]  # set later: what is there stays readable
        assert field_keys.decrypt(kept) == "seed"
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(field_keys.Unreadable):
            field_keys.decrypt(kept)

    def test_a_clear_secret_of_before_is_read_and_rotation_encrypts_it(
        self, world: World, client: CheckingClient
    ) -> None:
        secret = generate_totp_secret()
        Authenticator.objects.create(user=world.alice, type="totp", data={"secret": secret})
        assert sign_in(client, world.alice, code_of(secret)).status_code == 302
        assert rotated()["encrypted"] == 1
        assert secret not in raw_rows()
        assert field_keys.decrypt(Authenticator.objects.get().data["secret"]) == secret

    @pytest.mark.parametrize("value", ["", "seed", "f1:", "f1:nonsense", "f1:é", "f2:gAAAAA", "A" * 31, "0" * 81])
    def test_what_is_neither_is_unreadable(self, value: str) -> None:
        with pytest.raises(field_keys.Unreadable):
            field_keys.decrypt(value)

    def test_wrong_key_says_so_on_every_page_that_needs_it(
        self, world: World, client: CheckingClient, settings: Any
    ) -> None:
        settings.FIELD_KEYS = [OLD]
        secret, _ = both_factors(world.alice)
        settings.FIELD_KEYS = [NEW]
        answer = sign_in(client, world.alice, code_of(secret))
        assert answer.status_code == 503
        assert "The portal lacks the key it was stored with." in answer.content.decode()
        assert not is_signed_in(client)
        inside = signed_in(world.alice)
        inside.post("/accounts/reauthenticate/", {"password": "demo"})
        for page in ("/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/"):
            assert inside.get(page).status_code == 503, page
        with pytest.raises(CommandError) as failed:
            rotated()
        assert failed.value.returncode == 1
        settings.FIELD_KEYS = [NEW, OLD]
        assert inside.get("/accounts/2fa/recovery-codes/").status_code == 200


def rotated(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("rotate_field_keys", "--json", *options, stdout=out)
    done: dict[str, Any] = json.loads(out.getvalue())
    return done


class TestAdmin:
    def test_no_page_shows_a_secret(self, world: World) -> None:
        secret, recovery = both_factors(world.alice)
        client = signed_in(world.ada)
        stored = [one for factor in Authenticator.objects.all() for one in factor.data.values() if isinstance(one, str)]
        pages = ["/admin/mfa/authenticator/", *change_pages()]
        for page in pages:
            html = client.get(page).content.decode()
            assert "Alice Moreno" in html or "alice@seller-a.example" in html, page
            assert [one for one in (secret, recovery, *stored) if one in html] == [], page

    def test_nothing_can_be_added_or_edited(self, world: World) -> None:
        both_factors(world.alice)
        client, before = signed_in(world.ada), raw_rows()
        assert client.get("/admin/mfa/authenticator/add/").status_code == 403
        for page in change_pages():
            assert client.post(page, {"data": "{}", "user": world.ada.pk, "type": "totp"}).status_code == 403
            assert client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert raw_rows() == before

    def test_removing_a_lost_factor_ends_sessions_and_is_recorded_and_told(
        self, world: World, mailoutbox: list[Any]
    ) -> None:
        both_factors(world.alice)
        inside, client = signed_in(world.alice), signed_in(world.ada)
        app = Authenticator.objects.get(user=world.alice, type="totp")
        page = remove(client, app)
        assert "Two-step verification of Alice Moreno is removed, and they are notified." in page
        assert not Authenticator.objects.filter(user=world.alice).exists()  # the codes stood in for the app
        assert not is_signed_in(inside)
        gone = Record.objects.filter(what="mfa_authenticator", action="CHANGED", user=world.ada)
        assert gone.count() == 2
        delivery.deliver(OutgoingEmail.objects.get().created_at)
        (told,) = mailoutbox
        assert (told.to, told.subject) == (["alice@seller-a.example"], "Your two-step verification was removed")
        assert "All your sessions have ended." in told.body

    def test_ones_own_is_not_removed_there(self, world: World) -> None:
        both_factors(world.ada)
        page = remove(signed_in(world.ada), Authenticator.objects.get(user=world.ada, type="totp"))
        assert "This is your own two-step verification." in page
        assert Authenticator.objects.filter(user=world.ada).count() == 2

    def test_staff_who_are_no_superusers_see_nothing_of_it(self, world: World) -> None:
        both_factors(world.alice)
        client = signed_in(world.sam)
        assert client.get("/admin/mfa/authenticator/").status_code == 403
        chosen = Authenticator.objects.values_list("pk", flat=True)
        client.post("/admin/mfa/authenticator/", {"action": "remove_factor", "_selected_action": list(chosen)})
        assert Authenticator.objects.count() == 2

    def test_no_table_of_the_admin_shows_a_column_for_secrets(self, world: World) -> None:
        """Of every model the admin has, also of a library's: what its list, form and search are made of."""
        secret = {"data", "key", "secret", "seed", "token", "session_data", "session_key", "uuid"}
        shown = {}
        request = RequestFactory().get("/admin/")
        request.user = world.ada
        for model, page in admin.site._registry.items():
            flat = [name for group in page.get_fieldsets(request) for name in group[1]["fields"]]
            names = {str(name) for name in (*page.list_display, *page.readonly_fields, *page.search_fields, *flat)}
            if found := names & secret:
                shown[model._meta.label] = found
        rules = {"claims.PolicyRule": {"key"}, "claims.ClockRule": {"key"}}  # the name of a rule, no secret
        assert shown == rules


def change_pages() -> list[str]:
    return [f"/admin/mfa/authenticator/{pk}/change/" for pk in Authenticator.objects.values_list("pk", flat=True)]


def remove(client: CheckingClient, factor: Authenticator) -> str:
    chosen = {"action": "remove_factor", "_selected_action": [factor.pk]}
    return client.post("/admin/mfa/authenticator/", chosen, follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
class TestSessions:
    """Switched on, off, or given new codes: whoever else is signed in as this person is so no more."""

    @pytest.fixture
    def mine(self, world: World) -> CheckingClient:
        client = signed_in(world.alice)
        client.post("/accounts/reauthenticate/", {"password": "demo"})
        return client

    def test_switching_on(self, world: World, mine: CheckingClient) -> None:
        other, stranger = signed_in(world.alice), signed_in(world.gus)
        secret = mine.get("/accounts/2fa/totp/activate/").context["form"].secret
        mine.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
        assert [is_signed_in(each) for each in (mine, other, stranger)] == [True, False, True]
        assert told_of() == ["on"]

    @pytest.mark.parametrize(("page", "change"), [("totp/deactivate/", "off"), ("recovery-codes/generate/", "codes")])
    def test_switching_off_and_new_codes(self, world: World, mine: CheckingClient, page: str, change: str) -> None:
        both_factors(world.alice)
        other, stranger = signed_in(world.alice), signed_in(world.gus)
        mine.post(f"/accounts/2fa/{page}")
        assert [is_signed_in(each) for each in (mine, other, stranger)] == [True, False, True]
        assert told_of() == [change]

    def test_a_new_password_ends_them_as_before(self, world: World, mine: CheckingClient) -> None:
        other = signed_in(world.alice)
        new = "correct horse battery"
        mine.post("/accounts/password/change/", {"oldpassword": "demo", "password1": new, "password2": new})
        assert [is_signed_in(each) for each in (mine, other)] == [True, False]


def told_of() -> list[str]:
    return [email.params["change"] for email in OutgoingEmail.objects.filter(kind="factor-changed")]
