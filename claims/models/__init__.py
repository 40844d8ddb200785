"""Rows and constraints: what was refunded, what is claimed, and what is true of each claim."""

from claims.models.appeals import AppealGround
from claims.models.batches import Batch, BatchRow
from claims.models.claims import Claim, ClaimLine, StatusChange, new_claim_id
from claims.models.deadline_moves import DeadlineMove
from claims.models.decisions import (
    Appeal,
    Decision,
    DecisionLine,
    DecisionLineReason,
    InformationItem,
    InformationRequest,
)
from claims.models.desk_work import Assignment, DecisionEvidence, FileOpened, ProposedDecision
from claims.models.files import Attachment, Draft, EvidencePack, FileRefusal, SellerStorage
from claims.models.imports import ImportReject, ImportRun
from claims.models.ledger import LedgerEntry, UnmatchedPayment
from claims.models.policy import ClockRule, Outage, PolicyRule
from claims.models.read_marks import ReadMark, Unseen, Visit
from claims.models.redactions import AppealRelease, Redaction
from claims.models.refunds import (
    BARRED,
    CLAIMED,
    FREE,
    Order,
    Refund,
    RefundComponent,
    RefundLine,
    RefundReversal,
    Return,
)
from claims.models.statistics import DayStatistics

__all__ = [
    "BARRED",
    "CLAIMED",
    "FREE",
    "Appeal",
    "AppealGround",
    "AppealRelease",
    "Assignment",
    "Attachment",
    "Batch",
    "BatchRow",
    "Claim",
    "ClaimLine",
    "ClockRule",
    "DayStatistics",
    "DeadlineMove",
    "Decision",
    "DecisionEvidence",
    "DecisionLine",
    "DecisionLineReason",
    "Draft",
    "EvidencePack",
    "FileOpened",
    "FileRefusal",
    "ImportReject",
    "ImportRun",
    "InformationItem",
    "InformationRequest",
    "LedgerEntry",
    "Order",
    "Outage",
    "PolicyRule",
    "ProposedDecision",
    "ReadMark",
    "Redaction",
    "Refund",
    "RefundComponent",
    "RefundLine",
    "RefundReversal",
    "Return",
    "SellerStorage",
    "StatusChange",
    "UnmatchedPayment",
    "Unseen",
    "Visit",
    "new_claim_id",
]
