"""Every test is in one lane of `make test`, and what a lane names is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import lanes
from tests.environment import BASE_DIR

FILES = sorted(str(path.relative_to(BASE_DIR)) for path in (BASE_DIR / "tests").rglob("test_*.py"))


def runs(lane: str, file: str) -> bool:
    """Whether pytest, told what the lane is told, collects this file."""
    told = lanes.arguments(lane)
    within = [path for path in told if not path.startswith("--ignore=")]
    without = [path.removeprefix("--ignore=") for path in told if path.startswith("--ignore=")]
    return any(Path(file).is_relative_to(path) for path in within) and not any(
        Path(file).is_relative_to(path) for path in without
    )


def test_every_file_of_tests_is_in_one_lane() -> None:
    in_lanes = {file: [lane for lane in (lanes.REST, *lanes.LANES) if runs(lane, file)] for file in FILES}
    assert {file: of for file, of in in_lanes.items() if len(of) != 1} == {}


def test_a_file_nobody_named_is_in_the_rest() -> None:
    assert runs(lanes.REST, "tests/returns/test_scanning.py")


def test_a_lane_that_names_nothing_is_said_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lanes, "LANES", {"browsers": ["tests/browsers"]})
    assert lanes.main([]) == 2
    assert capsys.readouterr() == ("", "tests/lanes.py names tests/browsers, and there is nothing of that name\n")
