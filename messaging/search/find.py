"""Finding words in what was said on a seller's claims, newest first, a page at a time.

What can be found are rows of ThreadText, each with a lexeme of its seller, which every query asks for too: one index
finds words within a seller. No table of the desk's own is behind it, so internal notes can't be found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from claims import keyset
from claims.models import Claim
from claims.text import formats
from messaging.models import Message, ThreadText

PAGE = 20
RECENT = 20_000
"""How many of the newest entries are looked through one by one before the index of words is asked."""
CURSORS = keyset.Cursors(keyset.NUMBER)
LONGEST = 200
MOST_WORDS = 10
_TERM = re.compile(r'"([^"]*)"|(\S+)')
_UNREADABLE = re.compile("[\x00-\x1f\x7f]")
_START, _STOP = "\x02", "\x03"  # removed from every text first, so that only our own marks are left


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What to look for: `text` as typed; each term as (it, whether it is a phrase). Without terms nothing is asked."""

    text: str
    terms: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One entry that has the words. `words` is the part around them, ready to show, the words marked.

    `files` are those of its files whose names have some of them: the place of each, and its name, marked.
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
    query, values = _tsquery(words)
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
        SELECT {columns} FROM (SELECT {columns}, t.words FROM messaging_threadtext t WHERE {where} {order} %(recent)s) t
         WHERE t.words @@ ({query}) {order} %(limit)s"""  # noqa: S608 - our own words, values are parameters
    rows = _read(newest, query, values)
    if len(rows) <= PAGE and not claim:
        indexed = f"""
            WITH found AS MATERIALIZED (
              SELECT {columns} FROM messaging_threadtext t
               WHERE t.words @@ (%(own)s::tsquery && ({query})) AND {where})
            SELECT {columns} FROM found t {order} %(limit)s"""  # noqa: S608
        rows = _read(indexed, query, values)
    page = keyset.cut(rows, PAGE, None, lambda way, row: CURSORS.write(way, row[1], str(row[0])))
    marks = marks_of(words)
    return SearchPage(tuple(_hit(row, zone, marks) for row in page.rows), page.older)


def _tsquery(words: SearchTerms) -> tuple[str, dict[str, Any]]:
    """Return the SQL of the query and its values. A word of three letters or more is a beginning, a phrase isn't."""
    parts, values = [], {}
    for n, (term, is_phrase) in enumerate(words.terms):
        if is_phrase:
            parts.append(f"phraseto_tsquery('simple', %(term{n})s)")
            values[f"term{n}"] = term
        else:
            quoted = term.replace("\\", "\\\\").replace("'", "''")
            parts.append(f"to_tsquery('simple', %(term{n})s)")
            values[f"term{n}"] = f"'{quoted}'" + (":*" if len(term) > 2 else "")
    return " && ".join(parts), values


def _read(hits: str, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run one way of finding, and read what is around the words of what it found. One query."""
    text = "translate(coalesce(m.text || ' ' || m.quoted, d.words, c.statement, ''), %(marks)s, '  ')"
    options = f"StartSel={_START}, StopSel={_STOP}, MaxWords=40, MinWords=20, ShortWord=0"
    sql = f"""
        SELECT h.id, h.at, h.position, h.kind, c.claim_id, o.order_id,
               (SELECT coalesce(nullif(l.title, ''), l.sku) FROM claims_claimline l WHERE l.claim_id = c.id
                 ORDER BY l.id LIMIT 1),
               s.name, m.party, coalesce(nullif(u.name, ''), u.email, ''),
               ts_headline('simple', {text}, {query}, %(options)s), left(btrim({text}), 12), right(btrim({text}), 12),
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
        cursor.execute(sql, {**values, "options": options, "marks": _START + _STOP})
        return cursor.fetchall()


def marks_of(words: SearchTerms) -> re.Pattern[str]:
    """Return what finds the words in the name of a file, by the same rule: beginnings from three letters on."""
    terms = []
    for term, is_phrase in words.terms:
        pieces = r"[\W_]+".join(re.escape(piece) for piece in re.findall(r"[^\W_]+", term))
        terms.append(rf"(?<![^\W_]){pieces}" + ("" if len(term) > 2 and not is_phrase else r"(?![^\W_])"))
    return re.compile("|".join(terms), re.IGNORECASE)


def _named(uuid: str, name: str, href: str, marks: re.Pattern[str]) -> tuple[str, SafeString] | None:
    """Return the place of a file and its name with the words marked; None where it has none of them."""
    plain = name.translate({ord(_START): None, ord(_STOP): None})
    marked, count = marks.subn(lambda found: f"{_START}{found[0]}{_STOP}", plain)
    return (f"{href}#f-{uuid}", _shown(marked)) if count else None


def _with_dots(headline: str, begins: str, ends: str) -> str:
    """Return the words that are shown, with a sign where more was said before or after them."""
    plain = headline.strip().replace(_START, "").replace(_STOP, "")
    before = "" if plain.startswith(begins) else "… "
    after = "" if plain.endswith(ends) else " …"
    return f"{before}{headline.strip()}{after}"


def _shown(marked: str) -> SafeString:
    safe = escape(marked.strip()).replace(_START, "<mark>").replace(_STOP, "</mark>")
    return mark_safe(safe)  # noqa: S308 - all of it is escaped but our own marks


_NOBODY = Message.Party.SYSTEM


def _hit(row: tuple[Any, ...], zone: str, marks: re.Pattern[str]) -> SearchHit:
    _id, at, position, kind, claim_id, order_id, item, seller, party, person, headline, begins, ends, files = row
    by_seller = kind == ThreadText.Kind.STATEMENT or party == Message.Party.SELLER
    place = reverse("messaging:thread", args=[claim_id]) + f"?at={position}"
    named = [_named(uuid, name, place, marks) for uuid, name in files or ()]
    return SearchHit(
        href=f"{place}#e{position}",
        claim_id=claim_id,
        order_id=order_id,
        item=item or "",
        author=(person or seller) if by_seller else _("SAFE-T team") if party != _NOBODY else _("Automatic e-mail"),
        when=formats.moment_short(at, zone),
        iso=formats.iso(at),
        words=_shown(_with_dots(headline, begins, ends)),
        files=tuple(each for each in named if each),
    )
