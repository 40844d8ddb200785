"""The e-mail backend that writes files, and the SMTP path to a real server."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection, send_mail

from safet_portal.mail import EmlFileBackend
from tests.servers import MailSink


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MAIL_DIR = tmp_path / "mail"
    return settings.MAIL_DIR


def test_each_message_becomes_one_whole_file(folder: Path) -> None:
    message = EmailMultiAlternatives("Süß", "Text\n", "from@example.com", ["to@example.com"])
    message.attach_alternative("<p>HTML</p>", "text/html")
    assert EmlFileBackend().send_messages([message, message]) == 2
    files = sorted(folder.iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    read = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    body = read.get_body(("plain",))
    assert body is not None
    assert (read["Subject"], read["To"], body.get_content().strip()) == ("Süß", "to@example.com", "Text")
    assert folder.stat().st_mode & 0o777 == 0o700


def test_names_sort_by_time(folder: Path) -> None:
    for number in range(3):
        send_mail(str(number), "", None, ["a@example.com"], connection=EmlFileBackend())
    subjects = [email.message_from_bytes(file.read_bytes())["Subject"] for file in sorted(folder.iterdir())]
    assert subjects == ["0", "1", "2"]


def test_smtp_reaches_a_real_server(mail_sink: MailSink) -> None:
    backend = "django.core.mail.backends.smtp.EmailBackend"
    connection = get_connection(backend, host="127.0.0.1", port=mail_sink.port)
    send_mail("Over the wire", "Words", "from@example.com", ["to@example.com"], connection=connection)
    assert [(m["Subject"], m["To"]) for m in mail_sink.messages] == [("Over the wire", "to@example.com")]
