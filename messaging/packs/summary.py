"""The pack's summary as a PDF, to read or print: facts, decisions, the thread and the files with their hashes."""

from __future__ import annotations

import logging
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from claims.text import directions, formats
from messaging.packs.contents import PackContents, PackEntry

FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
WIDE_FONTS = (
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)
"""Fonts with Chinese, Japanese and Korean that a Debian machine may have; where needed, the first that is there."""
_NO_SIGN = "\u25a1"  # stands for a character that no font here has
_UNPRINTABLE = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)])
_INVISIBLE = {
    *map(chr, (0x0A, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070)))
}
_BLUE, _GREY, _BLACK = (10, 88, 168), (82, 96, 110), (26, 35, 48)

# It writes a line for every character the font doesn't have; the summary says so once, in words.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


class _Paper(FPDF):
    """A4 in one font, with the claim and the page on each sheet."""

    def __init__(self, claim_id: str) -> None:
        super().__init__(format="A4")
        self.claim_id = claim_id
        self.missing = 0
        self.set_margins(18, 18)
        self.set_auto_page_break(auto=True, margin=18)
        self.add_font("DejaVu", "", FONT)
        self._known = set(_signs(self, "dejavu"))
        self._wide: bool | None = None

    def _printable(self, text: str) -> str:
        """Return the text with a sign for each character no font here has, counted. A wide font is read when needed."""
        text = text.translate(_UNPRINTABLE)
        if text.isascii() or not (lacking := {*text} - self._known - _INVISIBLE):
            return text
        if self._wide is None:
            wide = next((place for place in WIDE_FONTS if Path(place).is_file()), None)
            self._wide = wide is not None
            if wide:
                self.add_font("Wide", "", wide)
                self.set_fallback_fonts(["Wide"])
                self._known |= _signs(self, "wide")
                lacking -= self._known
        self.missing += sum(map(text.count, lacking))
        return text.translate(dict.fromkeys(map(ord, lacking), _NO_SIGN))

    def footer(self) -> None:
        self.set_y(-12)
        self.words(_("SAFE-T claim %(id)s, page %(page)s") % {"id": self.claim_id, "page": self.page_no()}, 8, _GREY)

    def words(self, text: str, size: float = 10, colour: tuple[int, int, int] = _BLACK, indent: float = 0) -> None:
        """Write lines of text, each paragraph from the side its script begins; what no printer prints is left out."""
        for line in self._printable(text).split("\n"):
            self._paragraph(line, size, colour, indent)

    def _paragraph(self, line: str, size: float, colour: tuple[int, int, int], indent: float) -> None:
        from_right = directions.begins_from_right(line)
        is_shaped = directions.runs_from_right(line)
        self.set_font("DejaVu", size=size)
        self.set_text_shaping(is_shaped, direction="rtl" if from_right else "ltr")
        self.set_text_color(*colour)
        self.set_x(self.l_margin + indent)
        self.multi_cell(
            0, size * 0.5, directions.ids_isolated(line), align="R" if from_right else "L", new_x=XPos.LMARGIN,
            new_y=YPos.NEXT, wrapmode=WrapMode.CHAR if _has_long_word(line) else WrapMode.WORD,
        )  # fmt: skip

    def heading(self, text: str) -> None:
        self.ln(4)
        self.words(text, 13, _BLUE)
        self.ln(1)


def _signs(paper: FPDF, family: str) -> set[str]:
    """The characters a font that was added has a sign for."""
    return {chr(code) for code in paper.fonts[family].cmap}  # type: ignore[union-attr]


def _has_long_word(text: str) -> bool:
    return any(len(word) > 60 for word in text.split())


def pdf(contents: PackContents, hashes: dict[str, str], made_at: str) -> bytes:
    """Return the summary. `hashes` are the SHA-256 of the files by their place in the pack."""
    paper = _Paper(contents.claim.claim_id)
    paper.set_title(f"SAFE-T claim {contents.claim.claim_id}")
    paper.add_page()
    paper.words(_("SAFE-T claim %(id)s") % {"id": contents.claim.claim_id}, 18)
    paper.words(_("Evidence pack made %(moment)s. All moments are in UTC.") % {"moment": made_at}, 9, _GREY)
    paper.heading(_("The claim"))
    for label, value in contents.facts:
        paper.words(f"{label}: {value}")
    paper.heading(_("What is claimed"))
    for line in contents.details.lines:
        paper.words(f"{line.item} · {line.sub}")
        amounts = {"claimed": line.claimed, "granted": line.granted}
        paper.words(_("Claimed %(claimed)s. Granted: %(granted)s.") % amounts, 9, _GREY, indent=4)
    if contents.claim.statement:
        paper.heading(_("What the seller wrote"))
        paper.words(contents.claim.statement)
    paper.heading(_("Thread"))
    _said(paper, contents.thread)
    if contents.notes:
        paper.heading(_("Internal notes, not shown to the seller"))
        _said(paper, contents.notes)
    paper.heading(_("Files"))
    if not contents.files:
        paper.words(_("None."))
    for file in contents.files:
        paper.words(file.path)
        about = [file.by, formats.iso(file.at), file.slot, file.why_not]
        paper.words(" · ".join(part for part in about if part), 9, _GREY, indent=4)
        if file.path in hashes:
            paper.words(f"SHA-256 {hashes[file.path]}", 8, _GREY, indent=4)
    paper.heading(_("How to check this pack"))
    paper.words(
        _(
            "manifest.json lists every part of the pack with its SHA-256; SHA256SUMS is the same for the command "
            '"sha256sum -c SHA256SUMS". Pictures are copies without metadata; beside the SHA-256 of '
            "the copy is that of what was sent."
        )
    )
    if paper.missing:
        paper.words(
            ngettext(
                "%(n)s character of another script isn't in the fonts of this server; □ stands for it. "
                "thread.txt and manifest.json have all of them.",
                "%(n)s characters of other scripts aren't in the fonts of this server; □ stands for each. "
                "thread.txt and manifest.json have all of them.",
                paper.missing,
            )
            % {"n": formats.number(paper.missing)}
        )
    return bytes(paper.output())


def _said(paper: _Paper, entries: tuple[PackEntry, ...]) -> None:
    for entry in entries:
        head = " · ".join(part for part in (formats.iso(entry.at), entry.who) if part)
        paper.words(head, 8.5, _GREY)
        for line in entry.lines:
            paper.words(line, indent=4)
        for name in entry.files:
            paper.words(f"[{name}]", 9, _GREY, indent=4)
        paper.ln(1.5)
