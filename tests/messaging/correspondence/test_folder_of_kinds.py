"""A folder of all kinds of files in which e-mails lie about: each is read or named, none passed over in silence."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from messaging.correspondence import archives
from messaging.correspondence.file_kinds import NOT_READ, NotRead
from messaging.models import Message, OriginalMail
from tests.adopted import CLAIM, imported_claim
from tests.messaging.correspondence import outlook
from tests.messaging.correspondence.mails import mail, mbox, written
from tests.messaging.correspondence.test_cases import CASES
from tests.messaging.correspondence.test_import_correspondence import run

FOUND = "28775-98507-5593962"


def one(number: int) -> bytes:
    return mail(text=f"Words of {number}.", mail_id=f"<{number}@x>")


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def tarred(**members: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def locked() -> bytes:
    """A .zip of which the one file is marked as locked by a password."""
    content = bytearray(zipped(a__eml=one(90)))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        content[content.index(mark) + (6 if mark == b"PK\x03\x04" else 8)] |= 1
    return bytes(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What was found, and as many kinds again."""
    place = tmp_path / "folder-of-kinds"
    shutil.copytree(CASES / "folder-of-kinds", place)
    written(place / "more/old.mbox.bz2", bz2.compress(mbox(one(1))))
    written(place / "more/old.mbox.xz", lzma.compress(mbox(one(2))))
    written(place / "more/takeout.tgz", tarred(Takeout__mbox=mbox(one(3)), archive_browser__html=b"<html>"))
    written(place / "more/both.zip", zipped(inner__zip=zipped(a__eml=one(4)), notes__txt=b"no mail in here"))
    written(place / "more/locked.zip", locked())
    written(place / "more/good.msg", outlook.message(f"Re: claim {CLAIM}", "Words of 5."))
    written(place / "more/Maildir/cur/1690000001.M1P2.host:2,S", one(6))
    written(place / "more/Maildir/cur/1690000002.M1P2.host:2,ST", one(60))
    written(place / "more/Maildir/tmp/1690000003.M1P4.host", one(61))
    (place / "more/Maildir/new").mkdir()
    written(place / "more/utf16.mbox", b"\xff\xfe" + mbox(one(7)).decode().encode("utf-16-le"))
    written(place / "more/Drafts", mbox(one(62)))
    written(place / "more/mac.olm", zipped(x__xml=b"<x/>"))
    written(place / "more/express.dbx", bytes.fromhex("cfad12fe") + bytes(100))
    written(place / "more/Envelope Index", b"SQLite format 3\x00" + bytes(100))
    written(place / "more/report.docx", zipped(**{"[Content_Types]__xml": b"<x/>"}))
    written(place / "more/old.rar", b"Rar!\x1a\x07\x00" + bytes(20))
    written(place / "more/empty", b"")
    written(place / "more/photo.jpg", b"\xff\xd8\xff\xe0" + bytes(100))
    (place / "more/link").symlink_to(place)
    return place


NOT = {
    "Inbox.msf": NotRead.INDEX,
    "archive.pst": NotRead.PST,
    "page.mht": NotRead.WEB_PAGE,
    "more/Envelope Index": NotRead.DATABASE,
    "more/both.zip/notes.txt": NotRead.NO_MAIL,
    "more/empty": NotRead.EMPTY,
    "more/express.dbx": NotRead.DBX,
    "more/link": NotRead.NO_FILE,
    "more/locked.zip/a.eml": NotRead.LOCKED_ARCHIVE,
    "more/mac.olm": NotRead.OLM,
    "more/old.rar": NotRead.OTHER_ARCHIVE,
    "more/photo.jpg": NotRead.NO_MAIL,
    "more/report.docx": NotRead.OFFICE,
    "more/takeout.tgz/archive_browser.html": NotRead.NO_MAIL,
    "more/Maildir/tmp/1690000003.M1P4.host": NotRead.NOT_DELIVERED,
}


def test_a_folder_of_kinds_is_read_whole_and_what_is_not_read_is_named(db: None, folder: Path) -> None:
    found, made = imported_claim(FOUND), imported_claim(CLAIM, "111-0000003-0000003")

    code, summary, notes = run(folder, "--seller", "seller-a")

    assert code == 1
    assert summary == (
        "Read 20 e-mails: 17 imported, 0 already there, 0 in quarantine, 1 refused, 2 left out as draft or deleted."
    )
    named = [note for note in notes if note.endswith(" Not read.")]
    assert sorted(named) == sorted(f"folder-of-kinds/{name}: {NOT_READ[why]} Not read." for name, why in NOT.items())
    assert [note for note in notes if note not in named] == [
        "folder-of-kinds/letter.msg: It can't be opened as an Outlook message. Open it in Outlook, save it as a text "
        "or .eml file, and import that. Refused.",
        "15 files were not read: they hold no e-mail, or not in a form that can be read.",
        "2 e-mails are drafts or were deleted and were left out; --with-drafts takes them too.",
    ]
    assert Message.objects.filter(claim=found).exclude(text="").count() == 10
    words = Message.objects.filter(claim=made, origin="IMPORTED").values_list("text", flat=True)
    assert sorted(words) == [f"Words of {number}." for number in range(1, 8)]
    assert OriginalMail.objects.filter(state="REFUSED").count() == 1


def test_programs_read_which_files_were_not_read(db: None, folder: Path) -> None:
    imported_claim(FOUND)
    code, out, notes = run(folder, "--json", "--dry-run")
    told = json.loads(out)
    assert (code, notes) == (1, [])
    assert told["files_not_read"] == len(NOT)
    not_read = {
        one["place"].removeprefix("folder-of-kinds/"): one for one in told["mails"] if one["result"] == "not_read"
    }
    assert not_read.keys() == NOT.keys()
    assert not_read["archive.pst"]["sentence"].startswith("folder-of-kinds/archive.pst: an Outlook data file.")


def test_a_folder_without_any_e_mail_is_exit_2(db: None, tmp_path: Path) -> None:
    written(tmp_path / "old" / "photo.jpg", b"\xff\xd8\xff\xe0" + bytes(100))
    code, summary, notes = run(tmp_path / "old")
    assert (code, summary) == (2, "Read 0 e-mails: 0 imported, 0 already there, 0 in quarantine, 0 refused.")
    assert json.loads(run(tmp_path / "old", "--json")[1])["files_not_read"] == 1
    assert notes[0] == "old/photo.jpg: it isn't an e-mail, a mailbox or an archive of them. Not read."


def test_an_outlook_data_file_alone_says_how_to_export(db: None) -> None:
    from django.core.management import CommandError

    with pytest.raises(CommandError) as refused:
        run(CASES / "folder-of-kinds/archive.pst")
    assert refused.value.returncode == 2
    assert "readpst" in str(refused.value)


def test_an_archive_that_unpacks_to_far_too_much_is_stopped_and_named(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported_claim()
    monkeypatch.setattr(archives, "ALWAYS_FINE", 300_000)
    monkeypatch.setattr(archives, "MOST_TIMES", 10)
    bomb = gzip.compress(mbox(one(1)) + b"From x Sun Nov 22 22:59:30 2026\nA: b\n\n" + bytes(20_000_000))
    code, _summary, notes = run(written(tmp_path / "old.mbox.gz", bomb))
    assert code == 1
    assert f"old.mbox.gz: {NOT_READ[NotRead.TOO_LARGE_UNPACKED]} Not read." in notes
    assert Message.objects.get(origin="IMPORTED").text == "Words of 1."


@pytest.mark.parametrize("name", ["old.mbox.gz", "mails.zip", "old.tgz"])
def test_an_archive_cut_off_gives_what_came_before_and_is_named(db: None, tmp_path: Path, name: str) -> None:
    imported_claim()
    many = b"".join(mbox(mail(text=f"{n} " * 50_000, mail_id=f"<{n}@x>")) for n in range(3))
    make: dict[str, Any] = {
        "old.mbox.gz": lambda: gzip.compress(many),
        "mails.zip": lambda: zipped(old__mbox=many),
        "old.tgz": lambda: tarred(old__mbox=many),
    }
    whole = make[name]()
    code, _summary, notes = run(written(tmp_path / name, whole[: len(whole) * 2 // 3]))
    assert code in (1, 2)
    assert any(str(NOT_READ[NotRead.BROKEN_ARCHIVE]) in note for note in notes)
