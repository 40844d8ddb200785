"""What a failed attempt means: try again, bounced, given up; and whether the mail server itself is out of reach."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from enum import Enum


class AfterFailure(Enum):
    """What becomes of an e-mail after an attempt that failed: it is tried again, or it ends."""

    RETRY = "retry"
    BOUNCED = "bounced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What to do about an attempt that failed.

    `gone`: the connection can no longer be used. `untouched`: the server surely took nothing of this e-mail.
    """

    then: AfterFailure
    cause: str
    gone: bool = False
    untouched: bool = False


CLOSING = 421


def of(error: Exception) -> DeliveryResult:
    """Return what the error of an attempt means."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _refused(error)
        case smtplib.SMTPSenderRefused():
            # Nothing about the recipient: an operator mends the sender's set-up, and then all of it goes out.
            gone = error.smtp_code == CLOSING
            return DeliveryResult(
                AfterFailure.RETRY, _said(error.smtp_code, error.smtp_error), gone=gone, untouched=True
            )
        case smtplib.SMTPDataError():
            then = AfterFailure.FAILED if _permanent(error.smtp_code) else AfterFailure.RETRY
            return DeliveryResult(then, _said(error.smtp_code, error.smtp_error), gone=error.smtp_code == CLOSING)
        case smtplib.SMTPServerDisconnected() | OSError():  # all of smtplib's errors are an OSError, and time-outs
            return DeliveryResult(AfterFailure.RETRY, _named(error), gone=True)
        case _:
            return DeliveryResult(AfterFailure.RETRY, _named(error))


def _refused(error: smtplib.SMTPRecipientsRefused) -> DeliveryResult:
    code, text = next(iter(error.recipients.values()), (0, b""))
    then = AfterFailure.BOUNCED if _permanent(code) else AfterFailure.RETRY
    return DeliveryResult(then, _said(code, text), gone=code == CLOSING, untouched=True)


def _permanent(code: int) -> bool:
    return 500 <= code < 600


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"


def _named(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"
