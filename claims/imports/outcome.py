"""What became of rows: of one batch, and of a whole file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from claims.rules.lifecycle import Status


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of the rows of one batch."""

    new: int
    changed: int
    unchanged: int
    rejects: list[tuple[int, str, str]]
    imported: Counter[Status] = field(default_factory=Counter)


@dataclass(slots=True)
class ImportSummary:
    """What became of the rows of a file. `new + changed + unchanged + left_out == read`."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0
    imported: Counter[Status] = field(default_factory=Counter)
    waiting_payments: int = 0
