"""The portal's ES modules, run by themselves in Chromium: no server, no page of the portal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Route

from tests.environment import BASE_DIR

ORIGIN = "http://modules.localhost"
Run = Callable[[str], Any]


@contextmanager
def running(browser: Browser, module: str) -> Iterator[Run]:
    """Give what runs a script, with the names a module of static/js exports, and returns what the script returns."""

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name:
            route.fulfill(path=BASE_DIR / "static/js" / name, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>Modules</title>", content_type="text/html")

    page = browser.new_context().new_page()
    page.route(f"{ORIGIN}/**", serve)
    page.goto(f"{ORIGIN}/")
    names = ", ".join(page.evaluate("async name => Object.keys(await import(name))", f"/{module}"))

    def run(script: str) -> Any:
        return page.evaluate(f"async () => {{ const {{ {names} }} = await import('/{module}'); {script} }}")

    yield run
    page.context.close()
