"""Which words of a payment row speak of SAFE-T: those we know, and those we don't, which are kept and told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from claims.imports import values

_SPOKEN = re.compile(r"(?i:safe[-\s_\u2010-\u2015]+t)(?![a-z])|SAFET(?![a-z])|\b(?i:safet)\b")
_KNOWN = frozenset(
    values.letters(words)
    for words in (
        "SAFE-T Reimbursement",
        "SAFE-T-Erstattung",  # date-range report and settlement of Amazon.de
        "Remboursement SAFE-T",  # date-range report of Amazon.fr
        "Reembolso de SAFE-T",  # date-range reports of Amazon.es and Amazon.com.mx
        "SAFE-T返金",  # date-range report of Amazon.co.jp
        "SAFE-T Reimbursement Reversal",
        "Reversal - SAFE-T Reimbursement",
    )
)
_REVERSALS = ("reversal", "storno", "annul", "reversión", "reversion")


@lru_cache(maxsize=4096)
def speaks_of_it(words: str) -> bool:
    """Whether a cell names SAFE-T, in any language: the name is the same in all."""
    return bool(_SPOKEN.search(words)) or "safetreimbursement" in values.letters(words)


@lru_cache(maxsize=4096)
def is_known(words: str) -> bool:
    """Whether a cell says that a SAFE-T reimbursement was paid, or taken back, in words that are known."""
    return values.letters(words) in _KNOWN


def doubt(cells: Iterable[str], amount: int) -> str:
    """Return what is unsure about a row that speaks of SAFE-T, "" where nothing is."""
    spoken = [cell for cell in cells if cell and speaks_of_it(cell)]
    if not any(is_known(cell) for cell in spoken):
        return f'speaks of SAFE-T in words that aren\'t known: "{" · ".join(spoken)[:120]}"'
    if amount > 0 and any(word in cell.casefold() for cell in spoken for word in _REVERSALS):
        return "takes a SAFE-T reimbursement back with an amount above zero"
    return ""
