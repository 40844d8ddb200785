"""In which charset a text was saved that isn't Unicode: what the place's spreadsheets use, if a check says so.

A wrong charset raises no error, it only makes other words. So each candidate has a check of what text of its language
looks like, and where none passes, or two do that differ, the file is refused: nothing is Windows-1252 in silence.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable
from unicodedata import category

SAMPLE = 256 * 1024
"""Bytes with letters beyond ASCII that a check looks at."""
NAMES = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1251": "Windows-1251", "cp1254": "Windows-1254",
    "cp1256": "Windows-1256", "cp932": "Shift_JIS", "gb18030": "GB 18030", "cp949": "Korean (cp949)", "big5": "Big5",
}  # fmt: skip
"""The charsets that are tried, and what people call them."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BY_CURRENCY = {
    "JPY": "cp932", "CNY": "gb18030", "TWD": "big5", "KRW": "cp949", "RUB": "cp1251", "UAH": "cp1251", "PLN": "cp1250",
    "CZK": "cp1250", "HUF": "cp1250", "TRY": "cp1254", "AED": "cp1256", "SAR": "cp1256", "EGP": "cp1256",
}  # fmt: skip
_CODE = re.compile(rb"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_WESTERN = frozenset("àâäáãåçèéêëìíîïñòóôöõùúûüßœÀÂÄÁÃÅÇÈÉÊËÌÍÎÏÑÒÓÔÖÕÙÚÛÜŒ–—‘’“”„…•€£§°«»®©™½¼¾²³×·´ªº¿¡\u00a0")
# What the words of central Europe, saved in Windows-1250, come to in Windows-1252: signs where letters belong.
_AMISS = re.compile(
    r"[²³](?=[^\W\d_])|(?<![0-9m ])[²³]|[½¼¾](?=[^\W\d_])|(?<=[^\W\d_])[½¼¾]|(?<![0-9nN])[ªº]"
    r"|œ(?![ui])|Œ(?![uiUI])|ñ(?![aeiouáéíóú])|Ñ(?![AEIOUÁÉÍÓÚaeiou])|õ(?!e)|Õ(?![Ee])"
)
_HALF_IN_A_WORD = re.compile(r"[A-Za-z][\uff61-\uff9f]|[\uff61-\uff9f][A-Za-z]")
_OPENING = {"¿": "?", "¡": "!"}
_RUN = re.compile(r"[^\x00-\x7f]+")
_COMMON_CYRILLIC = frozenset("оеаинтсрвліОЕАИНТСРВЛІ")


def by_mark(head: bytes) -> str | None:
    """Return the charset that the first bytes name or give away: a byte order mark, or every second byte NUL."""
    for mark, charset in MARKS:
        if head.startswith(mark):
            return charset
    even, odd = head[0:64:2], head[1:64:2]
    if len(odd) >= 4 and not any(odd) and all(even):
        return "utf-16-le"
    if len(even) >= 4 and not any(even) and all(odd):
        return "utf-16-be"
    return None


def mentioned(head: bytes) -> list[str]:
    """Return the charsets of the places whose currencies the beginning of a file names."""
    found = (_BY_CURRENCY.get(code.decode()) for code in _CODE.findall(head))
    return list(dict.fromkeys(charset for charset in found if charset))


def guess(sample: bytes, likely: Iterable[str] = ()) -> str | None:
    """Return the charset of bytes that are no UTF-8, None where nothing is sure.

    `likely` are the charsets of the places a file may come from, in the order of trust. One of them is taken where its
    check passes; else the one among all whose check passes alone.
    """
    for charset in dict.fromkeys(likely):
        if _passes(sample, charset):
            return charset
    found = {charset: sample.decode(charset) for charset in _ALONE if _passes(sample, charset)}
    return next(iter(found)) if len(set(found.values())) == 1 else None


def _passes(sample: bytes, charset: str) -> bool:
    check = _CHECKS.get(charset)
    if check is None:
        return False
    try:
        text = sample.decode(charset)
    except UnicodeDecodeError:
        return False
    beyond = [c for c in text if c > "\x7f"]
    if not beyond or any(category(c) in ("Cc", "Cn", "Co") for c in beyond):
        return False
    return check(text, beyond)


def _is_western(text: str, beyond: list[str]) -> bool:
    """Letters of western Europe stand alone or in twos, beside plain ones, and signs where signs can stand."""
    if not all(c in _WESTERN for c in beyond) or any(len(run) > 3 for run in _RUN.findall(text)):
        return False
    if any(sign in text and close not in text for sign, close in _OPENING.items()):
        return False
    return not _AMISS.search(text)


def _is_japanese(text: str, beyond: list[str]) -> bool:
    kana = sum("\u3040" <= c <= "\u30ff" for c in beyond)
    common = sum(_first_level(c, "cp932", 0x88, 0x98) for c in beyond)
    marks = sum("\u3000" <= c <= "\u303f" or "\uff01" <= c <= "\uff5e" or c in "…―—～ー・①②③" for c in beyond)
    half = sum("\uff61" <= c <= "\uff9f" for c in beyond)
    if half and _HALF_IN_A_WORD.search(text):
        return False
    if half and half < len(beyond) * 0.9 and half * 5 > len(beyond):
        return False
    return (kana + common + marks + half) / len(beyond) >= 0.9


def _is_chinese(text: str, beyond: list[str]) -> bool:
    common = sum(_first_level(c, "gb18030", 0xB0, 0xD8) for c in beyond)
    marks = sum("\u3000" <= c <= "\u303f" or "\uff01" <= c <= "\uff5e" or c in "…—“”‘’·×" for c in beyond)
    return common >= 2 and (common + marks) / len(beyond) >= 0.9


def _is_traditional(text: str, beyond: list[str]) -> bool:
    common = sum(_first_level(c, "big5", 0xA4, 0xC7) for c in beyond)
    return common >= 2 and common / len(beyond) >= 0.9


def _is_korean(text: str, beyond: list[str]) -> bool:
    return sum("\uac00" <= c <= "\ud7a3" and _first_level(c, "cp949", 0xB0, 0xC9) for c in beyond) / len(beyond) >= 0.95


def _is_cyrillic(text: str, beyond: list[str]) -> bool:
    letters = [c for c in beyond if "\u0400" <= c <= "\u04ff"]
    if len(letters) < 4 or len(letters) < 0.85 * len(beyond):
        return False
    runs = [run for run in _RUN.findall(text) if len(run) > 1]
    plain = sum(run[1:] == run[1:].lower() or run == run.upper() for run in runs)
    common = sum(c in _COMMON_CYRILLIC for c in letters)
    return plain >= 0.9 * len(runs) and common / len(letters) >= 0.5


def _letters_of(letters: str) -> Callable[[str, list[str]], bool]:
    allowed = _WESTERN | frozenset(letters)
    own = frozenset(letters)

    def check(text: str, beyond: list[str]) -> bool:
        return all(c in allowed for c in beyond) and any(c in own for c in beyond)

    return check


def _is_arabic(text: str, beyond: list[str]) -> bool:
    return sum("\u0600" <= c <= "\u06ff" for c in beyond) / len(beyond) >= 0.85


def _first_level(char: str, charset: str, first: int, after: int) -> bool:
    """Whether a character is among the common ones, which the charset keeps together."""
    try:
        data = char.encode(charset)
    except UnicodeEncodeError:
        return False
    return len(data) == 2 and first <= data[0] < after and (charset != "cp949" or data[1] > 0xA0)


_CHECKS: dict[str, Callable[[str, list[str]], bool]] = {
    "cp1252": _is_western,
    "cp932": _is_japanese,
    "gb18030": _is_chinese,
    "big5": _is_traditional,
    "cp949": _is_korean,
    "cp1251": _is_cyrillic,
    "cp1250": _letters_of("ąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůýžČĎĚŇŘŠŤŮÝŽőűŐŰăâîșțşţĂŞŢ"),
    "cp1254": _letters_of("ğışĞİŞ"),
    "cp1256": _is_arabic,
}
_ALONE = ("cp1252", "cp932", "gb18030", "cp949", "cp1251")
"""The ones that are tried where no place is known. The others look too much like one another."""
