"""Forms as a browser has them: what is in a page, filled in and sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form of a page: what a browser would send of it, what could be chosen, and its boxes for words."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return set(self.values) | set(self.boxes) | set(self.choices)

    def filled(self, words: str) -> dict[str, list[str]]:
        """What it sends with these words in each box and line, and the last of each choice chosen."""
        chosen = {name: given[-1:] for name, given in self.choices.items()}
        return {**self.values, **chosen, **{name: [words] for name in [*self.boxes, *self.lines]}}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.open: Form | None = None
        self.box = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(has.get("action", ""), has.get("method", "get").lower())
            self.found.append(self.open)
        elif self.open is not None:
            self._part(self.open, tag, has)

    def _part(self, form: Form, tag: str, has: dict[str, str]) -> None:
        name, kind, value = has.get("name", ""), has.get("type", "text"), has.get("value", "")
        if tag == "textarea":
            self.box = name
            form.boxes.append(name)
            form.values[name] = [""]
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            form.choices.setdefault(self.select, []).append(value)
            if "selected" in has:
                form.values.setdefault(self.select, []).append(value)
        elif tag == "input" and name and kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(has.get("value", "on"))
            if "checked" in has:
                form.values.setdefault(name, []).append(has.get("value", "on"))
        elif tag == "input" and name and kind != "file":
            form.values.setdefault(name, []).append(value)
            if kind == "text" and "list" not in has:
                form.lines.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "textarea":
            self.box = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.box and self.open is not None:
            self.open.values[self.box][0] += data


def forms_of(html: str) -> list[Form]:
    """Return the forms of a page, in order."""
    parser = _Forms()
    parser.feed(html)
    for form in parser.found:  # a browser drops the line end that begins a box
        form.values |= {name: [form.values[name][0].removeprefix("\n").strip("\r\n")] for name in form.boxes}
    return parser.found
