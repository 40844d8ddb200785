"""The words for every code: one sentence each, for page, e-mail, guard and admin alike.

A sentence is looked up by its code and filled with named values; none is written twice in templates. Moments, amounts
and lists come from `claims.text.formats`. Nothing here reads a row or a clock.
"""

from claims.text.appeals import ground
from claims.text.batches import batch_file, batch_result, batch_row, reason_by_label
from claims.text.budgets import not_kept_by_itself, used_up
from claims.text.caps import why_most
from claims.text.cause_names import cause_name, refund_state, standing_causes
from claims.text.causes import DESK_ONLY_CAUSES, CauseWords, cause, rule_in_words
from claims.text.context import Ctx
from claims.text.decisions import (
    ReasonWords,
    contradiction,
    decision_detail_label,
    decision_reason,
    decision_reason_name,
    sent_back_why,
)
from claims.text.files import active_content, files_settled, not_accepted_line, not_accepted_why, unchecked
from claims.text.problems import filing_problem, not_settled, redaction_problem, unsendable
from claims.text.reasons import asked_things, reason_help, reason_label, slot_name, slot_title, sub_reason_label, things
from claims.text.refusals import now_stands, refusal
from claims.text.statuses import Badge, badge, verb_label

__all__ = [
    "DESK_ONLY_CAUSES",
    "Badge",
    "CauseWords",
    "Ctx",
    "ReasonWords",
    "active_content",
    "asked_things",
    "badge",
    "batch_file",
    "batch_result",
    "batch_row",
    "cause",
    "cause_name",
    "contradiction",
    "decision_detail_label",
    "decision_reason",
    "decision_reason_name",
    "files_settled",
    "filing_problem",
    "ground",
    "not_accepted_line",
    "not_accepted_why",
    "not_kept_by_itself",
    "not_settled",
    "now_stands",
    "reason_by_label",
    "reason_help",
    "reason_label",
    "redaction_problem",
    "refund_state",
    "refusal",
    "rule_in_words",
    "sent_back_why",
    "slot_name",
    "slot_title",
    "standing_causes",
    "sub_reason_label",
    "things",
    "unchecked",
    "unsendable",
    "used_up",
    "verb_label",
    "why_most",
]
