"""Rich text of Outlook as plain text: the only form in which some of its e-mails keep their words.

After MS-OXRTFCP (how it is compressed) and MS-OXRTFEX (HTML and plain text packed into it). Reads what it can; never
raises.
"""

from __future__ import annotations

import re
import struct

from messaging.correspondence.charsets import clean, decoded
from messaging.correspondence.html import html_to_text

MAX_BYTES = 4 * 1024 * 1024
_DEEPEST = 1000
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    + b"\r\n"
    + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WORD = 4096
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+"
)
_SILENT = {
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"themedata", b"datastore", b"latentstyles",
    b"header", b"footer", b"generator", b"xmlnstbl", b"listtable", b"rsidtbl", b"pntext", b"fldinst",
}  # fmt: skip
_AS_TEXT = {
    b"par": "\n", b"line": "\n", b"tab": "\t", b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"cell": "  ", b"row": "\n", b"sect": "\n", b"page": "\n",
}  # fmt: skip


def unpack(packed: bytes) -> bytes:
    """Return compressed rich text as it was, as far as it goes; what isn't compressed as it is."""
    if packed[:5] == rb"{\rtf":
        return packed[:MAX_BYTES]
    if len(packed) < 16:
        return b""
    size, raw_size, mark = struct.unpack_from("<II4s", packed)
    if mark == b"MELA":
        return packed[16 : 16 + min(raw_size, MAX_BYTES)]
    if mark != b"LZFu":
        return b""
    window = bytearray(_START.ljust(_WORD, b"\x00"))
    place, out, at = len(_START), bytearray(), 16
    end = min(len(packed), size + 4)
    while at < end and len(out) < min(raw_size, MAX_BYTES):
        flags = packed[at]
        at += 1
        for bit in range(8):
            if at >= end:
                break
            if not flags >> bit & 1:
                window[place] = packed[at]
                out.append(packed[at])
                place, at = (place + 1) % _WORD, at + 1
                continue
            if at + 1 >= end:
                return bytes(out)
            token = packed[at] << 8 | packed[at + 1]
            at += 2
            offset, length = token >> 4, (token & 0xF) + 2
            if offset == place:
                return bytes(out)
            for step in range(length):
                byte = window[(offset + step) % _WORD]
                window[place] = byte
                out.append(byte)
                place = (place + 1) % _WORD
    return bytes(out)


def rtf_to_text(rtf: bytes) -> str:
    """Return the words of a rich text; HTML packed into it is read as HTML. Empty for what is no rich text."""
    rtf = rtf[:MAX_BYTES]
    if not rtf.startswith(rb"{\rtf"):
        return ""
    has_html = rb"\fromhtml" in rtf[:400]
    text = _text(rtf, has_html)
    return html_to_text(text) if has_html else clean(text).strip()


def _text(rtf: bytes, has_html: bool) -> str:
    found = re.search(rb"\\ansicpg([0-9]{1,5})", rtf[:400])
    charset = f"cp{int(found[1])}" if found else "cp1252"
    charset = "utf-8" if charset == "cp65001" else charset
    out: list[str] = []
    pending = bytearray()
    silent, in_tag, hidden, skipped, after_unicode = False, False, False, 0, 1
    stack: list[tuple[bool, bool, bool, int]] = []
    starts = False

    def flush() -> None:
        if pending:
            out.append(decoded(bytes(pending), charset))
            pending.clear()

    for token in _TOKEN.finditer(rtf):
        word, number, coded, symbol, brace, plain = token.groups()
        shown = not silent and (in_tag or not hidden)
        if brace == b"{":
            if len(stack) == _DEEPEST:
                break
            stack.append((silent, in_tag, hidden, after_unicode))
            starts = True
            continue
        if brace == b"}":
            flush()
            if stack:
                silent, in_tag, hidden, after_unicode = stack.pop()
        elif symbol == b"*":
            continue
        elif word is not None:
            flush()
            if word == b"htmltag":
                in_tag = has_html
                silent = silent or not has_html
            elif starts and (word in _SILENT or rtf[token.start() - 2 : token.start()] == rb"\*"):
                silent = True
            elif word == b"htmlrtf":
                hidden = has_html and number != b"0"
            elif word == b"uc":
                after_unicode = int(number or 1)
            elif word == b"u" and number and shown:
                code = int(number) % 65536
                out.append(chr(code))
                skipped = after_unicode
            elif shown and word in _AS_TEXT:
                out.append(_AS_TEXT[word])
        elif coded is not None or symbol is not None or plain is not None:
            if not shown:
                pass
            elif skipped and plain is None:
                skipped -= 1
            elif coded is not None:
                pending.append(int(coded, 16))
            elif symbol is not None:
                pending.extend({b"~": b"\xa0" if charset == "cp1252" else b" ", b"_": b"-"}.get(symbol, symbol))
            else:
                cut, skipped = (plain[skipped:], 0) if skipped else (plain, 0)
                pending.extend(cut)
        starts = False
    flush()
    text = "".join(out)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
