"""Checks that need a whole decoder: the decoder process does them, and its answer is told in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import IO

from claims.files import decoder_process
from claims.files.limits import MAX_PIXELS, CantDecode
from claims.files.refusals import FileNotAccepted, FileProblem, found_type
from claims.files.sandbox import SandboxMissing

_CHUNK = 64 * 1024


def check_apart(media_type: str, words: str) -> Callable[[IO[bytes], str], None]:
    """Return a check that has the decoder process open all of a file of this type, which is called `words`.

    The check raises FileNotAccepted; opening it costs memory and time in the decoder process only.
    """

    def check(file: IO[bytes], name: str) -> None:
        with on_disk(file) as path:
            try:
                decoder_process.run("check", path, media_type)
            except CantDecode as spoiled:
                raise _in_words(spoiled.code, name, words) from spoiled
            except SandboxMissing as without:
                raise FileNotAccepted(FileProblem.NOT_OPENED, name=name) from without

    return check


def _in_words(code: str, name: str, words: str) -> FileNotAccepted:
    if code == "TOO_MANY_PIXELS":
        return FileNotAccepted(FileProblem.TOO_MANY_PIXELS, name=name, max=MAX_PIXELS // 1_000_000)
    if code == "ANIMATED":
        return FileNotAccepted(FileProblem.WRONG_TYPE, name=name, found_type=found_type("image/apng"))
    if code == "PASSWORD_PROTECTED":
        return FileNotAccepted(FileProblem.PASSWORD_PROTECTED, name=name)
    return FileNotAccepted(FileProblem.BROKEN, name=name, type=words)


@contextmanager
def on_disk(file: IO[bytes]) -> Iterator[Path]:
    """Give the file's content as a path, for a process of its own to read; a copy where it has none yet."""
    file.seek(0)
    if callable(path := getattr(file, "temporary_file_path", None)):
        yield Path(path())
        return
    with NamedTemporaryFile(prefix="safet-file-") as copy:
        copyfileobj(file, copy, _CHUNK)
        copy.flush()
        yield Path(copy.name)
