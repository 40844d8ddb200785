"""The pages of the portal itself: where `/` leads, what every answer carries, and the pages of last resort."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory, override_settings
from django.urls import path

from accounts.models import User
from safet_portal import errors, urls
from tests.html import CheckingClient

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


def breaks(request: object) -> None:
    raise RuntimeError("on purpose")


urlpatterns = [*urls.urlpatterns, path("breaks/", breaks)]
handler400, handler500 = urls.handler400, urls.handler500


def test_root_leads_strangers_to_the_sign_in(client: CheckingClient) -> None:
    assert client.get("/").headers["Location"] == "/accounts/login/"


@pytest.mark.django_db
@pytest.mark.parametrize(("staff", "there"), [(False, "/claims/"), (True, "/admin/claims/claim/")])
def test_root_leads_people_to_their_work(client: CheckingClient, staff: bool, there: str) -> None:
    client.force_login(User.objects.create_user("someone@example.com", is_staff=staff))
    assert client.get("/").headers["Location"] == there


@pytest.mark.django_db
def test_answers_carry_the_policy_and_the_headers(client: CheckingClient) -> None:
    answer = client.get("/accounts/login/")
    assert {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")} == POLICY
    found = [answer.headers[name] for name in ("X-Frame-Options", "Referrer-Policy", "X-Content-Type-Options")]
    assert found == ["DENY", "same-origin", "nosniff"]


@pytest.mark.django_db
@override_settings(SECURE_SSL_REDIRECT=True)
def test_plain_http_is_led_to_https_but_probes_are_answered(client: CheckingClient) -> None:
    assert client.get("/accounts/login/").headers["Location"] == "https://testserver/accounts/login/"
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_admin_asks_for_the_portals_sign_in(client: CheckingClient) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/accounts/login/?next=%2Fadmin%2F", 302)


@pytest.mark.django_db
def test_unknown_address_is_a_page(client: CheckingClient) -> None:
    answer = client.get("/nothing/like/this/")
    assert answer.status_code == 404
    assert "Nothing here" in answer.content.decode()


@pytest.mark.django_db
def test_form_that_is_not_ours_changes_nothing() -> None:
    answer = CheckingClient(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@example.com"})
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.content.decode()


@pytest.mark.django_db
def test_body_larger_than_ten_files_is_refused_unread(client: CheckingClient) -> None:
    answer = client.post("/accounts/login/", CONTENT_LENGTH=str(102 * 1024 * 1024))
    assert answer.status_code == 413
    assert "Too large" in answer.content.decode()


@pytest.mark.django_db
def test_text_over_a_megabyte_is_refused(client: CheckingClient) -> None:
    assert client.post("/accounts/login/", {"login": "a" * (1024 * 1024 + 1)}).status_code == 413


@pytest.mark.django_db
def test_more_files_than_any_form_takes_are_refused(client: CheckingClient) -> None:
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(21)]
    assert client.post("/accounts/login/", {"files": files}).status_code == 413


@override_settings(ROOT_URLCONF="tests.portal.test_pages")
def test_what_breaks_says_the_id_the_logs_know() -> None:
    answer = CheckingClient(raise_request_exception=False).get("/breaks/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.content.decode()


def test_error_page_quotes_the_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "request_id", lambda: "0f8fad5b-d9cb-469f-a165-70867728950e")
    page = errors.server_error(RequestFactory().get("/")).content.decode()
    assert "0f8fad5b-d9cb-469f-a165-70867728950e" in page
