"""The whole suite, in lanes that run side by side: ``python -m tests.lanes [pytest's options]``, which is `make test`.

Each lane is a pytest with a database server of its own. While they run, their progress is shown; what else one has to
say is shown whole when it ends, and a line for each at the end. The exit code is 0 when every lane's is. Ctrl-C
(or SIGTERM) ends them all, each with what it started; a second one doesn't wait for that. Under `coverage run` each
lane measures what it runs; the commands and servers that tests start are not measured.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

BASE_DIR = Path(__file__).resolve().parent.parent
LANES = {
    "browsers": ["tests/browser", "tests/journeys"],
    "security": ["tests/security", "tests/accounts"],
    "messaging": ["tests/messaging", "tests/claims/files"],
    "servers": ["tests/faults", "tests/portal", "tests/test_*.py", "tests/desk/test_permission*.py"],
}
"""What is no part of these is the lane `rest`: so a new folder is in one from the day it is made."""
REST = "rest"
NOTHING_COLLECTED = 5
PROGRESS = re.compile(r"[.sxXFE]* *\[ *\d+%\]$")


class NoSuchTests(Exception):
    """A lane names what isn't there."""


def paths(pattern: str) -> list[str]:
    found = sorted(str(path.relative_to(BASE_DIR)) for path in BASE_DIR.glob(pattern))
    if not found:
        raise NoSuchTests(f"tests/lanes.py names {pattern}, and there is nothing of that name")
    return found


def arguments(lane: str) -> list[str]:
    """What pytest is told so that it runs this lane's tests."""
    if lane != REST:
        return [path for pattern in LANES[lane] for path in paths(pattern)]
    return ["tests", *(f"--ignore={path}" for lane in LANES for path in arguments(lane))]


@dataclass
class Run:
    """One lane, running. `words` is what it said besides its progress."""

    lane: str
    options: list[str]
    words: list[str] = field(default_factory=list)
    seconds: float = 0
    code: int = 0

    def start(self, say: Say) -> None:
        measured = ["coverage", "run", "-m"] if "COVERAGE_RUN" in os.environ else []
        pytest = [sys.executable, "-m", *measured, "pytest", "-q", "--color=no", "-p", "no:cacheprovider"]
        self._begun = time.monotonic()
        self.process = subprocess.Popen(
            [*pytest, *arguments(self.lane), *self.options],
            cwd=BASE_DIR,
            env=os.environ | {"TEST_RUN": f"{os.environ.get('TEST_RUN', '')}-{self.lane}", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches it once, through us
        )
        self.listener = threading.Thread(target=self._listen, args=[say])
        self.listener.start()

    def _listen(self, say: Say) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if PROGRESS.match(line.rstrip()):
                say([f"{self.lane:>9} {line.rstrip()}"])
            else:
                self.words.append(line.rstrip())
        self.code = self.process.wait()
        self.seconds = time.monotonic() - self._begun
        say(["", f"=== {self.lane}, {clock(self.seconds)}", *self.words, ""])

    def end(self, number: int) -> None:
        """Send the lane a signal: SIGINT and it ends as after Ctrl-C, SIGKILL and all its processes are gone."""
        if self.process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def summary(self) -> str:
        last = next((line.strip("= ") for line in reversed(self.words) if line), "said nothing")
        return f"{self.lane:>9}  {clock(self.seconds):>8}  exit {self.code}  {last}"


class Say:
    """Writes lines so that those of one lane stay together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __call__(self, lines: Iterable[str]) -> None:
        with self._lock:
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()


def clock(seconds: float) -> str:
    return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"


def main(options: list[str]) -> int:
    """Run every lane; return 0, else the code of the first that failed, or 130 after Ctrl-C."""
    say, begun = Say(), time.monotonic()
    runs = [Run(lane, options) for lane in (REST, *LANES)]
    interrupted = []

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for run in runs:
            run.end(signal.SIGKILL if interrupted else signal.SIGINT)
        interrupted.append(True)

    try:
        for each in (*LANES, REST):
            arguments(each)
    except NoSuchTests as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)  # first: who is started while one is ignored would ignore it, too
    for run in runs:
        run.start(say)
    for run in runs:
        run.listener.join()
    codes = [run.code for run in runs if run.code != NOTHING_COLLECTED or not options]
    say([*(run.summary() for run in runs), f"{'all':>9}  {clock(time.monotonic() - begun):>8}"])
    return 130 if interrupted else next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
