"""Old e-mails as mail programs write them."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from django.utils import timezone

from claims.models import Claim
from messaging.correspondence import store_mail
from messaging.correspondence.matcher import Side
from messaging.correspondence.parse import Mail, parse
from messaging.correspondence.reader import RawMail
from messaging.models import OriginalMail
from tests.adopted import CLAIM

DESK = ("safe-t@desk.example",)


def mail(
    text: str = "Please look at the photo.",
    subject: str = f"Re: SAFE-T claim {CLAIM}",
    sender: str = "Seller A <support@seller-a.example>",
    to: str = "SAFE-T team <safe-t@desk.example>",
    date: str = "Fri, 22 Aug 2025 11:30:00 +0200",
    mail_id: str = "<s1@seller-a.example>",
    html: str = "",
    files: dict[str, tuple[bytes, str]] | None = None,
) -> bytes:
    """An e-mail with LF line ends; a field that is empty is left out. `files`: name → (content, type as claimed)."""
    message = EmailMessage()
    for name, value in {"From": sender, "To": to, "Subject": subject, "Date": date, "Message-ID": mail_id}.items():
        if value:
            message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, (content, media_type) in (files or {}).items():
        maintype, _, subtype = media_type.partition("/")
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return message.as_bytes()


def mbox(*mails: bytes, separator: bytes = b"From MAILER-DAEMON Sun Nov 22 22:59:30 2026") -> bytes:
    """The e-mails as one mbox: a line that begins with "From " is escaped, an empty line follows each."""
    out = b""
    for raw in mails:
        lines = raw.rstrip(b"\n").split(b"\n")
        escaped = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
        out += separator + b"\n" + b"\n".join(escaped) + b"\n\n"
    return out


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def with_fields(*fields: str, content: str = "Content-Type: text/plain", body: bytes = b"Hello.\n") -> bytes:
    """An e-mail of the seller about the claim, written by hand: with these fields besides, in this order."""
    start = (
        "From: Seller A <support@seller-a.example>",
        "To: SAFE-T team <safe-t@desk.example>",
        f"Subject: Re: SAFE-T claim {CLAIM}",
        "Date: Fri, 22 Aug 2025 11:30:00 +0200",
        "MIME-Version: 1.0",
    )
    return "\n".join((*start, *fields, content, "", "")).encode() + body


def many_parts(number: int) -> bytes:
    """Words and so many files less one, each of a few bytes."""
    parts = [b"--b\nContent-Type: text/plain\n\nHello.\n"]
    parts += [b'--b\nContent-Disposition: attachment; filename="%d.txt"\n\n%d\n' % (n, n) for n in range(1, number)]
    return with_fields(content='Content-Type: multipart/mixed; boundary="b"', body=b"".join(parts) + b"--b--\n")


def deep_multipart(depth: int) -> bytes:
    """Multiparts one in the other, words in the innermost."""
    inner = b"Content-Type: text/plain\n\nHello.\n"
    for level in range(depth - 1, 0, -1):
        begins = b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level)
        inner = begins + inner + b"--b%d--\n" % level
    return with_fields(content='Content-Type: multipart/mixed; boundary="b0"', body=b"--b0\n" + inner + b"--b0--\n")


def deep_forwards(depth: int) -> bytes:
    """E-mails one forwarded within the other, as programs that forward as an attachment make them."""
    inner = b"From: buyer@example.net\nSubject: The first\n\nHello.\n"
    for level in range(depth - 1):
        inner = b"From: buyer@example.net\nSubject: Fwd %d\nContent-Type: message/rfc822\n\n" % level + inner
    return with_fields(
        content='Content-Type: multipart/mixed; boundary="b"',
        body=b"--b\nContent-Type: text/plain\n\nSee below.\n--b\nContent-Type: message/rfc822\n\n" + inner + b"--b--\n",
    )


def long_header(size: int = 1024 * 1024) -> bytes:
    """One field of so many bytes, in one line."""
    return with_fields("X-Long: " + "a" * size)


def folded_header(size: int = 1024 * 1024) -> bytes:
    """One field of so many bytes, folded to lines of 76."""
    return with_fields("X-Folded: a" + ("\n " + "a" * 75) * (size // 76))


def put_into(claim: Claim, content: bytes, side: Side = Side.SELLER) -> OriginalMail:
    """Put an e-mail into the thread of the claim, as an import does, and return the row of its original."""
    raw, parsed = RawMail("old.mbox", 1, content), parse(content)
    assert isinstance(parsed, Mail)
    store_mail.import_mail([store_mail.ForThread(raw, parsed, side, claim.pk)], timezone.now())
    return OriginalMail.objects.get(sha256=raw.digest)
