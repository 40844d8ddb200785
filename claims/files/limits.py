"""How much a decoder may be asked for, and the one word it gives where that doesn't do. No Django here."""

from __future__ import annotations

MAX_PIXELS = 64_000_000
PAGES_SHOWN = 10
THUMB, PREVIEW = 320, 1400
"""The longest side, in pixels, of a thumbnail and of a preview."""


class CantDecode(Exception):
    """The file can't be decoded, or only at a price nobody pays; `code` says which, for the sentence about it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
