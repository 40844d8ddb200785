"""Where strangers' pictures and PDFs are decoded: a process of its own, without secrets, killed when it errs.

The decoders are large C libraries fed with hostile bytes. They run here with limits on memory, time and output, with
nothing of the portal's environment, and shut in by the kernel (`sandbox`), so that a file can at worst cost its own
preview. `run` is the portal's side; `python -m claims.files.decoder_process` is the other: it reads one file and writes
what it makes into one folder.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from claims.files import sandbox
from claims.files.limits import CantDecode

SECONDS = 60
CHECK_SECONDS = 30
"""How long a check may compute: a person waits for it."""

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
"""All of the environment that the decoder process is started with."""

_MEMORY = 1536 * 1024 * 1024
_OUTPUT = 200 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]

logger = logging.getLogger(__name__)


def run(work: str, source: Path, media_type: str, folder: Path | None = None) -> dict[str, Any]:
    """Return what the decoder process found out about the file; `work` is "check" or "make", which fills `folder`.

    Raises CantDecode with BROKEN or one of `_CODES`, and with BROKEN for whatever ended the process. Raises
    SandboxMissing, the file unread, where the process can't be shut in and DECODER_WITHOUT_SANDBOX isn't set.
    """
    seconds = CHECK_SECONDS if work == "check" else SECONDS
    try:
        done = subprocess.run(  # noqa: S603 - our own program; the paths are ours too
            command(work, source, media_type, folder, without_sandbox=_may_go_without()),
            cwd=_ROOT,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=2 * seconds,
            check=False,
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else {"spoiled": "BROKEN"}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {"spoiled": "BROKEN"}
    if without := answer.get("without"):
        logger.error("nothing is decoded: this kernel has no %s", " and no ".join(without))
        raise sandbox.SandboxMissing(*without)
    if "spoiled" in answer:
        raise CantDecode(answer["spoiled"])
    return dict(answer)


def command(
    work: str, source: Path, media_type: str, folder: Path | None = None, *, without_sandbox: bool = False
) -> list[str]:
    """Return the command line of the decoder process, to be started in the checkout with ENVIRONMENT."""
    program = [sys.executable, "-E", "-s", "-m", "claims.files.decoder_process"]
    return [*program, work, str(source), media_type, str(folder or ""), "if there is one" if without_sandbox else ""]


def refuses() -> tuple[str, ...]:
    """Return for want of what nothing is decoded on this machine; nothing, where the decoder works."""
    return () if _may_go_without() else sandbox.missing()


def _may_go_without() -> bool:
    from django.conf import settings

    return bool(getattr(settings, "DECODER_WITHOUT_SANDBOX", False))


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


def confine(work: str, source: str, folder: str) -> tuple[str, ...]:
    """Bind and shut in this process before it opens anything; return what the kernel has not, as `sandbox.restrict`."""
    _limit(CHECK_SECONDS if work == "check" else SECONDS)
    return sandbox.restrict(read=[*sandbox.readable(), source], write=[folder] if folder else [])


def main(work: str, source: str, media_type: str, folder: str) -> dict[str, Any]:
    from claims.files import decoder

    if work == "check":
        return decoder.check(source, media_type)
    if media_type == "application/pdf":
        return decoder.make_pdf(source, Path(folder))
    return decoder.make_picture(source, media_type, Path(folder))


def _answer(work: str, source: str, media_type: str, folder: str, without_sandbox: str) -> dict[str, Any]:
    """Say what was found or made; whatever a decoder throws, MemoryError too, the portal gets one word for it."""
    without = confine(work, source, folder)
    if without and not without_sandbox:
        return {"without": without}
    try:
        return main(work, source, media_type, folder)
    except BaseException as error:
        code = getattr(error, "code", "")
        return {"spoiled": code if code in _CODES else "BROKEN"}


if __name__ == "__main__":
    os.write(1, json.dumps(_answer(*sys.argv[1:6])).encode())
