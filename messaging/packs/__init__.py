"""The evidence pack: a claim with its thread, decisions and files, to take away and to check later."""

from messaging.packs.request import (
    NotMade,
    PackFailed,
    PackState,
    ask,
    delete_old,
    make,
    of_claim,
    past,
    refused_words,
    shown,
    waiting,
)

__all__ = [
    "NotMade",
    "PackFailed",
    "PackState",
    "ask",
    "delete_old",
    "make",
    "of_claim",
    "past",
    "refused_words",
    "shown",
    "waiting",
]
