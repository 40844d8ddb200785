"""What every page is asked in a real browser."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def findings(page: Page, url: str, status: int = 200) -> dict[str, list[Any]]:
    """Go there and return what is wrong, nothing for a page in order.

    Wrong is what the console says (CSP above all), what axe finds, what sticks out sideways or is squeezed to a
    column of letters, and another status.
    """
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # The browser notes each answer that isn't a success; the status is asked for below.
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            said.append(message.text)

    page.on("console", listen)
    response = page.goto(url)
    page.remove_listener("console", listen)
    result = {
        "console": said,
        **wrong_here(page),
        "status": [] if response and response.status == status else [response and response.status],
    }
    return {what: finding for what, finding in result.items() if finding}


# Colors that are on their way from one theme to the other are nobody's to judge.
SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter(each => each.effect?.getComputedTiming().endTime < 5000).map(each => each.finished))"""


def wrong_here(page: Page) -> dict[str, list[Any]]:
    """Return what axe finds on the page that is open, what sticks out sideways and what is squeezed."""
    page.evaluate(SETTLED)
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    result: dict[str, list[Any]] = {
        "axe": [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found],
        "sideways": [sideways] if sideways else [],
        "squeezed": squeezed(page),
    }
    return {what: finding for what, finding in result.items() if finding}


def squeezed(page: Page) -> list[str]:
    """Return the words that have been given less room than a word is wide."""
    found = page.evaluate("""[...document.querySelectorAll("p, dd, dt, td, th, li")]
        .filter(each => each.innerText.length > 20 && each.clientWidth > 0 && each.clientWidth < 60)
        .map(each => each.innerText)""")
    return [str(words) for words in found]
