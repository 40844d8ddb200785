"""Bytes of old e-mails as text, whatever they say about themselves. Nothing here raises."""

from __future__ import annotations

import re

# Names in old mail that Python doesn't know, or knows as less than what was meant.
_MEANT = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "x-mac-roman": "mac-roman",
    "utf8": "utf-8",
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


def decoded(data: bytes, charset: str | None = None) -> str:
    """Return the text: by the charset named, else as UTF-8, else as Windows-1252. LF line ends, no controls."""
    return clean(_decoded(data, charset))


def _decoded(data: bytes, charset: str | None) -> str:
    name = (charset or "").strip().strip("\"'").lower()
    name = _MEANT.get(name, name)
    if name == "cp1252" and any(byte > 0x7F for byte in data[:4096]):
        try:
            return data.decode("utf-8")  # far more often mislabelled than truly "Ã¼"
        except UnicodeDecodeError:
            pass
    if name and name not in _NEVER:
        try:
            return data.decode(name)
        except (LookupError, ValueError):  # UnicodeDecodeError is a ValueError; so is a NUL in the name
            pass
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def clean(text: str) -> str:
    """Return the text with LF line ends and without characters that can't be kept."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
