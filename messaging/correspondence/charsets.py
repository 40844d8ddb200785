"""Bytes of old e-mails as text, whatever they say about themselves. Nothing here raises."""

from __future__ import annotations

import codecs
import re

from accounts.tables import charsets as tables_charsets

# Names in old mail that Python doesn't know, or knows as less than what was meant.
_MEANT = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "8bit": "cp1252",
    "default": "",
    "unknown-8bit": "",
    "x-unknown": "",
    "unknown": "",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "cp-850": "cp850",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "utf8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
# They decode text to other text, in a time that grows with the square of the length: never meant by an e-mail.
_NEVER = {
    "idna",
    "punycode",
    "unicode_escape",
    "unicode-escape",
    "raw_unicode_escape",
    "raw-unicode-escape",
    "undefined",
}
# PostgreSQL keeps no NUL; the others would only disturb what is shown.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_ODD = 50  # of that many characters one may be odd without turning the whole text


def decoded(data: bytes | memoryview, charset: str | None = None, guess: str = "") -> str:
    """Return the text: by the charset named, else as UTF-8, else by `guess`, else by what it looks like in a charset,
    else as Windows-1252.


    A few bytes that the charset doesn't have are odd by themselves and don't turn the rest. LF line ends, no controls.
    """
    return clean(_decoded(bytes(data), charset, guess))


def _decoded(data: bytes, charset: str | None, guess: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not len(data) % 2:
        return data.decode("utf-16", "replace")
    name = _meant(charset)
    if data.isascii() and name not in _WITH_SHIFTS:
        return data.decode("ascii")
    if name == "cp1252":  # far more often mislabelled than truly "Ã¼"
        return _utf8(data) or data.decode("cp1252", "replace")
    if name and name != "utf-8" and (text := _by_name(data, name)) is not None:
        return text
    if text := _utf8(data):
        return text
    if name == "utf-8":
        return data.decode("utf-8", _ODD)
    text = _by_name(data, _meant(guess)) if guess else None
    if text is None and (likely := tables_charsets.guess(data[: tables_charsets.SAMPLE])):
        text = _by_name(data, likely)
    return data.decode("cp1252", "replace") if text is None else text


_WITH_SHIFTS = {"utf-7", "hz", "iso-2022-jp", "iso-2022-jp-2", "iso-2022-kr", "iso-2022-cn", "iso2022_jp", "utf-16"}


def _meant(charset: str | None) -> str:
    name = (charset or "").strip().strip("\"'").rstrip(";").lower()
    name = _MEANT.get(name, name)
    return "" if name in _NEVER else name


def _by_name(data: bytes, name: str) -> str | None:
    """Return the text in this charset, None where Python doesn't know it or most of it makes no sense."""
    for known in (name, name.removeprefix("x-")):
        try:
            return data.decode(known)
        except UnicodeDecodeError:
            text = data.decode(known, "replace")
            odd = text.count("\ufffd")
            if odd * _MOST_ODD <= max(len(text) - odd, _MOST_ODD):
                return text
        except (LookupError, ValueError):  # a NUL in the name is a ValueError
            continue
    return None


def _utf8(data: bytes) -> str:
    """Return the text if it is UTF-8 but for a few odd bytes, which are Windows-1252; else nothing."""
    text = data.decode("utf-8-sig", "surrogateescape")
    odd = sum(1 for _ in _ESCAPED.finditer(text))
    if not odd:
        return text
    whole = len(text) - len(text.encode("ascii", "ignore")) - odd
    return data.decode("utf-8-sig", _ODD) if odd * 4 <= whole else ""


_ESCAPED = re.compile(r"[\udc80-\udcff]")
_ODD = "safet-odd-byte"


def _odd_byte(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_ODD, _odd_byte)


def clean(text: str) -> str:
    """Return the text with LF line ends and without characters that can't be kept."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
