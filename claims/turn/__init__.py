"""The turn card, for sellers and for the desk."""

from claims.turn.desk import DESK_VERBS, DeskCard, desk_card, whose_turn
from claims.turn.seller import (
    Button,
    Story,
    TurnCard,
    appeal_line,
    card,
    first_result,
    payment,
    reasons_of,
    short_line,
    story,
    things_asked,
)

__all__ = [
    "DESK_VERBS",
    "Button",
    "DeskCard",
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
