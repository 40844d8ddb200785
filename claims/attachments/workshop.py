"""Where strangers' pictures and PDFs are decoded: a process of its own, without secrets, killed when it errs.

The decoders are large C libraries fed with hostile bytes. They run here with limits on memory, time and output, with
nothing of the portal's environment, so that a file can at worst cost its own preview. `run` is the portal's side;
`python -m claims.attachments.workshop` is the other: it reads one file and writes what it makes into one folder.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

MAX_PIXELS = 64_000_000
PAGES_SHOWN = 10
THUMB, PREVIEW = 320, 1400
"""The longest side, in pixels, of a thumbnail and of a preview."""

SECONDS = 60
CHECK_SECONDS = 30
"""How long a check may compute: somebody waits for it."""

_MEMORY = 1536 * 1024 * 1024
_OUTPUT = 200 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]


class Spoiled(Exception):
    """The file can't be decoded, or only at a price nobody pays; `code` says which, for the sentence about it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run(work: str, source: Path, media_type: str, folder: Path | None = None) -> dict[str, Any]:
    """Return what the workshop found out about the file; `work` is "check" or "make", which fills `folder`.

    Raises Spoiled with BROKEN or one of `_CODES`, and with BROKEN for whatever ended the process.
    """
    seconds = CHECK_SECONDS if work == "check" else SECONDS
    command = [sys.executable, "-E", "-s", "-m", "claims.attachments.workshop", work, str(source), media_type]
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the paths are ours too
            [*command, str(folder or "")],
            cwd=_ROOT,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=2 * seconds,
            check=False,
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else {"spoiled": "BROKEN"}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {"spoiled": "BROKEN"}
    if "spoiled" in answer:
        raise Spoiled(answer["spoiled"])
    return dict(answer)


# -- the other side: no Django below this line ------------------------------------------------------------------------


_CODES = ("TOO_MANY_PIXELS", "ANIMATED", "PASSWORD_PROTECTED")


def _limit(seconds: int) -> None:
    """Bind this process before it opens anything."""
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main(work: str, source: str, media_type: str, folder: str) -> dict[str, Any]:
    if work == "check" and media_type == "application/pdf":
        from claims.attachments import pdfs

        return pdfs.check_pdf(source)
    from claims.attachments import making

    if work == "check":
        return making.check_picture(source, media_type)
    if media_type == "application/pdf":
        return making.make_pdf(source, Path(folder))
    return making.make_picture(source, media_type, Path(folder))


if __name__ == "__main__":
    _limit(CHECK_SECONDS if sys.argv[1] == "check" else SECONDS)
    try:
        said = main(*sys.argv[1:5])
    except BaseException as error:  # whatever a decoder throws, MemoryError too: the portal gets one word for it
        code = getattr(error, "code", "")
        said = {"spoiled": code if code in _CODES else "BROKEN"}
    os.write(1, json.dumps(said).encode())
