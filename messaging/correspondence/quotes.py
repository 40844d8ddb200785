"""What the writer of an e-mail wrote, apart from what the mail program quoted below or above it.

Quoted text is never thrown away: it is returned beside the own words, and the thread folds it.
"""

from __future__ import annotations

import re

from mailparser_reply.constants import MAIL_LANGUAGES

# The patterns of mail-parser-reply know how mail programs begin a quote in a dozen languages. They backtrack, so they
# only ever see a few short lines, and only where such a beginning is possible at all.
_FLAGS = re.MULTILINE | re.IGNORECASE
_WROTE = re.compile("|".join(str(p["wrote_header"]) for p in MAIL_LANGUAGES.values() if "wrote_header" in p), _FLAGS)
_FIELDS = re.compile(
    "|".join(str(p["from_header"]) for name, p in MAIL_LANGUAGES.items() if name not in {"david", "pl"}), _FLAGS
)
_LONGEST_LINE = 300
_ORIGINAL = re.compile(
    r"-{3,} ?(original message|forwarded message|ursprüngliche nachricht|message d'origine) ?-{3,}", re.I
)
_FIELD = re.compile(r"[*\s]*\w[\w \-]{0,20}:\*?\s")
_MOMENT = re.compile(r"\d.*(\d{1,2}[:.h]\d{2}|@)", re.DOTALL)
_FIELDS_OF_A_HEADER = 3


def split_quoted(text: str) -> tuple[str, str]:
    """Return (own words, quoted text). Answers written in between quoted lines stay together with them."""
    lines = text.split("\n")
    end = _tail_start(lines)
    marks = [line.lstrip().startswith(">") for line in lines[:end]]
    attributed = _mark_attributions(lines, marks)
    blocks = _blocks(lines, marks)
    own_after = bool(blocks) and any(line.strip() for line in lines[blocks[-1][1] : end])
    if len(blocks) > 1 or (own_after and blocks[0][0] not in attributed and _own_before(lines, blocks[0][0])):
        own, quoted = lines[:end], lines[end:]
    else:
        inside = set(range(*blocks[0])) if blocks else set()
        own = [line for number, line in enumerate(lines[:end]) if number not in inside]
        quoted = [lines[number] for number in sorted(inside)] + lines[end:]
    words = _tidy(own)
    return (words, _tidy(quoted)) if words else (_tidy(lines), "")


def _own_before(lines: list[str], number: int) -> bool:
    return any(line.strip() for line in lines[:number])


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def _short(lines: list[str]) -> bool:
    return all(len(line) <= _LONGEST_LINE for line in lines)


def _tail_start(lines: list[str]) -> int:
    """Return the line from which all is quoted without marks: a copied header, or "… wrote:" before unmarked lines."""
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_LINE or line.lstrip().startswith(">"):
            continue
        if _ORIGINAL.search(line) or _is_copied_header(lines, number):
            return number
        if start := _attribution(lines, number):
            following = next((other for other in lines[number + 1 :] if other.strip()), "")
            words = "\n".join(lines[number + 1 - start : number + 1])
            if following and not following.lstrip().startswith(">") and _MOMENT.search(words):
                return number + 1 - start
    return len(lines)


def _is_copied_header(lines: list[str], number: int) -> bool:
    block = [line.strip() for line in lines[number : number + 4]]
    if sum(bool(_FIELD.match(line)) for line in block) < _FIELDS_OF_A_HEADER or not _FIELD.match(block[0]):
        return False
    match = _FIELDS.match("\n".join(block)) if _short(block) else None
    return match is not None and match[0].count("\n") >= _FIELDS_OF_A_HEADER - 1


def _attribution(lines: list[str], number: int) -> int:
    """Return over how many lines a "… wrote:" that ends on this line runs; 0 when none ends here."""
    if not lines[number].rstrip().endswith((":", "\uff1a")):
        return 0
    for count in (1, 2, 3):
        window = [line.strip() for line in lines[max(0, number + 1 - count) : number + 1]]
        if len(window) == count and _short(window) and all(window) and _WROTE.match("\n".join(window)):
            return count
    return 0


def _mark_attributions(lines: list[str], marks: list[bool]) -> set[int]:
    """Mark "… wrote:" lines before a quote as part of it; return the numbers of their first lines."""
    starts = set()
    for number in range(1, len(marks)):
        if not marks[number] or marks[number - 1]:
            continue
        last = number - 1
        while last > 0 and not lines[last].strip():
            last -= 1
        if count := _attribution(lines, last):
            first = last + 1 - count
            marks[first:number] = [True] * (number - first)
            starts.add(first)
    return starts


def _blocks(lines: list[str], marks: list[bool]) -> list[tuple[int, int]]:
    """Return the runs of quoted lines as (first, after the last); empty lines inside a run belong to it."""
    blocks: list[tuple[int, int]] = []
    for number, marked in enumerate(marks):
        if not marked:
            continue
        if blocks and not any(line.strip() for line in lines[blocks[-1][1] : number]):
            blocks[-1] = (blocks[-1][0], number + 1)
        else:
            blocks.append((number, number + 1))
    return blocks
