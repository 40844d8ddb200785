"""No two people's words in one e-mail, whatever wrote the mailbox and whatever they wrote. Over generated mailboxes.

Each writer has a word of their own. A mailbox is written in the dialect of some program, escaped or not, with bodies
that hold "From " lines, header blocks, quotes and parts; some have lost a separator line.
"""

from __future__ import annotations

import email.message
import email.policy
import tempfile
from base64 import encodebytes
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.correspondence.parse import Mail, parse
from messaging.correspondence.reader import RawMail, find_sources, read_mails

SEPARATORS = (
    "From - Tue Nov  3 10:06:00 2026", "From - Tue Nov 03 2026 10:06:00", "From ???@??? Tue Nov  3 10:06:00 2026",
    "From 182625943453455425@xxx Tue Nov 03 10:06:00 +0000 2026", "From {sender} Tue Nov  3 10:06:00 2026",
    "From {sender} Di Nov  3 10:06:00 2026", "From {sender} mar. nov.  3 10:06:00 2026",
    "From {sender} 2026-11-03T10:06:00Z", "From {sender} 2026-11-03 10:06:00 +0100", "From ", "From - ", "From -",
    "From MAILER-DAEMON", "From {sender}", "From {sender} 2026年11月3日 10:06", "From {sender} 03/11/26 10.06.00",
)  # fmt: skip
LINES = (
    "We sent the parcel on Monday.", "From Berlin it took three days.", "From: the depot", "Date: soon", "",
    "> From: Somebody <somebody@x.example>", "Subject: what we talked of", "-----Original Message-----",
    "On Mon, 5 Oct 2026 at 10:12, Desk <desk@desk.example> wrote:", "> Please send us the proof.", "--b", "--b--",
    "begin 644 x.txt", "end", "-- ", ">From here on", "Content-Type: text/plain", "X: y", "\tindented", "From",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """An e-mail before it went into a mailbox: its writer's word is in all it says."""

    word: str
    lines: tuple[str, ...]
    form: str
    header: int

    def content(self) -> str:
        fields = [
            f"Message-ID: <{self.word}@{self.word}.example>",
            f"From: {self.word} <{self.word}@{self.word}.example>",
            "To: safe-t@desk.example",
            "Date: Tue, 3 Nov 2026 11:00:00 +0000",
            f"Subject: about {self.word}",
        ]
        if self.header == 1:
            fields = [fields[1], fields[2], fields[4], fields[3]]
        elif self.header == 2:
            fields.insert(0, "Received: from a.example by b.example; Tue, 3 Nov 2026 11:00:05 +0000")
        text = (
            "\n".join(f"{line} {self.word}" if line.endswith(".") else line for line in self.lines) + f"\n{self.word}\n"
        )
        match self.form:
            case "base64":
                fields += ["MIME-Version: 1.0", "Content-Type: text/plain", "Content-Transfer-Encoding: base64"]
                text = encodebytes(text.encode()).decode()
            case "mixed":
                fields += ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="bb"']
                file = '--bb\nContent-Type: text/plain; name="n.txt"\nContent-Disposition: attachment\n\n'
                file += f"file of {self.word}\n"
                text = f"--bb\nContent-Type: text/plain\n\n{text}\n{file}--bb--\n"
            case "unclosed":
                fields += ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="bb"']
                text = f"--bb\nContent-Type: text/plain\n\n{text}\n"
            case "html":
                fields += ["MIME-Version: 1.0", "Content-Type: text/html"]
                text = f"<p>{text}</p>\n"
        return "\n".join(fields) + "\n\n" + text


@dataclass(frozen=True)
class Dialect:
    """How a program writes a mailbox. `lost` is the place at which the separator line got lost, -1 for none."""

    separator: str
    escapes: bool
    line_end: str
    blank_between: bool
    lost: int

    def mailbox(self, mails: list[Written]) -> bytes:
        out = ""
        for number, one in enumerate(mails):
            text = one.content()
            if self.escapes:
                lines = text.split("\n")
                text = "\n".join(">" + line if f"{line.lstrip('>')} ".startswith("From ") else line for line in lines)
            separator = self.separator.format(sender=f"{one.word}@{one.word}.example")
            if number != self.lost or number == 0:
                out += separator + "\n"
            out += text + ("\n" if self.blank_between else "")
        return out.replace("\n", self.line_end).encode()


words = st.lists(st.sampled_from(["alphaqq", "bravoqq", "deltaqq", "gammaqq"]), min_size=2, max_size=4, unique=True)
bodies = st.lists(st.sampled_from(LINES), max_size=6).map(tuple)
forms = st.sampled_from(["plain", "base64", "mixed", "unclosed", "html"])
dialects = st.builds(
    Dialect,
    separator=st.sampled_from(SEPARATORS),
    escapes=st.booleans(),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    blank_between=st.booleans(),
    lost=st.integers(-1, 3),
)


@st.composite
def mailboxes(draw: st.DrawFn) -> tuple[Dialect, list[Written]]:
    mails = [Written(word, draw(bodies), draw(forms), draw(st.integers(0, 2))) for word in draw(words)]
    return draw(dialects), mails


def read(content: bytes) -> list[Mail]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "old.mbox")
        path.write_bytes(content)
        raws = [raw for source in find_sources([path]) for raw in read_mails(source)]
    assert all(isinstance(raw, RawMail) for raw in raws)
    return [mail for raw in raws if isinstance(raw, RawMail) and isinstance(mail := parse(raw.raw), Mail)]


def said_in(mail: Mail) -> str:
    files = b"\n".join(file.content for file in mail.files).decode("utf-8", "replace")
    return "\n".join([mail.subject, mail.text, mail.quoted, mail.written_by, files, *(f.name for f in mail.files)])


@settings(max_examples=400, deadline=None)
@given(mailboxes())
def test_no_two_senders_words_are_in_one_entry(mailbox: tuple[Dialect, list[Written]]) -> None:
    dialect, mails = mailbox

    for found in read(dialect.mailbox(mails)):
        of = [one.word for one in mails if one.word in said_in(found)]
        assert len(of) <= 1 or found.several, f"{of} in one entry, and not in quarantine"


@settings(max_examples=200, deadline=None)
@given(mailboxes())
def test_an_escaped_mailbox_gives_back_each_mail_and_no_other(mailbox: tuple[Dialect, list[Written]]) -> None:
    dialect, mails = mailbox
    whole = Dialect(dialect.separator, True, dialect.line_end, True, -1)

    found = read(whole.mailbox(mails))

    assert [one.senders for one in found] == [(f"{one.word}@{one.word}.example",) for one in mails]
    assert [one.word in said_in(mail) for one, mail in zip(mails, found, strict=True)] == [True] * len(mails)


def test_a_mail_written_by_the_standard_library_is_read_back() -> None:
    """Python's own writer as one more program."""
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["Subject"] = "a@b.example", "x" * 200
    message.set_content("Words – größer.\n\nFrom here.\n")

    mail = parse(message.as_bytes())

    assert isinstance(mail, Mail)
    assert (mail.text, mail.subject) == ("Words – größer.\n\nFrom here.", "x" * 200)
