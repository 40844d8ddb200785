"""Plain text or not: read in pieces, decided by what is in it."""

from __future__ import annotations

import codecs
import re

_HEAD_CHARACTERS = 1024

# Every control character but tab, line feed, form feed, carriage return and the two that old editors leave (^Z at the
# end of DOS files, escape in logs). Random or compiled bytes have others within a few dozen bytes.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1c-\x1f\x7f]")

# What a browser would take for a page or a drawing if it were asked to guess (after the WHATWG MIME sniffing rules).
_HTML = re.compile(
    r"<(?:!doctype\s+html|!--|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|meta|link|img|form|"
    r"object|embed|base|frameset)(?=[\s>/!-]|$)",
    re.IGNORECASE,
)
# Possessive and atomic throughout: what came before the drawing is never read a second way.
_SVG = re.compile(
    r"(?:\s++|<\?xml[^>]*+>|<!doctype\s++svg[^>]*+>|(?><!--.*?-->))*+<svg(?=[\s>/:])", re.IGNORECASE | re.DOTALL
)
_SCRIPT = re.compile(r"#!\s*/|<\?php|<%", re.IGNORECASE)
_LEADING = "\ufeff \t\r\n\f"


class TextProbe:
    """Says, fed piece by piece, whether a file is text, in any of the charsets texts are saved in.

    Those of one byte, and those of East Asia, have letters at nearly every byte from 0x80 on, so that only control
    characters tell a text from anything else. UTF-16 and UTF-32 are known by their marks.
    """

    def __init__(self) -> None:
        self.head = ""
        self._decoders: list[codecs.IncrementalDecoder] | None = None

    def feed(self, chunk: bytes, final: bool = False) -> bool:
        """Return whether all that was fed can be text. After a False nothing more need be fed."""
        if self._decoders is None:
            self._decoders = [codecs.getincrementaldecoder(name)() for name in _encodings(chunk)]
        left: list[codecs.IncrementalDecoder] = []
        for decoder in self._decoders:
            try:
                text = decoder.decode(chunk, final)
            except UnicodeDecodeError:
                continue
            if _CONTROLS.search(text):
                continue
            if not left and len(self.head) < _HEAD_CHARACTERS:
                self.head = (self.head + text)[:_HEAD_CHARACTERS]
            left.append(decoder)
        self._decoders = left
        return bool(left)

    def finish(self) -> bool:
        """Return whether the text also ended as text (no half character)."""
        return self.feed(b"", final=True)


def _encodings(start: bytes) -> list[str]:
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ["utf-32"]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    return ["utf-8-sig", "latin-1"]


def markup_type(head: str) -> str:
    """Return the media type a text really has if it is a page, a drawing, XML, rich text or a script; else nothing."""
    start = head.lstrip(_LEADING)
    if _SVG.match(start):
        return "image/svg+xml"
    if _HTML.match(start):
        return "text/html"
    if _SCRIPT.match(start):
        return "text/x-script"
    if start[:5].lower() == "<?xml":
        return "text/xml"
    if start.startswith("{\\rtf"):
        return "application/rtf"
    return ""


_HEADER = re.compile(r"[!-9;-~]+:[ \t]?.*|[ \t]+\S.*")
_OF_MAIL = {"from", "date", "received", "message-id", "return-path", "mime-version", "delivered-to", "to", "subject"}


def text_type(head: str, extension: str) -> str:
    """Return which text a text is: the one its name says where the content can be that, else plain.

    The three are served alike, as downloads; the type decides what the name ends in.
    """
    if extension == "csv":
        return "text/csv"
    return "message/rfc822" if extension == "eml" and starts_as_mail(head) else "text/plain"


def starts_as_mail(head: str) -> bool:
    """Whether a text begins with the headers of an e-mail: nothing but headers, three of the usual ones or From."""
    names = set()
    for line in head.lstrip(_LEADING).replace("\r\n", "\n").split("\n")[:-1]:
        if not line:
            break
        if not _HEADER.fullmatch(line):
            return False
        if not line[0].isspace():
            names.add(line.partition(":")[0].lower())
    return ("from" in names and len(names & _OF_MAIL) >= 2) or len(names & _OF_MAIL) >= 3
