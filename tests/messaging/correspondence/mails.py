"""Old e-mails as mail programs write them."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

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
