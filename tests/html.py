"""Every page the tests fetch is parsed as a browser would; what a browser would have to repair fails the test."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client
from justhtml import JustHTML


def problems(html: str) -> list[str]:
    """Return what is wrong with a page, or with a part of one as htmx gets it, as "line:column what"."""
    whole = html.lstrip().lower().startswith("<!doctype")
    parsed = JustHTML(html, collect_errors=True, fragment=not whole)
    return [f"{error.line}:{error.column} {error.code}" for error in parsed.errors]


def content_of(response: Any) -> bytes:
    """Return all that was answered, of a download too; read to its end it is closed."""
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


class CheckingClient(Client):
    def request(self, **request: Any) -> HttpResponse:
        response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            found = problems(response.content.decode())
            assert found == [], f"{request.get('PATH_INFO')} is not well-formed HTML"
        return response
