"""Writes the ZIP: the words, the files as they are served, and a manifest of hashes over all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from claims.files import store
from claims.text import formats
from messaging.packs.contents import ZONE, PackContents, PackFile, as_json, as_text

_CHUNK = 256 * 1024
FORMAT = 1
"""The number of the pack's layout, for those who read packs with programs."""


def write(contents: PackContents, target: Path, *, now: datetime, step: Callable[[], object]) -> None:
    """Write the pack; `step` is called after each of `steps(contents)` parts."""
    from messaging.packs.summary import pdf  # with the libraries of PDFs and fonts: 20 MB that no other process needs

    parts: list[dict[str, Any]] = []
    with ZipFile(target, "w") as archive:
        for file in contents.files:
            parts.append(_file(archive, file, now))
            step()
        hashes = {part["path"]: part["sha256"] for part in parts if "sha256" in part}
        words = {
            "summary.pdf": pdf(contents, hashes, formats.moment_short(now, ZONE)),
            "claim.json": _json(as_json(contents)),
            "thread.txt": as_text(contents.thread).encode(),
        }
        if contents.notes:
            words["internal-notes.txt"] = as_text(contents.notes).encode()
        for path, content in words.items():
            _put(archive, path, content, now)
            parts.append({"path": path, "sha256": sha256(content).hexdigest(), "size": len(content)})
        step()
        manifest = {
            "format": FORMAT,
            "claim_id": contents.claim.claim_id,
            "made_at": formats.iso(now),
            "parts": sorted(parts, key=lambda part: part["path"]),
        }
        _put(archive, "manifest.json", listed := _json(manifest), now)
        sums = {part["path"]: part["sha256"] for part in parts if "sha256" in part}
        sums["manifest.json"] = sha256(listed).hexdigest()
        _put(archive, "SHA256SUMS", "".join(f"{sums[path]}  {path}\n" for path in sorted(sums)).encode(), now)
    step()


def steps(contents: PackContents) -> int:
    return len(contents.files) + 2


def _file(archive: ZipFile, file: PackFile, now: datetime) -> dict[str, Any]:
    """Copy a file in, in pieces; return its line of the manifest, without a hash where it isn't in the pack."""
    about = {
        "path": file.path,
        "name": file.name,
        "media_type": file.media_type,
        "entry": file.position,
        "uploaded_at": formats.iso(file.at),
        "by": file.by,
        "sha256_as_sent": file.sha256_as_sent,
    }
    if file.also_on:
        about["also_on_claim"] = file.also_on
    if file.why_not:
        return {**about, "not_in_the_pack": file.why_not}
    digest, size = sha256(), 0
    try:
        kept = store.read(file.key)
    except FileNotFoundError:
        return {**about, "not_in_the_pack": "Its bytes are missing from storage."}
    with kept, archive.open(_entry(file.path, now, ZIP_STORED), "w", force_zip64=True) as copy:
        while chunk := kept.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            copy.write(chunk)
    return {**about, "sha256": digest.hexdigest(), "size": size}


def _put(archive: ZipFile, path: str, content: bytes, now: datetime) -> None:
    archive.writestr(_entry(path, now, ZIP_DEFLATED), content)


def _entry(path: str, now: datetime, how: int) -> ZipInfo:
    entry = ZipInfo(path, now.astimezone(UTC).timetuple()[:6])
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    return entry


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
