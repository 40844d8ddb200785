"""The kinds of line a thread has: the one table to add to when something new has its place in it.

A new kind takes its position under the claim's lock (`take_position`), like all others, and lives in a table with
(claim_id, at, position) indexed and (claim_id, position) unique. Then one entry here says how it is read, and one
function in `telling` how it is told; order, paging, deep links, the unread line and the live page follow by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from messaging.thread import entry_words
from messaging.thread.entry import Entry
from messaging.thread.entry_words import EntryContext
from messaging.thread.rows import ThreadRow, ThreadTable


@dataclass(frozen=True, slots=True)
class EntryKind:
    """How a table is read, and how its rows are told. `twin`: the position after its own answers to the entry too."""

    reading: ThreadTable
    tell: Callable[[EntryContext, ThreadRow], list[Entry]]
    twin: bool = False


_ASKED = """(SELECT jsonb_agg(jsonb_build_array(i.slot, i.words) ORDER BY i.id)
               FROM claims_informationrequest q JOIN claims_informationitem i ON i.request_id = q.id
              WHERE q.claim_id = t.claim_id AND q.at = t.at AND t.verb = 'REQUEST_INFORMATION')"""

# Only of what came by e-mail: a look-up by a unique key.
_MAIL = """CASE WHEN t.origin = 'IMPORTED' THEN (
    SELECT jsonb_build_object('kind', o.kind, 'subject', o.subject, 'written_by', o.written_by, 'dated_at', o.dated_at,
                              'unsure', o.moment_unsure, 'notes', o.notes)
      FROM messaging_originalmail o WHERE o.message_id = t.id) END"""

_FILE_NAME = "(SELECT a.name FROM claims_attachment a WHERE a.id = t.attachment_id)"

_ALL = (
    EntryKind(
        ThreadTable(
            "message",
            "messaging_message",
            columns={
                "party": "t.party",
                "act": "t.purpose",
                "person_id": "t.author_id",
                "text": "t.text",
                "quoted": "t.quoted",
                "erased_at": "t.erased_at",
                "created_at": "t.created_at",
            },
            facts={"date_known": "t.date_known", "imported": "t.origin = 'IMPORTED'", "mail": _MAIL},
        ),
        entry_words.message,
    ),
    EntryKind(
        ThreadTable(
            "change",
            "claims_statuschange",
            columns={"party": "t.party", "act": "t.verb", "person_id": "t.actor_id", "created_at": "t.created_at"},
            facts={"reply_by": "t.reply_by", "asked": _ASKED},
            where="t.verb NOT IN ('GRANT', 'DENY', 'LAPSE', 'CORRECT')",  # a decision's card tells them
        ),
        entry_words.change,
    ),
    EntryKind(
        ThreadTable("refused file", "claims_filerefusal", columns={"text": _FILE_NAME, "created_at": "t.at"}),
        entry_words.refused_file,
    ),
    EntryKind(
        ThreadTable("decision", "claims_decision", columns={"created_at": "t.created_at"}),
        entry_words.decision,
        twin=True,
    ),
    EntryKind(
        ThreadTable(
            "deadline move",
            "claims_deadlinemove",
            columns={"act": "t.deadline", "text": "t.why", "erased_at": "t.erased_at", "created_at": "t.created_at"},
            facts={"was": "t.was", "now_is": "t.now_is"},
        ),
        entry_words.deadline_moved,
    ),
    EntryKind(
        ThreadTable(
            "redaction",
            "claims_redaction",
            columns={"act": "t.what", "text": "t.why"},
            facts={"of_position": "t.of_position"},
        ),
        entry_words.redaction,
    ),
)
KINDS = {kind.reading.name: kind for kind in _ALL}
READINGS = tuple(kind.reading for kind in _ALL)


def anchors(row: ThreadRow) -> tuple[int, ...]:
    """Return the positions by which a link may name the row's entry."""
    return (row.position, row.position + 1) if KINDS[row.kind].twin else (row.position,)
