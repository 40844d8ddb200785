import os
import tracemalloc

import pytest

from messaging.correspondence import reader
from messaging.correspondence.causes import Cause
from messaging.correspondence.file_kinds import NotRead
from messaging.correspondence.parse import parse
from messaging.correspondence.reader import NotCorrespondence, RawMail, Unread, find_sources, read_mails
from tests.messaging.correspondence.mails import mail, mbox, written

ONE = mail(text="One.", mail_id="<1@x>")
TWO = mail(text="Two.", mail_id="<2@x>")
THREE = mail(text="Three.", mail_id="<3@x>")


def read(*paths) -> list[RawMail]:
    return [raw for source in find_sources(list(paths)) for raw in read_mails(source)]


def test_mbox_gives_each_mail_without_its_separator(tmp_path):
    path = written(tmp_path / "old.mbox", mbox(ONE, TWO))

    assert read(path) == [RawMail("old.mbox", 1, ONE, True), RawMail("old.mbox", 2, TWO, True)]


def test_place_names_file_and_number(tmp_path):
    path = written(tmp_path / "old.mbox", mbox(ONE, TWO))
    single = written(tmp_path / "one.eml", ONE)

    assert [raw.place for raw in read(path, single)] == ["old.mbox, e-mail 1", "old.mbox, e-mail 2", "one.eml"]


@pytest.mark.parametrize(
    "separator",
    [
        b"From MAILER-DAEMON Sun Nov 22 22:59:30 2026",
        b"From - Mon Jan 01 10:00:00 2024",
        b"From ???@??? Mon Jan  1 10:00:00 2024",
        b"From 17712@xxx Mon Jan 01 10:00:00 +0000 2024",
        b"From a@b.example Mon, 1 Jan 2024 10:00:00 +0100 (CET)"[:-6],
        b"From a@b.example Mon Jan  1 10:00 EST 2024",
    ],
)
def test_mbox_separators_of_many_programs(tmp_path, separator):
    path = written(tmp_path / "old.mbox", mbox(ONE, TWO, separator=separator))

    assert [raw.raw for raw in read(path)] == [ONE, TWO]


def test_mbox_with_crlf(tmp_path):
    path = written(tmp_path / "old.mbox", mbox(ONE, TWO).replace(b"\n", b"\r\n"))

    assert [raw.raw for raw in read(path)] == [ONE.replace(b"\n", b"\r\n"), TWO.replace(b"\n", b"\r\n")]
    assert [raw.content for raw in read(path)] == [ONE, TWO]


def test_mbox_without_empty_lines_between_mails(tmp_path):
    path = written(tmp_path / "old.mbox", mbox(ONE, TWO).replace(b"\n\nFrom ", b"\nFrom "))

    assert [raw.raw for raw in read(path)] == [ONE, TWO]


def test_mbox_cut_off_in_the_last_line(tmp_path):
    path = written(tmp_path / "old.mbox", mbox(ONE, TWO)[:-3])

    assert [raw.raw for raw in read(path)] == [ONE, TWO[:-1].removesuffix(b".")]


def test_mbox_line_that_begins_with_from_is_no_separator(tmp_path):
    text = "Hello,\n\nFrom today we pay faster.\nDate: soon\n"
    unescaped = b"From x Sun Nov 22 22:59:30 2026\n" + mail(text=text) + b"\n"
    path = written(tmp_path / "old.mbox", unescaped + mbox(TWO))

    assert [raw.raw for raw in read(path)] == [mail(text=text), TWO]


def test_mbox_mail_is_as_it_was_before_it_was_escaped(tmp_path):
    original = mail(text="Hello,\n\nFrom Berlin to Rome.\n>From Rome to Berlin.\n")
    path = written(tmp_path / "old.mbox", mbox(original))

    (raw,) = read(path)

    assert b"\n>From Berlin" in path.read_bytes()
    assert b"\n>>From Rome" in path.read_bytes()
    assert raw.raw == original


def test_same_mail_as_eml_and_in_mbox_has_the_same_content(tmp_path):
    original = mail(text="From here on.\n")
    in_mbox = written(tmp_path / "old.mbox", mbox(original))
    single = written(tmp_path / "one.eml", original.replace(b"\n", b"\r\n"))

    assert {raw.content for raw in read(in_mbox, single)} == {original}
    assert len({raw.digest for raw in read(in_mbox, single)}) == 1


def test_mbox_of_mails_that_keep_the_separator_of_an_older_mbox(tmp_path):
    inner = b">From a@b.example Sun Nov 22 22:59:30 2026\nSubject: Old\n\nHello.\n"
    path = written(tmp_path / "old.mbox", (b"From MAILER-DAEMON Mon Nov 23 22:59:30 2026\n" + inner + b"\n") * 2)

    found = read(path)

    assert [(one.raw, one.problem) for one in found] == [(inner.removeprefix(b">"), None)] * 2
    assert [getattr(parse(one.content), "subject", "") for one in found] == ["Old", "Old"]


def test_mbox_in_which_a_mail_is_empty_or_no_mail(tmp_path):
    path = written(tmp_path / "old.mbox", mbox(ONE, b"", b"\x00\x01binary", TWO))

    assert [(raw.number, raw.raw, raw.problem) for raw in read(path)] == [
        (1, ONE, None),
        (2, b"\n", Cause.EMPTY),
        (3, b"\x00\x01binary\n", Cause.NOT_AN_EMAIL),
        (4, TWO, None),
    ]


def test_mail_over_the_limit_is_skipped_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MAX_MAIL_BYTES", 2000)
    path = written(tmp_path / "old.mbox", mbox(ONE, mail(text="x" * 3000), TWO))

    assert [(raw.number, raw.raw, raw.problem) for raw in read(path)] == [
        (1, ONE, None),
        (2, b"", Cause.TOO_LARGE),
        (3, TWO, None),
    ]


def test_single_mail_over_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MAX_MAIL_BYTES", 2000)
    path = written(tmp_path / "one.eml", mail(text="x" * 3000))

    assert read(path) == [RawMail("one.eml", 1, b"", False, Cause.TOO_LARGE)]


def test_folder_is_read_whole_in_the_order_of_names_and_other_files_are_named(tmp_path):
    written(tmp_path / "mails" / "b.eml", TWO)
    written(tmp_path / "mails" / "a.EML", ONE)
    written(tmp_path / "mails" / "2024" / "old.mbox", mbox(TWO))
    written(tmp_path / "mails" / "notes.docx", b"PK\x03\x04")
    written(tmp_path / "mails" / ".hidden.eml", ONE)

    assert [(one.place, one.why if isinstance(one, Unread) else one.raw) for one in read(tmp_path / "mails")] == [
        ("mails/.hidden.eml", ONE),
        ("mails/a.EML", ONE),
        ("mails/b.eml", TWO),
        ("mails/notes.docx", NotRead.BROKEN_ARCHIVE),
        ("mails/2024/old.mbox, e-mail 1", TWO),
    ]


def test_folder_with_a_file_that_is_no_mail_refuses_that_file_alone(tmp_path):
    written(tmp_path / "mails" / "a.eml", b"%PDF-1.7")
    written(tmp_path / "mails" / "b.eml", TWO)

    assert [(raw.place, raw.problem) for raw in read(tmp_path / "mails")] == [
        ("mails/a.eml", Cause.NOT_AN_EMAIL),
        ("mails/b.eml", None),
    ]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("old.mbox", b"%PDF-1.7 \x00", "not an mbox and not an e-mail. It starts with: %PDF-1.7"),
        ("old.mbox", b"", "the file is empty."),
        ("old.mbox", b" \n\n", "the file is empty."),
        ("old.eml", b"\x00\x00\x00\x00", "not an mbox and not an e-mail. It starts with: \x00\x00\x00\x00"),
    ],
)
def test_file_without_mail_is_unusable(tmp_path, name, content, sentence):
    path = written(tmp_path / name, content)

    with pytest.raises(NotCorrespondence) as refused:
        find_sources([path])

    assert str(refused.value) == f"{path}: {sentence}"


def test_missing_file_and_empty_folder_are_unusable(tmp_path):
    for path, sentence in (
        (tmp_path / "none.mbox", "there is no such file."),
        (tmp_path, "no e-mail in this folder: no .eml, no .mbox, no Maildir."),
    ):
        with pytest.raises(NotCorrespondence) as refused:
            find_sources([path])
        assert str(refused.value) == f"{path}: {sentence}"


def test_mbox_is_read_in_constant_memory(tmp_path):
    path = written(tmp_path / "old.mbox", mbox(mail(text=("x" * 70 + "\n") * 700)) * 400)
    tracemalloc.start()

    count = sum(1 for _ in read_mails(*find_sources([path])))

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 400
    assert peak < 1_000_000, "one e-mail has 50 kB, all have 20 MB"


def test_mbox_of_one_endless_line_is_read_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "MAX_MAIL_BYTES", 3_000_000)
    path = written(tmp_path / "old.mbox", mbox(ONE) + b"From x Sun Nov 22 22:59:30 2026\nA: b\n\n" + b"y" * 20_000_000)
    tracemalloc.start()

    problems = [raw.problem for raw in read(path)]

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert problems == [None, Cause.TOO_LARGE]
    assert peak < 12_000_000


def test_maildir_is_read_with_its_folders_and_without_what_is_not_delivered(tmp_path):
    box = tmp_path / "Maildir"
    written(box / "cur" / "1690000001.M1P2.host:2,S", ONE)
    written(box / "new" / "1690000002.M1P3.host", TWO)
    written(box / "tmp" / "1690000003.M1P4.host", THREE)
    written(box / ".Sent" / "cur" / "1690000004.M1P5.host:2,S", THREE)
    (box / ".Sent" / "new").mkdir()
    written(box / "dovecot.index.log", b"\x01\x02")

    assert [(one.place, one.why if isinstance(one, Unread) else one.raw) for one in read(box)] == [
        ("Maildir/dovecot.index.log", NotRead.INDEX),
        ("Maildir/.Sent/cur/1690000004.M1P5.host:2,S", THREE),
        ("Maildir/cur/1690000001.M1P2.host:2,S", ONE),
        ("Maildir/new/1690000002.M1P3.host", TWO),
        ("Maildir/tmp/1690000003.M1P4.host", NotRead.NOT_DELIVERED),
    ]


def test_file_of_a_folder_is_an_e_mail_by_its_content_whatever_it_is_called(tmp_path):
    written(tmp_path / "cur" / "notes", ONE)
    written(tmp_path / "cur" / "list.txt", b"Milk: two\nBread: one\n")
    written(tmp_path / "cur" / "a.eml", TWO)

    assert [(one.place, getattr(one, "why", None)) for one in read(tmp_path / "cur")] == [
        ("cur/a.eml", None),
        ("cur/list.txt", NotRead.NO_MAIL),
        ("cur/notes", None),
    ]


def test_sources_are_walked_anew_and_know_their_size(tmp_path):
    written(tmp_path / "mails" / "a.eml", ONE)
    path = written(tmp_path / "old.mbox", mbox(TWO))
    sources = find_sources([tmp_path / "mails", path])

    assert [source.name for source in sources] == [source.name for source in sources] == ["mails/a.eml", "old.mbox"]
    assert sources.size == len(ONE) + len(mbox(TWO))


def test_pipe_in_a_folder_is_refused_and_not_waited_for(tmp_path):
    written(tmp_path / "mails" / "a.eml", ONE)
    os.mkfifo(tmp_path / "mails" / "b.eml")

    assert [(one.source, one.problem) for one in read(tmp_path / "mails")] == [
        ("mails/a.eml", None),
        ("mails/b.eml", Cause.UNREADABLE),
    ]


def test_mailbox_that_lost_its_first_line_is_still_a_mailbox(tmp_path):
    path = written(tmp_path / "old", mbox(ONE, TWO, THREE).partition(b"\n")[2])

    assert [(raw.place, raw.raw) for raw in read(path)] == [
        ("old, e-mail 1", ONE),
        ("old, e-mail 2", TWO),
        ("old, e-mail 3", THREE),
    ]


def test_eml_with_a_line_that_begins_with_from_is_one_e_mail_byte_for_byte(tmp_path):
    raw = mail(text="Hello,\n\nFrom today we pay faster.\n>From there on.\n")

    assert read(written(tmp_path / "one.eml", raw)) == [RawMail("one.eml", 1, raw)]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_content_of_a_mail_is_the_same_whatever_its_line_ends(line_end):
    text = b"a" * 1_048_570 + b"\nb\nc\n\n"
    raw = RawMail("a", 1, text.replace(b"\n", line_end))

    assert raw.content == text.rstrip(b"\n") + b"\n"
    assert raw.digest == RawMail("a", 1, text).digest
