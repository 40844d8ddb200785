"""Imports that are killed, and imports that run at the same time: real processes on the real database."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.storage import storages
from django.db import connection

from claims.models import Attachment, Claim
from messaging.models import Message, OriginalMail
from tests.adopted import imported_claim
from tests.claims.files.samples import png
from tests.messaging.correspondence.mails import DESK, mail, mbox, written

pytestmark = pytest.mark.django_db(transaction=True)
MAILS = 120


@pytest.fixture
def path(tmp_path):
    """An mbox of 120 e-mails about one claim, every tenth with a picture, and 10 that name none."""
    mails = [
        mail(
            text=f"Mail {n}.",
            mail_id=f"<{n}@x>",
            files={"box.png": (png(n + 1), "image/png")} if n % 10 == 0 else None,
        )
        for n in range(MAILS)
    ]
    others = [mail(text=f"Other {n}.", subject="Hello", mail_id=f"<o{n}@x>") for n in range(10)]
    return written(tmp_path / "old.mbox", mbox(*mails, *others))


def start(path: Path, *args: str) -> subprocess.Popen[str]:
    """Start the command on the test database, writing each line of its JSON as soon as it is known."""
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "safet_portal.settings",
        "DESK_ADDRESSES": ",".join(DESK),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "django", "import_correspondence", "--json", str(path), *args]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> dict:
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (1, "")  # 1: ten are in quarantine
    return json.loads(out)


def texts() -> Counter:
    return Counter(Message.objects.values_list("text", flat=True))


EACH_ONCE = Counter(f"Mail {n}." for n in range(MAILS))


def stored_files() -> set[str]:
    place = Path(storages["attachments"].location)
    return {str(file.relative_to(place)) for file in place.rglob("*") if file.is_file()}


def named_files() -> set[str]:
    rows = (Attachment, OriginalMail)
    return {key for model in rows for key in model.objects.values_list("storage_key", flat=True)}


def test_killed_import_is_taken_up_again(path):
    claim = imported_claim()
    process = start(path)
    for _ in range(30):
        assert process.stdout is not None
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    there = Message.objects.count()
    assert 0 < there < MAILS

    report = finished(start(path))

    assert (report["read"], report["imported"], report["already_there"]) == (MAILS + 10, MAILS - there, there)
    assert texts() == EACH_ONCE
    assert Attachment.objects.count() == MAILS / 10
    positions = Message.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(2, MAILS + 2))
    claim.refresh_from_db()
    assert claim.next_position == MAILS + 2


def test_two_imports_at_once_end_as_one(path):
    imported_claim()
    before = stored_files()

    reports = [finished(process) for process in [start(path), start(path)]]

    assert [report["read"] for report in reports] == [MAILS + 10] * 2
    assert [report["quarantined"] for report in reports] == [10, 10]
    assert sum(report["imported"] for report in reports) == MAILS
    assert sum(report["already_there"] for report in reports) == MAILS
    assert texts() == EACH_ONCE
    assert OriginalMail.objects.count() == MAILS + 10
    assert stored_files() - before == named_files()


def test_import_beside_one_that_quarantines_the_same_mails(path):
    imported_claim()
    imported_claim("10000-20000-3000001", "111-0000003-0000003", seller="seller-b")

    rival, report = [finished(process) for process in [start(path, "--seller", "seller-b"), start(path)]]

    assert report["imported"] == MAILS
    assert rival["imported"] == 0
    assert texts() == EACH_ONCE
    states = OriginalMail.objects.values_list("state", flat=True)
    assert Counter(states) == {"IMPORTED": MAILS, "QUARANTINED": 10}
    assert Claim.objects.get(claim_id="10000-20000-3000001").next_position == 2
