"""PDFs are opened as far as their first page, by a reader that forgives what other readers forgive.

Runs in the decoder process: a few bytes of a PDF can unpack to hundreds of megabytes, or keep its reader busy.
"""

from __future__ import annotations

import logging
import os
from typing import IO, Any

from pypdf import PdfReader
from pypdf.errors import PdfReadError
from pypdf.generic import DictionaryObject

from claims.files.limits import CantDecode

_DEEPEST_PAGE_TREE = 64
_TAIL = 1024  # readers look for the end mark in the last 1,024 bytes (ISO 32000, implementation note 18)

# It writes a line for every flaw it forgives; what matters is told to the person instead.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def check_pdf(source: str) -> dict[str, Any]:
    """Return nothing to tell. Raises CantDecode for a PDF that asks for a password, is cut off, or has no page.

    A hostile one raises nearly anything in a parser: KeyError, RecursionError, zlib.error …
    """
    with open(source, "rb") as file:
        try:
            reader = PdfReader(file, strict=False)
        except PdfReadError:
            # Without a table of its objects, as some label printers write it: the one who draws it finds them itself.
            if not (_has_end(file) and _can_be_drawn(source)):
                raise CantDecode("BROKEN") from None
            return {}
        if reader.is_encrypted:
            raise CantDecode("PASSWORD_PROTECTED")
        if not (_has_end(file) and _has_page(reader)):
            raise CantDecode("BROKEN")
    return {}


def _has_end(file: IO[bytes]) -> bool:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    return b"%%EOF" in file.read()


def _can_be_drawn(source: str) -> bool:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(source) as document:
            return len(document) > 0
    except pypdfium2.PdfiumError:
        return False


def _has_page(reader: PdfReader) -> bool:
    """Whether the first branch of the page tree ends in a page. Followed by hand: no count and no loop is believed."""
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject):
        return False
    node = root["/Pages"].get_object()
    for _ in range(_DEEPEST_PAGE_TREE):
        if not isinstance(node, DictionaryObject):
            return False
        children = node.get("/Kids")
        if children is None:
            return node.get("/Type") == "/Page"
        children = children.get_object()
        if not children:
            return False
        node = children[0].get_object()
    return False
