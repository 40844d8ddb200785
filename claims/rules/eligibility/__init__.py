"""One answer to "can this refund be claimed, until when, and if not, why".

The filing page, the list of refunds, the guard of filing and the importers speak from `assess`. Plain Python: no
Django, no clock. The caller passes the moment and the facts.
"""

from claims.rules.eligibility.assessment import Assessment, State, assess, causes_against
from claims.rules.eligibility.causes import Cause, CauseWithValues
from claims.rules.eligibility.evidence import evidence_of
from claims.rules.eligibility.facts import NOT_COVERED_PROGRAMS, Fulfilment, HeldBy, Issuer, RefundFacts
from claims.rules.eligibility.options import (
    CLOSING_SOON_DAYS,
    COMBINATIONS,
    ReasonOption,
    Span,
    Timing,
    options,
    outlook,
    span,
    timing_said,
)

__all__ = [
    "CLOSING_SOON_DAYS",
    "COMBINATIONS",
    "NOT_COVERED_PROGRAMS",
    "Assessment",
    "Cause",
    "CauseWithValues",
    "Fulfilment",
    "HeldBy",
    "Issuer",
    "ReasonOption",
    "RefundFacts",
    "Span",
    "State",
    "Timing",
    "assess",
    "causes_against",
    "evidence_of",
    "options",
    "outlook",
    "span",
    "timing_said",
]
