"""Why a row was left out or a run failed: kept as a code with plain values, a sentence when somebody reads it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.values.text import escaped


class RunFailure(StrEnum):
    """Why a file was not imported."""

    UNUSABLE = "UNUSABLE"
    GONE = "GONE"
    CHANGED = "CHANGED"
    TOO_LONG = "TOO_LONG"
    DIED = "DIED"
    STOPPED = "STOPPED"
    BROKE = "BROKE"


FAILURES: dict[RunFailure, str | Promise] = {
    RunFailure.UNUSABLE: _("The file %(said)s. Nothing of it was imported."),
    RunFailure.GONE: _("The uploaded file is no longer in the storage. Upload it again."),
    RunFailure.CHANGED: _(
        "The file in the storage is not the one that was uploaded: its SHA-256 differs. Nothing was imported. Upload "
        "the file again, and tell whoever looks after the storage."
    ),
    RunFailure.TOO_LONG: _(
        "It took longer than a task may. Import the file with the command, or upload it in parts. What was applied "
        "stays; the same file again changes nothing twice."
    ),
    RunFailure.DIED: _(
        "It was begun %(tries)s times, and its worker was stopped each time. What was applied stays; upload the file "
        "again, which changes nothing twice."
    ),
    RunFailure.STOPPED: _(
        "The command was stopped before its end. What was applied stays; run it again, which changes nothing twice."
    ),
    RunFailure.BROKE: _(
        "It failed by a fault of the portal (%(error)s), which is in the log. What was applied stays; the same file "
        "again changes nothing twice."
    ),
}


class RejectCause(StrEnum):
    """Why a row was left out."""

    READER = "READER"
    """What the reader of its format answered: its own words, as data."""


def of_reject(said: str) -> tuple[RejectCause, dict[str, Any]]:
    """Return what is kept of why a row was left out."""
    return RejectCause.READER, {"said": escaped(said)}


def reject_words(code: str, values: Mapping[str, Any]) -> str:
    """Return why a row was left out, as a sentence."""
    match RejectCause(code):
        case RejectCause.READER:
            said = str(values["said"])
            return f"{said[:1].upper()}{said[1:]}."


def failure_words(code: str, values: Mapping[str, Any]) -> str:
    """Return why a run failed, as a sentence; "" for one that didn't."""
    return str(FAILURES[RunFailure(code)]) % values if code else ""
