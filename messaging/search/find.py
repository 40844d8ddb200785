"""Finding words in what was said on a seller's claims, newest first, a page at a time.

What can be found are rows of ThreadText, each with a word of its seller, which every query asks for too: one index
finds words within a seller. The database cuts what is asked for into words as it cut what is kept. No table of the
desk's own is behind it, so internal notes can't be found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from claims import keyset
from claims.models import Claim
from claims.text import formats
from messaging.models import Message, ThreadText
from messaging.search.marks import Marks

PAGE = 20
RECENT = 20_000
"""How many of the newest entries are looked through one by one before the index of words is asked."""
CURSORS = keyset.Cursors(keyset.NUMBER)
LONGEST = 200
MOST_WORDS = 10
_TERM = re.compile(r'"([^"]*)"|(\S+)')
_UNREADABLE = re.compile("[\x00-\x1f\x7f]")
_KEPT = "coalesce(t.parts, t.words)"  # the words of the version before, until `index_words` has come to an entry
_ASKED = "messaging_asked(%(terms)s::text[], %(phrases)s::boolean[])"


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What to look for: `text` as typed; each term as (it, whether it is a phrase). Without terms nothing is asked."""

    text: str
    terms: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One entry that has the words. `words` is the part around them, ready to show, the words marked.

    `files` are those of its files whose names have some of them: the place of each, and its name, marked. `items` are,
    at the first entry of a claim, those of its items that have some in their title or SKU, marked.
    """

    href: str
    claim_id: str
    order_id: str
    item: str
    author: str
    when: str
    iso: str
    words: SafeString
    files: tuple[tuple[str, SafeString], ...] = ()
    items: tuple[SafeString, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of hits, newest first; `older` is the cursor of the next, "" at the end."""

    hits: tuple[SearchHit, ...]
    older: str = ""


def understood(text: str) -> SearchTerms:
    """Return what a search text asks for: words, beginnings of words, and phrases in quotation marks."""
    typed = " ".join(_UNREADABLE.sub(" ", text).split())[:LONGEST]
    terms = [(phrase or word, bool(phrase)) for phrase, word in _TERM.findall(typed)]
    return SearchTerms(typed, tuple(term for term in terms if any(char.isalnum() for char in term[0]))[:MOST_WORDS])


def find(words: SearchTerms, *, seller_id: int, zone: str, claim: Claim | None = None, cursor: str = "") -> SearchPage:
    """Return what was said with these words in the seller's threads, or in the one of a claim of theirs.

    `cursor` is a page's `older`. One query where the newest entries have enough, or for one claim; else two.
    """
    if not words.terms:
        return SearchPage(())
    values: dict[str, Any] = {
        "terms": [term for term, _ in words.terms],
        "phrases": [is_phrase for _, is_phrase in words.terms],
    }
    values |= {"seller": seller_id, "claim": claim.pk if claim else None, "limit": PAGE + 1, "recent": RECENT}
    values["own"] = f"'seller#{seller_id}'"
    where = "t.seller_id = %(seller)s" + (" AND t.claim_id = %(claim)s" if claim else "")
    start = CURSORS.read(cursor, int)
    if start and start.way is keyset.PageDirection.OLDER:
        where += " AND (t.at, t.id) < (%(at)s, %(id)s)"
        values["at"], values["id"] = start.at, start.row
    order = "ORDER BY t.at DESC, t.id DESC LIMIT"
    columns = "t.id, t.at, t.kind, t.claim_id, t.position"
    newest = f"""
        SELECT {columns} FROM (SELECT {columns}, {_KEPT} AS parts FROM messaging_threadtext t
                                WHERE {where} {order} %(recent)s) t
         WHERE t.parts @@ {_ASKED} {order} %(limit)s"""  # noqa: S608 - our own words, values are parameters
    rows = _read(newest, values)
    if len(rows) <= PAGE and not claim:
        indexed = f"""
            WITH found AS MATERIALIZED (
              SELECT {columns} FROM messaging_threadtext t
               WHERE {_KEPT} @@ (%(own)s::tsquery && {_ASKED}) AND {where})
            SELECT {columns} FROM found t {order} %(limit)s"""  # noqa: S608
        rows = _read(indexed, values)
    page = keyset.cut(rows, PAGE, None, lambda way, row: CURSORS.write(way, row[1], str(row[0])))
    marks = Marks(words.terms)
    return SearchPage(tuple(_hit(row, zone, marks) for row in page.rows), page.older)


def _read(hits: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run one way of finding, and read the words of what it found. One query."""
    text = "left(coalesce(m.text || ' ' || m.quoted, d.words, c.statement, ''), 80000)"
    sql = f"""
        SELECT h.id, h.at, h.position, h.kind, c.claim_id, o.order_id,
               (SELECT json_agg(json_build_array(l.title, l.sku) ORDER BY l.id) FROM claims_claimline l
                 WHERE l.claim_id = c.id),
               s.name, m.party, coalesce(nullif(u.name, ''), u.email, ''), {text},
               (SELECT json_agg(json_build_array(a.uuid, a.name) ORDER BY a.id) FROM claims_attachment a
                 WHERE a.claim_id = h.claim_id AND a.position = h.position AND a.shown_at IS NOT NULL
                   AND a.scan <> 'INFECTED' AND (a.party = 'SELLER' OR a.scan IN ('CLEAN', 'NOT_SCANNED')))
          FROM ({hits}) h
          JOIN claims_claim c ON c.id = h.claim_id JOIN claims_order o ON o.id = c.order_id
          JOIN accounts_seller s ON s.id = c.seller_id
          LEFT JOIN messaging_message m ON h.kind = 'MESSAGE' AND m.claim_id = h.claim_id AND m.position = h.position
          LEFT JOIN claims_decision d ON h.kind = 'DECISION' AND d.claim_id = h.claim_id AND d.position = h.position
          LEFT JOIN accounts_user u ON u.id = CASE WHEN h.kind = 'STATEMENT' THEN c.filed_by_id ELSE m.author_id END
         ORDER BY h.at DESC, h.id DESC"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


_NOBODY = Message.Party.SYSTEM


def _hit(row: tuple[Any, ...], zone: str, marks: Marks) -> SearchHit:
    _id, at, position, kind, claim_id, order_id, items, seller, party, person, text, files = row
    by_seller = kind == ThreadText.Kind.STATEMENT or party == Message.Party.SELLER
    place = reverse("messaging:thread", args=[claim_id]) + f"?at={position}"
    named = [(f"{place}#f-{uuid}", marks.marked(name)) for uuid, name in files or () if marks.spans(name)]
    listed = (" · ".join(filter(None, line)) for line in items or ())
    found = [marks.marked(each) for each in listed if marks.spans(each)]
    return SearchHit(
        href=f"{place}#e{position}",
        claim_id=claim_id,
        order_id=order_id,
        item=next((title or sku for title, sku in items or ()), ""),
        items=tuple(found) if position == 1 else (),
        author=(person or seller) if by_seller else _("SAFE-T team") if party != _NOBODY else _("Automatic e-mail"),
        when=formats.moment_short(at, zone),
        iso=formats.iso(at),
        words=marks.excerpt(text),
        files=tuple(named),
    )
