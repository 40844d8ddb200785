"""Imports at the desk in Chromium: in order with axe, wide and narrow, with and without scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.groups import OPERATOR
from accounts.models import User
from claims.models import ImportRun, Order
from tests.browser.checks import findings, wrong_here
from tests.browser.test_claim_pages import SCREENS, sign_in
from tests.cast import PASSWORD, World
from tests.claims.imports import samples

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/desk/imports/"


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_an_operator_tries_a_file_and_imports_it(
    transactional_db: None, live_server: LiveServer, browser: Browser, width: int, theme: str
) -> None:
    World(now=datetime.now(UTC))
    otto = User.objects.create_user("otto@desk.example", PASSWORD, name="Otto Brandt", is_staff=True)
    otto.groups.add(Group.objects.get_or_create(name=OPERATOR)[0])
    text = samples.returns_text({}, {"Refunded Amount": "12,3x", "Item Name": "Kettle " + "x" * 200})
    size = {"width": width, "height": 800}
    context = browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, live_server, otto, LIST)
    assert findings(page, live_server.url + LIST) == {}
    page.get_by_text("No file was imported yet.").wait_for()
    page.get_by_label("File", exact=True).set_input_files(
        [{"name": "returns.tsv", "mimeType": "text/plain", "buffer": text.encode()}]
    )
    page.get_by_label("Short name of the seller").fill("seller-a")
    page.get_by_role("button", name="Try the file").click()
    page.get_by_text("1 row is new or changes what is here.").wait_for()
    assert wrong_here(page) == {}
    assert Order.objects.count() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rows left out (CSV)").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.get_by_role("button", name="Import for good").click()
    page.get_by_role("heading", name="What was imported").wait_for()
    assert (wrong_here(page), Order.objects.count()) == ({}, 1)
    assert findings(page, live_server.url + LIST) == {}
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_run_that_goes_on_is_looked_at_again(
    transactional_db: None, live_server: LiveServer, browser: Browser, scripts: bool
) -> None:
    """By refresh.js, or by a link where no script runs."""
    World(now=datetime.now(UTC))
    otto = User.objects.create_user("otto@desk.example", PASSWORD, name="Otto Brandt", is_staff=True)
    otto.groups.add(Group.objects.get_or_create(name=OPERATOR)[0])
    until = timezone.now() + timedelta(minutes=5)
    facts = {"kind": "REFUNDS", "name": "returns.tsv", "size": 1, "sha256": "0" * 64, "by": otto}
    run = ImportRun.objects.create(
        **facts, state="RUNNING", storage_key="imports/00/0", leased_until=until, applying=True, done=10, total=40
    )
    context = browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, live_server, otto, f"{LIST}{run.uuid}/")
    page.get_by_text("10 of 40 rows checked against what is here.").wait_for()
    if scripts:
        assert wrong_here(page) == {}
    ImportRun.objects.filter(pk=run.pk).update(
        state="DONE", ended_at=timezone.now(), leased_until=None, read=40, new=40
    )
    if not scripts:
        page.get_by_role("link", name="Check again").click()
    page.get_by_role("button", name="Import for good").wait_for()
    context.close()
