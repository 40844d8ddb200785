"""What the pages of one claim and its e-mails tell besides the claim's own row, read in one statement.

Plain values: what a turn card, a decision card or the details are worded from, whoever reads them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.models import Role
from claims.models import Claim
from claims.text import formats


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """A claim line. `refunded_minor` is what the refund line came to, None where no refund is known; `is_free` whether
    any of it is held by no claim now.
    """

    pk: int
    title: str
    sku: str
    asin: str
    quantity: int
    reason: str
    claimed_minor: int
    granted_minor: int
    refunded_minor: int | None
    closes_at: datetime | None
    is_free: bool


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """What a decision gave one claim line, and why not all: (code, what its sentence names)."""

    title: str
    sku: str
    quantity: int
    claimed_minor: int
    granted_minor: int
    reasons: tuple[tuple[str, dict[str, Any]], ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision. `by` is the handler's name, for the desk's eyes only, and "" for a decision by the portal; so is
    `confirmed_by`, the second handler's. `looked_at` are the names of the files they had opened."""

    number: int
    position: int
    at: datetime
    stage: str
    status: str
    by: str
    granted_minor: int
    words: str
    erased_at: datetime | None
    rule_key: str
    rule_version: int
    rule_name: str
    lines: tuple[DecidedLine, ...]
    looked_at: tuple[str, ...] = ()
    confirmed_by: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The last request for information. `items` are (slot, own words, whether it was answered)."""

    at: datetime
    reply_by: datetime
    closed_at: datetime | None
    items: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Objected:
    """What an appeal, filed at `at`, says is wrong with what an item was given."""

    at: datetime
    code: str
    title: str
    sku: str


@dataclass(frozen=True, slots=True)
class Payment:
    """Money booked on the claim by the marketplace; negative: taken back."""

    at: datetime
    amount_minor: int
    currency: str
    reference: str


@dataclass(frozen=True, slots=True)
class DeadlineMoved:
    """The last time a deadline of the claim was moved: which (REPLY_BY, APPEAL_BY), from when to when, and why."""

    deadline: str
    was: datetime
    now_is: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the claim's seller."""

    name: str
    role: str

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True, slots=True)
class ClaimSnapshot:
    """`moved_by` is the name of who made the last status change, "" where the portal did. Payments oldest first."""

    lines: tuple[SnapshotLine, ...]
    decisions: tuple[Decided, ...]
    payments: tuple[Payment, ...]
    asked: Asked | None
    appealed_at: datetime | None
    objected: tuple[Objected, ...]
    people: tuple[Person, ...]
    moved_verb: str
    moved_at: datetime | None
    moved_by: str
    deadline_moved: DeadlineMoved | None = None

    @property
    def owners(self) -> str:
        """The names of the owners, for "{owner_names} can."."""
        return formats.and_list([one.name for one in self.people if one.role == Role.OWNER])

    @property
    def last_decision(self) -> Decided | None:
        return self.decisions[-1] if self.decisions else None


_NAME = "coalesce(nullif(u.name, ''), u.email, '')"
_SQL = f"""
SELECT
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'pk', l.id, 'title', l.title, 'sku', l.sku, 'asin', l.asin, 'quantity', l.quantity, 'reason', l.reason,
      'claimed_minor', l.claimed_minor, 'granted_minor', l.granted_minor, 'refunded_minor', r.amount_minor,
      'closes_at', l.closes_at, 'is_free', coalesce(r.held_quantity < r.quantity, false)) ORDER BY l.id), '[]')
     FROM claims_claimline l LEFT JOIN claims_refundline r ON r.id = l.refund_line_id
    WHERE l.claim_id = %(claim)s),
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'number', d.number, 'position', d.position, 'at', d.at, 'stage', d.stage, 'status', d.status, 'by', {_NAME},
      'looked_at', (SELECT coalesce(jsonb_agg(a.name ORDER BY a.id), '[]') FROM claims_decisionevidence x
                      JOIN claims_attachment a ON a.id = x.attachment_id WHERE x.decision_id = d.id),
      'confirmed_by', (SELECT coalesce(nullif(v.name, ''), v.email) FROM accounts_user v
                        WHERE v.id = d.confirmed_by_id),
      'granted_minor', d.granted_minor, 'words', d.words, 'erased_at', d.erased_at,
      'rule_key', coalesce(p.key, ''), 'rule_version', coalesce(p.version, 0), 'rule_name', coalesce(p.name, ''),
      'lines', (SELECT coalesce(jsonb_agg(jsonb_build_object(
          'title', l.title, 'sku', l.sku, 'quantity', l.quantity, 'claimed_minor', l.claimed_minor,
          'granted_minor', g.amount_minor,
          'reasons', (SELECT coalesce(jsonb_agg(jsonb_build_array(w.code, w.params) ORDER BY w.id), '[]')
                        FROM claims_decisionlinereason w WHERE w.line_id = g.id)) ORDER BY g.id), '[]')
        FROM claims_decisionline g JOIN claims_claimline l ON l.id = g.claim_line_id WHERE g.decision_id = d.id)
      ) ORDER BY d.number), '[]')
     FROM claims_decision d LEFT JOIN accounts_user u ON u.id = d.by_id
     LEFT JOIN claims_policyrule p ON p.id = d.policy_rule_id
    WHERE d.claim_id = %(claim)s),
  (SELECT coalesce(jsonb_agg(jsonb_build_array(e.at, e.amount_minor, e.currency, e.reference)
      ORDER BY e.at, e.id), '[]')
     FROM claims_ledgerentry e WHERE e.claim_id = %(claim)s AND e.kind IN ('PAID', 'REVERSED')),
  (SELECT jsonb_build_object('at', q.at, 'reply_by', q.reply_by, 'closed_at', q.closed_at, 'items',
      (SELECT coalesce(jsonb_agg(jsonb_build_array(i.slot, i.words, i.answered_at IS NOT NULL) ORDER BY i.id), '[]')
         FROM claims_informationitem i WHERE i.request_id = q.id))
     FROM claims_informationrequest q WHERE q.claim_id = %(claim)s ORDER BY q.at DESC, q.id DESC LIMIT 1),
  (SELECT a.at FROM claims_appeal a WHERE a.claim_id = %(claim)s ORDER BY a.number DESC LIMIT 1),
  (SELECT coalesce(jsonb_agg(jsonb_build_array(a.at, g.code, l.title, l.sku) ORDER BY g.id), '[]')
     FROM claims_appeal a JOIN claims_appealground g ON g.appeal_id = a.id
     JOIN claims_claimline l ON l.id = g.claim_line_id
    WHERE a.claim_id = %(claim)s),
  (SELECT coalesce(jsonb_agg(jsonb_build_array({_NAME}, m.role) ORDER BY m.id), '[]')
     FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
    WHERE m.seller_id = %(seller)s AND m.is_active),
  (SELECT jsonb_build_object('verb', s.verb, 'at', s.at, 'by', {_NAME})
     FROM claims_statuschange s LEFT JOIN accounts_user u ON u.id = s.actor_id
    WHERE s.claim_id = %(claim)s ORDER BY s.position DESC LIMIT 1),
  (SELECT jsonb_build_object('deadline', v.deadline, 'was', v.was, 'now_is', v.now_is, 'why', v.why)
     FROM claims_deadlinemove v WHERE v.claim_id = %(claim)s ORDER BY v.position DESC LIMIT 1)
"""  # noqa: S608 - put together from our own words, no value of anybody's


def load_snapshot(claim: Claim) -> ClaimSnapshot:
    """Return the snapshot of the claim. One query, however long its history."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"claim": claim.pk, "seller": claim.seller_id})
        lines, decisions, payments, asked, appealed_at, objected, people, move, deadline = cursor.fetchone()
    last = _json(move) or {"verb": "", "at": None, "by": ""}
    return ClaimSnapshot(
        lines=tuple(SnapshotLine(**{**row, "closes_at": _moment(row["closes_at"])}) for row in _json(lines)),
        decisions=tuple(_decided(row) for row in _json(decisions)),
        payments=tuple(Payment(datetime.fromisoformat(at), *rest) for at, *rest in _json(payments)),
        asked=_asked(_json(asked)),
        appealed_at=appealed_at,
        objected=tuple(Objected(datetime.fromisoformat(at), *rest) for at, *rest in _json(objected)),
        people=_people(_json(people)),
        moved_verb=last["verb"],
        moved_at=_moment(last["at"]),
        moved_by=last["by"],
        deadline_moved=_deadline(_json(deadline)),
    )


def _deadline(row: dict[str, Any] | None) -> DeadlineMoved | None:
    if row is None:
        return None
    was, now_is = datetime.fromisoformat(row["was"]), datetime.fromisoformat(row["now_is"])
    return DeadlineMoved(row["deadline"], was, now_is, row["why"])


def _decided(row: dict[str, Any]) -> Decided:
    lines = tuple(
        DecidedLine(**{**line, "reasons": tuple((code, params) for code, params in line["reasons"])})
        for line in row.pop("lines")
    )
    at, erased_at = datetime.fromisoformat(row.pop("at")), _moment(row.pop("erased_at"))
    looked_at, confirmed_by = tuple(row.pop("looked_at")), row.pop("confirmed_by") or ""
    return Decided(**row, at=at, erased_at=erased_at, lines=lines, looked_at=looked_at, confirmed_by=confirmed_by)


def _people(rows: list[list[str]]) -> tuple[Person, ...]:
    """Return the members, owners first, then by name."""
    people = [Person(name, role) for name, role in rows]
    rank = list(Role)
    return tuple(sorted(people, key=lambda one: (rank.index(Role(one.role)), one.name.casefold())))


def _asked(row: dict[str, Any] | None) -> Asked | None:
    if row is None:
        return None
    items = tuple((slot, words, answered) for slot, words, answered in row["items"])
    at, reply_by = datetime.fromisoformat(row["at"]), datetime.fromisoformat(row["reply_by"])
    return Asked(at, reply_by, _moment(row["closed_at"]), items)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
