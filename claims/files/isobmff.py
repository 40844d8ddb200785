"""MP4, MOV and HEIC are made of the same kind of boxes; the first box says which of them a file is."""

from __future__ import annotations

import os
from typing import IO

from claims.files.refusals import FileNotAccepted, FileProblem

_HEIC = {"heic", "heix", "heim", "heis"}
_STILLS = {"mif1"}
_MP4 = {"isom", "iso2", "iso3", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "M4VH", "M4VP", "MSNV", "dash"}
_MOST_BOXES = 10_000


def media_type(head: bytes) -> str:
    """Return image/heic, video/mp4 or video/quicktime for a file that starts with these bytes, "" for others."""
    if head[4:8] != b"ftyp":
        return ""
    size = int.from_bytes(head[:4], "big")
    major = head[8:12].decode("latin-1")
    compatible = {head[at : at + 4].decode("latin-1") for at in range(16, min(size, len(head), 256), 4)}
    if major in _HEIC or (major in _STILLS and compatible & _HEIC):
        return "image/heic"
    if major == "qt  ":
        return "video/quicktime"
    return "video/mp4" if major in _MP4 else ""


def check_video(file: IO[bytes], name: str) -> None:
    """Raise FileNotAccepted unless the boxes fill the file exactly and hold a film: nothing cut off, nothing behind.

    The film itself isn't decoded: it is kept and downloaded as it came.
    """
    end = file.seek(0, os.SEEK_END)
    at, kinds = 0, set()
    for _ in range(_MOST_BOXES):
        if at >= end:
            break
        file.seek(at)
        start = file.read(16)
        size, kind = int.from_bytes(start[:4], "big"), start[4:8]
        if size == 1:
            size = int.from_bytes(start[8:16], "big")
        elif size == 0:
            size = end - at
        if len(start) < 8 or size < 8 or at + size > end:
            raise FileNotAccepted(FileProblem.BROKEN, name=name, type=_words(file))
        kinds.add(kind)
        at += size
    if at != end or not {b"ftyp", b"moov"} <= kinds or not kinds & {b"mdat", b"moof"}:
        raise FileNotAccepted(FileProblem.BROKEN, name=name, type=_words(file))


def _words(file: IO[bytes]) -> str:
    file.seek(0)
    return "MOV" if media_type(file.read(256)) == "video/quicktime" else "MP4"
