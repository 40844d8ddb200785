"""HTML of old e-mails as plain text. Nothing is fetched, and no markup survives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import nh3

_LONGEST = 300_000
_CUT = "\n\n[…]"
# A picture written into the page itself: no words in it, and often most of the bytes.
_INLINE_DATA = re.compile(r"data:[\w/+.;=-]{0,100}base64,[A-Za-z0-9+/=%\s]*+")
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "pre", "blockquote", "hr"}
_LINES = {"div", "tr", "li", "section", "article", "header", "footer", "center", "address", "dl", "dt", "dd", "br"}
_CELLS = {"td", "th"}
_KEPT = _PARAGRAPHS | _LINES | _CELLS | {"a"}
_SILENT = {"script", "style", "title"}

# The parser nh3 is built on follows the HTML standard to the letter, and there unclosed <font> tags multiply and the
# cost grows with the depth. So only tags that matter for text reach it, and never more than a hundred deep.
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)(?=[\s/>])")
# How programs hide what only the list of a mailbox is to show, and copies for other screens.
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*[01](?:px|pt)?\s*[;\"'!]"
    r"|(?<![\w-])opacity\s*:\s*0(?:\.0+)?\s*[;\"'!]|max-height\s*:\s*0(?:px)?\s*[;\"'!]|\shidden(?=[\s/>=])",
    re.IGNORECASE,
)
_STYLE = re.compile(r"<(/?)(?:style|script)(?=[\s>/])", re.IGNORECASE)
_NEVER_CLOSED = {"br", "hr", "img", "meta", "link", "input", "col", "base", "area", "wbr", "source", "body", "html"}
_LONGEST_TAG = 4000
_CLOSED_BY_THE_NEXT = {"p", "br", "hr", "li", "tr", "td", "th", "dt", "dd", "a"}
_DEEPEST = 100


def html_to_text(html: str) -> str:
    """Return what a reader sees: paragraphs and lines kept, links with their address, quotes marked with "> ".

    At most 300,000 characters of HTML are read; more is said by "[…]".
    """
    html = _INLINE_DATA.sub("", html)
    if len(html) > _LONGEST:
        html = _without_styles(html)
    shown = _without_hidden(html[:_LONGEST])
    text = _as_text(shown)
    if not text and len(shown) < min(len(html), _LONGEST):
        text = _as_text(html[:_LONGEST])  # all of it is hidden: better said than lost
    return text + (_CUT if len(html) > _LONGEST else "")


def _without_styles(html: str) -> str:
    """Return the page without its style sheets and scripts, of which some have more than words are read of."""
    pieces, at, start = [], 0, -1
    for match in _STYLE.finditer(html):
        if match[1] and start >= 0:
            pieces.append(html[at:start])
            at, start = match.start(), -1
        elif not match[1] and start < 0:
            start = match.start()
    return "".join([*pieces, html[at:]])


def _as_text(html: str) -> str:
    cleaned = nh3.clean(
        _without_other_tags(html),
        tags=_KEPT,
        clean_content_tags=_SILENT,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    writer = _Writer()
    writer.feed(cleaned)
    writer.close()
    return writer.text()


def _without_hidden(html: str) -> str:
    """Return the page without what it hides from its readers: of what is never closed nothing is taken away."""
    if not _HIDDEN.search(html):
        return html
    opened: dict[str, list[tuple[int, bool]]] = {}
    spans: list[tuple[int, int]] = []
    for match, end in _tags(html):
        tag = match[2].lower()
        if tag in _NEVER_CLOSED:
            continue
        stack = opened.setdefault(tag, [])
        if match[1]:
            start, hides = stack.pop() if stack else (0, False)
            if hides:
                spans.append((start, end))
            continue
        if stack and tag in _CLOSED_BY_THE_NEXT and tag not in _CELLS:
            stack.pop()
        if html[end - 2 : end] != "/>":
            stack.append((match.start(), bool(_HIDDEN.search(html, match.end(), end))))
    pieces, at = [], 0
    for start, end in sorted(spans):
        if start >= at:
            pieces.append(html[at:start])
        at = max(at, end)
    return "".join([*pieces, html[at:]])


def _without_other_tags(html: str) -> str:
    depth = 0

    def keep(closing: str, tag: str, whole: str) -> str:
        nonlocal depth
        if tag in _SILENT:
            return whole
        if tag not in _KEPT:
            return ""
        if tag not in _CLOSED_BY_THE_NEXT:
            depth = max(0, depth + (-1 if closing else 1))
            if depth > _DEEPEST:
                return "<br>"
        return whole

    pieces, at = [], 0
    for match, end in _tags(html):
        pieces += [html[at : match.start()], keep(match[1], match[2].lower(), html[match.start() : end])]
        at = end
    return "".join([*pieces, html[at:]])


def _tags(html: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield each tag and where it ends. A ">" is looked for once, however many beginnings come before it."""
    end = closed = 0
    for match in _TAG.finditer(html):
        if match.start() < end:
            continue
        if closed < match.end():
            closed = html.find(">", match.end())
            if closed < 0:
                return
        if closed - match.end() <= _LONGEST_TAG:
            end = closed + 1
            yield match, end


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._link = ""
        self._link_words: list[str] = []
        self._in_pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre":
            self._in_pre += 1
        if tag == "a":
            self._link, self._link_words = dict(attrs).get("href") or "", []
        elif tag in _CELLS:
            self._line.append("  " if self._line else "")
        else:
            self._break(blank=tag in _PARAGRAPHS)
            if tag == "li":
                self._line.append("- ")
            if tag == "blockquote":
                self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._break(blank=True)
            self._in_pre = max(0, self._in_pre - 1)
        elif tag == "a":
            address = self._link.removeprefix("mailto:")
            if address and address not in "".join(self._link_words):
                self._line.append(f" <{address}>")
            self._link = ""
        elif tag not in _CELLS and tag != "br":
            self._break(blank=tag in _PARAGRAPHS)
            if tag == "blockquote":
                self._depth = max(0, self._depth - 1)

    def handle_data(self, data: str) -> None:
        if self._link:
            self._link_words.append(data)
        if self._in_pre:
            first, *more = data.replace("\xa0", " ").split("\n")
            self._line.append(first)
            for line in more:
                self._break(blank=False)
                self._line.append(line)
            return
        data = re.sub(r"[\s\xa0]+", " ", data)
        self._line.append(data if self._line else data.lstrip())

    def _break(self, blank: bool) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._in_pre else re.sub(r"[ ]{3,}", "  ", line).strip()
        self._line = []
        mark = "> " * min(self._depth, 9)
        if line or (self._in_pre and self._lines and self._lines[-1].strip("> ")):
            self._lines.append((mark + line).rstrip())
        if blank and self._lines and self._lines[-1].strip("> "):
            self._lines.append(mark.rstrip())

    def text(self) -> str:
        self._break(blank=False)
        while self._lines and not self._lines[-1].strip("> "):
            self._lines.pop()
        return "\n".join(self._lines).strip()
