"""What the writer of an e-mail wrote, apart from what the mail program quoted below or above it.

Quoted text is never thrown away: it is returned beside the own words, and the thread folds it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class _Wrote:
    """How mail programs of a language begin a quote: "On 1 May, Ann wrote:".

    `named_after`: the name is between the verb and the colon, as in "Am 1. Mai schrieb Ann:".
    """

    begins: tuple[str, ...]
    verb: str
    named_after: bool = False


# In lower case, with single spaces. Weekdays are how Danish and Swedish programs begin too.
_DAYS = ("den ", "man", "mån", "tir", "tis", "ons", "tor", "fre", "lør", "lör", "søn", "sön", *"0123456789")
_WROTE = (
    _Wrote(("on ",), " wrote:"),
    _Wrote(("am ",), " schrieb ", named_after=True),
    _Wrote(("dne ",), " napsal(a):"),
    _Wrote(_DAYS, " skrev ", named_after=True),
    _Wrote(("el ",), " escribió:"),
    _Wrote(("le ",), " a écrit", named_after=True),
    _Wrote(("il ",), " ha scritto:"),
    _Wrote(("op ",), " schreef:"),
    _Wrote(("dnia ",), " napisał(a):"),
    _Wrote(("dnia ",), " nadesłał:"),
)
_EASTERN_DAY = re.compile(r"\d{4}[年년] ?\d{1,2}[月월] ?\d{1,2}[日일]")
_EASTERN_ENDS = (">:", "님이 작성하였습니다:", "写道\uff1a")
# The fields of a header that a mail program copied above what it quotes, by language.
_FIELDS = tuple(
    frozenset(names.split(","))
    for names in (
        "from,sent,to,subject,date,cc,organization",
        "von,gesendet,an,betreff,datum,cc,organisation",
        "od,odesláno,komu,předmět,datum,kopie",
        "fra,sendt,til,emne,dato,cc,kopi,vedhæftet",
        "de,enviado,para,asunto,fecha,cc,organización",
        "de,envoyé,à,objet,cc,date",
        "da,inviato,a,oggetto,data,cc",
        "보낸 사람,보낸 날짜,받는 사람,제목,참조,보낸사람,보낸날짜,받는사람",
        "van,verzonden,aan,onderwerp,datum,cc",
        "från,skickat,till,ämne,datum,kopia",
        "发件人,发送时间,收件人,主题,抄送,组织",
    )
)
_LONGEST_LINE = 300
_ORIGINAL = re.compile(
    r"(?<!-)-{3,}+ ?(?:original message|forwarded message|ursprüngliche nachricht|message d'origine) ?---", re.I
)
_FIELD = re.compile(r"[*\s]*+\w[\w \-]{0,20}:\*?\s")
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\d[:.h]\d{2}|@")
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
            following = next((lines[n] for n in range(number + 1, len(lines)) if lines[n].strip()), "")
            words = "\n".join(lines[number + 1 - start : number + 1])
            if following and not following.lstrip().startswith(">") and _names_a_moment(words):
                return number + 1 - start
    return len(lines)


def _is_copied_header(lines: list[str], number: int) -> bool:
    block = [line.strip() for line in lines[number : number + 4]]
    if sum(bool(_FIELD.match(line)) for line in block) < _FIELDS_OF_A_HEADER or not _FIELD.match(block[0]):
        return False
    named = [line.partition(":")[0].strip("* \t").lower() for line in block]
    return _short(block) and any(named[0] in known and known & set(named[1:3]) for known in _FIELDS)


def _names_a_moment(words: str) -> bool:
    """Whether a time of day or an address follows a digit."""
    digit = _DIGIT.search(words)
    return digit is not None and _CLOCK.search(words, digit.end()) is not None


def _says_wrote(words: str) -> bool:
    """Whether words are all of a "… wrote:"."""
    text = " ".join(words.lower().lstrip("> ").split())
    if _EASTERN_DAY.match(text):
        return text.endswith(_EASTERN_ENDS)
    for known in _WROTE:
        if text.startswith(known.begins) and (
            text.endswith(":") and known.verb in text if known.named_after else text.endswith(known.verb)
        ):
            return True
    return False


def _attribution(lines: list[str], number: int) -> int:
    """Return over how many lines a "… wrote:" that ends on this line runs; 0 when none ends here."""
    if not lines[number].rstrip().endswith((":", "\uff1a")):
        return 0
    for count in (1, 2, 3):
        window = [line.strip() for line in lines[max(0, number + 1 - count) : number + 1]]
        if len(window) == count and _short(window) and all(window) and _says_wrote("\n".join(window)):
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
