"""The turn card, for sellers and for the desk."""

from claims.turn.desk import DESK_VERBS, DeskCard, SinceFirst, desk_card, whose_turn
from claims.turn.draft import STEPS, draft_card, file_by_line, is_complete, step_of
from claims.turn.seller import (
    Button,
    TurnCard,
    appeal_line,
    card,
    payment,
    short_line,
)
from claims.turn.told import Story, first_result, reasons_of, story, things_asked

__all__ = [
    "DESK_VERBS",
    "STEPS",
    "Button",
    "DeskCard",
    "SinceFirst",
    "Story",
    "TurnCard",
    "appeal_line",
    "card",
    "desk_card",
    "draft_card",
    "file_by_line",
    "first_result",
    "is_complete",
    "payment",
    "reasons_of",
    "short_line",
    "step_of",
    "story",
    "things_asked",
    "whose_turn",
]
