"""The operator's list of e-mails in Chromium: in order with axe, and an e-mail that bounced is sent again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group
from django.test import override_settings
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.groups import OPERATOR
from accounts.models import User
from messaging.models import OutgoingEmail
from messaging.tasks import send_pending_emails
from tests.browser.checks import findings
from tests.browser.test_claim_pages import SCREENS, sign_in
from tests.cast import PASSWORD, World
from tests.servers import MailSink

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/messaging/outgoingemail/"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_an_operator_sends_again_what_bounced(
    transactional_db: None, live_server: LiveServer, browser: Browser, mail_sink: MailSink, width: int, theme: str
) -> None:
    world = World(now=datetime.now(UTC))
    otto = User.objects.create_user("otto@desk.example", PASSWORD, name="Otto Brandt", is_staff=True)
    otto.groups.add(Group.objects.get_or_create(name=OPERATOR)[0])
    User.objects.filter(pk=world.vera.pk).update(email="refuse-vera@seller-a.example")
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=mail_sink.port):
        claim = world.claim()
        assert OutgoingEmail.objects.get(user=world.vera).cause == "550 no such mailbox"
        size = {"width": width, "height": 800}
        context = browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        sign_in(page, live_server, otto, LIST)
        for url in (LIST, f"{LIST}?show=all"):
            wrong = findings(page, live_server.url + url)
            assert {what: each for what, each in wrong.items() if what in ("console", "status")} == {}, url
        User.objects.filter(pk=world.vera.pk).update(email="vera@seller-a.example")
        page.goto(live_server.url + LIST)
        page.locator("input.action-select").check()
        page.locator("select[name=action]").select_option(label="Send again")
        page.get_by_role("button", name="Go", exact=True).click()
        page.get_by_text("1 e-mail is queued again.").wait_for()
        assert send_pending_emails() == 1
        context.close()
    assert OutgoingEmail.objects.get(user=world.vera).state == OutgoingEmail.State.SENT
    assert claim.pk
