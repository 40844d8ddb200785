"""What `collectstatic` makes of the portal's scripts for production: names with hashes, in imports too."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.environment import BASE_DIR
from tests.portal.test_settings import PRODUCTION, run

OURS = sorted(path.name for path in (BASE_DIR / "static/js").glob("*.js"))
IMPORT = re.compile(r"""^import\b[^;]*?["']([^"']+)["'];$""", re.MULTILINE)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("static")
    done = run(["manage.py", "collectstatic", "--noinput", "-v0"], root, STATIC_ROOT=str(root), **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")
    return root


def stored(collected: Path) -> dict[str, str]:
    """Each of our scripts and the name production has it under."""
    paths = json.loads((collected / "staticfiles.json").read_text())["paths"]
    return {name: paths[f"js/{name}"].removeprefix("js/") for name in OURS}


def test_every_script_has_a_name_of_its_own_content(collected: Path) -> None:
    names = stored(collected)
    assert [name for name in OURS if not re.fullmatch(rf"{name[:-3]}\.[0-9a-f]{{12}}\.js", names[name])] == []


def test_imports_name_what_is_stored(collected: Path) -> None:
    """So that a browser that has an old module never runs it with a new one."""
    names = stored(collected)
    written = {name: IMPORT.findall((BASE_DIR / "static/js" / name).read_text("utf-8")) for name in OURS}
    kept = {name: IMPORT.findall((collected / "js" / names[name]).read_text("utf-8")) for name in OURS}
    assert kept == {name: [f"./{names[path.removeprefix('./')]}" for path in written[name]] for name in OURS}
    assert sum(map(len, kept.values())) >= 4


def test_every_import_is_found(collected: Path) -> None:
    """A line that begins with `import` and has another form would keep its old name, and be missing in production."""
    for name in OURS:
        text = (BASE_DIR / "static/js" / name).read_text("utf-8")
        assert len(re.findall(r"^import\b|\bimport\(|^export\b.*\bfrom\b", text, re.MULTILINE)) == len(
            IMPORT.findall(text)
        )
