"""What the pages of one claim show, as ready strings: head, decision cards, files, the facts of its details.

Read by sellers' pages and by the desk alike; nothing here knows a request.
"""

from claims.sheet.appeals import AppealForm, Choice, GroundRow, appeal_form, ground_rows
from claims.sheet.decisions import DecisionCard, DecisionRow, decision_card, decision_cards
from claims.sheet.details import Details, EvidenceSlot, LineRow, details
from claims.sheet.files import FileChip, chip
from claims.sheet.head import Head, head
from claims.sheet.refusals import after_withdrawal, refusal_words
from claims.sheet.words import linked

__all__ = [
    "AppealForm",
    "Choice",
    "DecisionCard",
    "DecisionRow",
    "Details",
    "EvidenceSlot",
    "FileChip",
    "GroundRow",
    "Head",
    "LineRow",
    "after_withdrawal",
    "appeal_form",
    "chip",
    "decision_card",
    "decision_cards",
    "details",
    "ground_rows",
    "head",
    "linked",
    "refusal_words",
]
