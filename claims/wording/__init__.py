"""The words for every code: one sentence each, for page, e-mail, guard and admin alike.

A sentence is looked up by its code and filled with named values; none is written twice in templates. Moments, amounts
and lists come from `claims.display`. Nothing here reads a row or a clock.
"""

from claims.wording.appeals import ground
from claims.wording.batches import batch_file, batch_result, batch_row, reason_by_label
from claims.wording.budgets import not_kept_by_itself, used_up
from claims.wording.caps import why_most
from claims.wording.cause_names import cause_name, refund_state, standing_causes
from claims.wording.causes import DESK_ONLY_CAUSES, CauseWords, cause, rule_in_words
from claims.wording.context import Ctx
from claims.wording.decisions import (
    ReasonWords,
    contradiction,
    decision_detail_label,
    decision_reason,
    decision_reason_name,
)
from claims.wording.files import active_content, files_settled, not_accepted_line, not_accepted_why, unchecked
from claims.wording.reasons import (
    asked_things,
    reason_help,
    reason_label,
    slot_name,
    slot_title,
    sub_reason_label,
    things,
)
from claims.wording.refusals import now_stands, refusal
from claims.wording.statuses import Badge, badge, verb_label
from claims.wording.writing import filing_problem, not_settled, unexplained, unsendable

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
    "refund_state",
    "refusal",
    "rule_in_words",
    "slot_name",
    "slot_title",
    "standing_causes",
    "sub_reason_label",
    "things",
    "unchecked",
    "unexplained",
    "unsendable",
    "used_up",
    "verb_label",
    "why_most",
]
