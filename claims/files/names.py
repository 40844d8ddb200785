"""File names as they come from strangers, made safe to keep, to show and to offer for download."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 120
FALLBACK = "file"

# Shown or saved, these turn a name round (bidi overrides) or hide its end (controls).
_DROPPED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn"}
_RESERVED_ON_WINDOWS = re.compile(r'[<>:"|?*]')
_LONGEST_EXTENSION = 16


def clean_name(name: str | None) -> str:
    """Return a name of 1 to 120 visible characters without folders, control or direction characters.

    The extension survives where it is one; a name of which nothing is left becomes "file".
    """
    name = unicodedata.normalize("NFC", name or "")
    name = "".join(" " if unicodedata.category(c) in {"Zs", "Zl", "Zp"} or c in "\t\r\n" else c for c in name)
    name = "".join(c for c in name if unicodedata.category(c) not in _DROPPED_CATEGORIES)
    name = re.split(r"[/\\]", name)[-1]
    name = _RESERVED_ON_WINDOWS.sub("_", name)
    name = re.sub(r" +", " ", name).strip(" .")
    return shortened(name) or FALLBACK


def shortened(name: str) -> str:
    """Return the name in at most 120 characters; what is cut is taken from before the extension."""
    if len(name) <= MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if dot and stem and len(extension) <= _LONGEST_EXTENSION:
        return stem[: MAX_LENGTH - len(extension) - 1].rstrip(" .") + "." + extension
    return name[:MAX_LENGTH].rstrip(" .")


def with_extension(name: str, extensions: tuple[str, ...], replaceable: frozenset[str]) -> str:
    """Return the name ending in one of `extensions`, so that the name never says another type than the content.

    An extension that is `replaceable` is replaced (`photo.png` that is a JPEG becomes `photo.jpg`); any other is kept
    and the first of `extensions` added (`setup.exe` that is plain text becomes `setup.exe.txt`).
    """
    stem, dot, extension = name.rpartition(".")
    if dot and extension.lower() in extensions:
        return name
    if dot and stem and extension.lower() in replaceable:
        name = stem.rstrip(" .") or FALLBACK
    return shortened(f"{name}.{extensions[0]}")
