"""No app knows the addresses of an app above it, in code or in templates: it asks `accounts.page_addresses`."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.page_addresses import PageName, page_address
from tests.environment import BASE_DIR

LAYERS = ("accounts", "claims", "messaging", "desk", "safet_portal")
NAMESPACES = {"claims", "messaging", "desk"}
BY_NAME = {"reverse", "reverse_lazy", "redirect", "resolve_url"}

TEMPLATES_OF = {
    "account": "accounts",
    "accounts": "accounts",
    "admin": "desk",
    "allauth": "accounts",
    "claims": "claims",
    "components": "claims",
    "demo": "safet_portal",
    "emails": "messaging",
    "messaging": "messaging",
    "mfa": "accounts",
}
"""The app each folder of templates belongs to."""

FRAME = {"admin/base_site.html", *(f"components/{name}.html" for name in ("demo_bar", "foot", "topbar", "viewing_bar"))}
"""What stands around every page is the portal's, as are the templates that lie in no folder."""

KNOWN: set[tuple[str, str]] = set()
"""Links upwards that are still there, with the reason: (file, name of the view). Shorten it, don't add to it."""


def routes(resolver: URLResolver | None = None, spaces: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, spaces + (f"{each.namespace}:" if each.namespace else ""))
        elif each.name:
            yield spaces + each.name, each


def app_of_view(route: URLPattern) -> str:
    """The app whose view, or whose page of the admin, it is; "" for Django's own and other libraries'."""
    view = inspect.unwrap(route.callback)
    admin = getattr(route.callback, "model_admin", None) or getattr(view, "__self__", None)
    module = type(admin).__module__ if admin is not None else view.__module__
    app = module.partition(".")[0]
    return app if app in LAYERS else ""


@cache
def owners() -> dict[str, str]:
    """The app each named address belongs to."""
    return {name: app_of_view(route) for name, route in routes()}


def owner(name: str) -> str:
    """The app a name leads to; a name put together at run time is judged by its namespace."""
    space = name.partition(":")[0] if ":" in name else ""
    return owners().get(name, space if space in NAMESPACES else "")


def names_in_code(text: str) -> Iterator[str]:
    """Names of views: what is reversed, and every other text that is one with its namespace (tables of routes)."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in BY_NAME and isinstance(node.args[0].value, str):
                yield node.args[0].value
        if isinstance(node, ast.keyword) and node.arg == "pattern_name" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\w+:\w*", node.value):
            yield node.value


def names_in_template(text: str) -> Iterator[str]:
    yield from re.findall(r"""{%\s*url\s+["']([^"']+)["']""", text)


def app_of_template(name: str) -> str:
    folder = name.partition("/")[0] if "/" in name else ""
    return "safet_portal" if not folder or name in FRAME else TEMPLATES_OF[folder]


def upwards(app: str, names: Iterator[str]) -> list[str]:
    return sorted({name for name in names if owner(name) and LAYERS.index(owner(name)) > LAYERS.index(app)})


def links_up() -> set[tuple[str, str]]:
    found = set()
    for app in LAYERS:
        for path in (BASE_DIR / app).rglob("*.py"):
            if "migrations" not in path.parts:
                found |= {(place(path), name) for name in upwards(app, names_in_code(path.read_text("utf-8")))}
    templates = BASE_DIR / "templates"
    for path in [*templates.rglob("*.html"), *templates.rglob("*.txt")]:
        app = app_of_template(path.relative_to(templates).as_posix())
        found |= {(place(path), name) for name in upwards(app, names_in_template(path.read_text("utf-8")))}
    return found


def place(path: Path) -> str:
    return path.relative_to(BASE_DIR).as_posix()


def test_no_app_reverses_an_address_of_an_app_above_it() -> None:
    assert links_up() == KNOWN


def test_owners_of_addresses_are_known() -> None:
    names = ("people", "claims:manage", "messaging:thread", "desk:claim", "home", "admin:claims_claim_changelist")
    assert [owner(name) for name in names] == ["accounts", "claims", "messaging", "desk", "safet_portal", "desk"]
    assert owner("admin:index") == owner("account_login") == owner("nothing:at_all") == ""


@pytest.mark.parametrize(
    ("app", "code"),
    [
        ("claims", "reverse('messaging:thread', args=[1])"),
        ("claims", "ROUTES = {'desk': ('desk:file', 'desk:preview')}"),
        ("claims", "redirect(f'desk:{place}')"),
        ("accounts", "redirect('home')"),
        ("accounts", "View.as_view(pattern_name='claims:manage')"),
        ("messaging", "urls.reverse('admin:claims_claim_changelist')"),
    ],
)
def test_a_link_upwards_in_code_is_noticed(app: str, code: str) -> None:
    assert upwards(app, names_in_code(code))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("claims/details.html", "{% url 'messaging:pack' head.claim_id %}"),
        ("components/claim_head.html", '{% url "messaging:thread" head.claim_id as there %}'),
        ("messaging/entry.html", "{%url 'desk:mail' 1%}"),
    ],
)
def test_a_link_upwards_in_a_template_is_noticed(name: str, text: str) -> None:
    assert upwards(app_of_template(name), names_in_template(text))


def test_every_page_that_is_asked_for_has_been_registered() -> None:
    claim_id, uuid = "11111-22222-3333333", "00000000-0000-4000-8000-000000000000"
    needed = {
        PageName.THREAD: [claim_id],
        PageName.PACK: [claim_id],
        PageName.DESK_FILE: [uuid],
        PageName.DESK_FILE_PREVIEW: [uuid, 1],
        PageName.DESK_ORIGINAL: [1],
        PageName.DESK_ORIGINAL_DOWNLOAD: [1],
    }
    assert all(page_address(page, *needed.get(page, [])).startswith("/") for page in PageName)
