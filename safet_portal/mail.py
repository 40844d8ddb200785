"""Where e-mails go when no EMAIL_URL says otherwise: a folder, one ``.eml`` a message, to be opened or looked at."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


class EmlFileBackend(BaseEmailBackend):
    """Writes each message under ``settings.MAIL_DIR``; names sort by time, a file is whole as soon as it is seen."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.MAIL_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}"
            half = folder / f".{name}.half"
            half.write_bytes(message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
            half.rename(folder / f"{name}.eml")
        return len(email_messages)
