"""Every class of file through every entrance: the form, the admin, old e-mail. docs/files.md is this test's own table.

What really happens is put into words here, and each class compared with its row. `UPDATE_DOCS=1` writes it instead.
"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from claims.files import scan_queue
from claims.files.check import KINDS
from claims.models import Attachment, Claim
from tests.cast import World
from tests.claims.files.classes import CLASSES, FileClass
from tests.messaging.correspondence.mails import DESK, mail, written
from tests.messaging.correspondence.test_import_correspondence import run
from tests.messaging.pages import address, alerts, client_of, form_of
from tests.tables import DocsTable

ACCEPTED = " PNG, JPEG, WebP, HEIC, PDF, text, CSV, EML, MP4 and MOV are accepted."


def kept(world: World, **more: Any) -> Attachment | None:
    """The file that came in last, after a worker has seen it."""
    file = Attachment.objects.filter(**more).order_by("-pk").first()
    if file is None:
        return None
    scan_queue.check_file(file.pk, now=world.now)
    file.refresh_from_db()
    return file


def outcome(file: Attachment | None, given: FileClass, why: str = "") -> str:
    """What happened, in the words of the table."""
    if file is None:
        sentence = re.sub(r"^\S*?\.\w{2,4}\b ", "", why).replace(ACCEPTED, "")
        return f"Refused: {sentence}"
    if file.scan == Attachment.Scan.INFECTED:
        return "Accepted, then removed by the virus check: served to nobody, a line in the thread"
    words = [f"Accepted as {KINDS[file.media_type].words}"]
    if file.name != given.name:
        words.append(_renamed(given.name, file.name))
    if file.served_type:
        words.append("sellers get a copy without metadata")
    if file.previews:
        words.append("preview")
    if file.media_type.startswith("video/"):
        words.append("kept as it came")
    if file.active_content:
        words.append("flagged as active for who receives it")
    return ", ".join(words)


def _renamed(given: str, name: str) -> str:
    if len(given) > 120:
        return "name shortened"
    return "named by its content" if name.rpartition(".")[2] != given.rpartition(".")[2] else "name cleaned"


class Chosen(SimpleUploadedFile):
    """A file under the very name its class has: browsers send what they like, Django's own helper would clean it."""

    def __init__(self, given: FileClass) -> None:
        self.given_name = given.name
        super().__init__("x", given.make(), "image/png")

    @property
    def name(self) -> str:
        return self.given_name

    @name.setter
    def name(self, cleaned: str) -> None:
        """Not taken."""


def by_form(given: FileClass, claim: Claim, world: World) -> str:
    client = client_of(world.alice)
    Attachment.objects.filter(draft__claim=claim).delete()
    chosen = Chosen(given)
    response = client.post(address(claim), {**form_of(client, claim), "act": "save", "files": [chosen]})
    file = kept(world, draft__claim=claim)
    return outcome(file, given, "; ".join(alerts(response)) if response.status_code == 200 else "")


def by_admin(given: FileClass, claim: Claim, world: World) -> str:
    client = client_of(world.hana)
    before = claim.attachments.count()
    page = f"/admin/desk/{claim.claim_id}/message/"
    version = re.search(r'name="version" value="(\d+)"', client.get(page).content.decode())
    assert version is not None
    chosen = Chosen(given)
    data = {"message": f"See {given.words}", "version": version[1], "files": [chosen]}
    response = client.post(page, data)
    if response.status_code == 200:
        assert claim.attachments.count() == before
        problems = response.content.decode().partition("errornote")[2].partition("</ul>")[0]
        said = [unescape(each).strip() for each in re.findall(r"<li>(.*?)</li>", problems, re.DOTALL)]
        assert said[-1] == "Nothing was sent. Choose the files again."
        return outcome(None, given, said[0])
    return outcome(kept(world, claim=claim), given)


def by_mail(given: FileClass, claim: Claim, world: World, folder: Path) -> str:
    number = CLASSES.index(given)
    raw = mail(
        subject=f"Claim {claim.claim_id}", mail_id=f"<{number}@shop>", text=f"Mail {number}",
        files={given.name.replace("\x00", "\\0"): (given.make(), "application/octet-stream")},
    )  # fmt: skip
    _code, summary, notes = run(written(folder / f"{number}.eml", raw), "--seller", "seller-a")
    assert "1 imported" in summary
    left = [note for note in notes if " left out" in note or "accepted" in note or ": " in note]
    file = kept(world, claim=claim, position__gt=1) if not left else None
    return outcome(file, given, left[0].split(": ", 1)[1] if left else "")


def table(base_dir: Path) -> DocsTable:
    names = tuple(given.words for given in CLASSES)
    return DocsTable(base_dir / "docs/files.md", ("file", "form", "admin", "old e-mail"), names)


@pytest.mark.parametrize("given", CLASSES, ids=lambda given: given.words)
def test_what_happens_to_a_class_of_file_is_what_docs_say(
    given: FileClass, world: World, clamd: str, settings: Any, tmp_path: Path, base_dir: Path
) -> None:
    settings.DESK_ADDRESSES = list(DESK)
    claim = world.claim()
    form = by_form(given, claim, world)
    admin = by_admin(given, claim, world)
    old = by_mail(given, world.claim(), world, tmp_path)
    assert all((form, admin, old))
    table(base_dir).compare(
        given.words,
        form,
        "as in the form" if admin == form else admin,
        old.replace(form, "as in the form").replace("form The", "form. The"),
    )


def test_docs_name_every_class_and_no_other(base_dir: Path) -> None:
    table(base_dir).compare_names()
