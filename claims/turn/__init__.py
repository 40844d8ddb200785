"""The turn card, for sellers and for the desk."""

from claims.turn.desk import DESK_VERBS, DeskCard, SinceFirst, desk_card, whose_turn
from claims.turn.seller import (
    TurnCard,
    appeal_line,
    card,
    payment,
    short_line,
)
from claims.turn.told import Story, first_result, reasons_of, story, things_asked

__all__ = [
    "DESK_VERBS",
    "DeskCard",
    "SinceFirst",
    "Story",
    "TurnCard",
    "appeal_line",
    "card",
    "desk_card",
    "first_result",
    "payment",
    "reasons_of",
    "short_line",
    "story",
    "things_asked",
    "whose_turn",
]
