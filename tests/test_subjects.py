"""Each subject has a folder of code and one of tests, of one name; each view of sellers is held to the contract."""

import re
import tomllib

from tests.environment import BASE_DIR

APPS = ("claims", "messaging", "desk")
WIRING = {"management", "migrations", "templatetags"}
"""Folders that Django prescribes; what is in them is tested with its subject."""


def folders(app: str) -> set[str]:
    """The app's packages that have a module of their own."""
    return {
        path.parent.name
        for path in (BASE_DIR / app).glob("*/__init__.py")
        if len([*path.parent.rglob("*.py")]) > 1 and path.parent.name not in WIRING
    }


def test_each_subject_has_its_folder_of_tests() -> None:
    subjects = {f"{app}/{folder}" for app in APPS for folder in folders(app)}
    tested = {
        f"{path.parent.parent.name}/{path.parent.name}"
        for app in APPS
        for path in BASE_DIR.glob(f"tests/{app}/*/test_*.py")
    }
    assert tested == subjects


def test_no_module_lies_in_a_folder_without_a_name_for_its_subject() -> None:
    """A folder says in its docstring what it holds."""
    silent = [
        f"{app}/{folder}"
        for app in APPS
        for folder in folders(app)
        if not (BASE_DIR / app / folder / "__init__.py").read_text("utf-8").startswith('"""')
    ]
    assert silent == []


def test_every_view_of_sellers_is_held_to_the_access_check() -> None:
    """The contract of import-linter names each module of views: a new one has to be added there."""
    linter = tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (contract,) = [each for each in linter["contracts"] if each["name"].startswith("Sellers' views")]
    views = {
        ".".join(path.relative_to(BASE_DIR).with_suffix("").parts)
        for app in ("accounts", "claims", "messaging")
        for path in (BASE_DIR / app).rglob("*.py")
        if re.fullmatch(r"(\w+_)?views", path.stem)
    }
    assert views <= set(contract["source_modules"])
