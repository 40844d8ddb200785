"""The look holds: contrast of every pair of colours that meet, no inline code, icons and vendored files in order."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from accounts.models import Theme
from claims.claim_page.turn_card import TurnCard
from claims.components import Button
from claims.templatetags.portal import ICONS, UnknownIcon, icon
from tests.environment import BASE_DIR
from tests.html import problems

CSS = (BASE_DIR / "static/css/portal.css").read_text("utf-8")
TEMPLATES = sorted(BASE_DIR.glob("templates/**/*.html"))
TONES = ("you", "them", "granted", "denied", "quiet")
TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2: 1.4.3 and 1.4.11

# What stands on what, and how well it must be seen.
PAIRS: list[tuple[str, str, float]] = [
    *[("text", ground, TEXT) for ground in ("surface", "bg", "sunken", "unseen-bg")],
    *[("muted", ground, TEXT) for ground in ("surface", "bg", "sunken", "unseen-bg")],
    *[("accent", ground, TEXT) for ground in ("surface", "bg", "sunken", "unseen-bg")],
    *[("accent-hover", ground, TEXT) for ground in ("surface", "bg", "sunken", "unseen-bg")],
    *[("on-accent", ground, TEXT) for ground in ("accent", "accent-hover")],
    *[("control", ground, SHAPE) for ground in ("surface", "bg", "sunken")],
    *[("you-fg", "unseen-bg", TEXT), ("you-fg", "bg", TEXT), ("denied-fg", "bg", TEXT)],
    *[pair for tone in TONES for pair in (
        (f"{tone}-fg", f"{tone}-bg", TEXT),
        (f"{tone}-fg", "surface", TEXT),
        (f"{tone}-line", f"{tone}-bg", SHAPE),
        (f"{tone}-line", "surface", SHAPE),
        ("accent", f"{tone}-bg", TEXT),
        ("text", f"{tone}-bg", TEXT),
        ("muted", f"{tone}-bg", TEXT),
    )],
]  # fmt: skip


def tokens(theme: str) -> dict[str, str]:
    block = re.search(rf"\[data-bs-theme={theme}\] \{{(.*?)\n\}}", CSS, re.S)
    assert block is not None
    return dict(re.findall(r"--p-([\w-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize(("front", "ground", "needed"), PAIRS)
def test_contrast_of_colours_that_meet(theme: str, front: str, ground: str, needed: float) -> None:
    colours = tokens(theme)
    assert contrast(colours[front], colours[ground]) >= needed


def test_both_themes_have_the_same_tokens() -> None:
    assert tokens("light").keys() == tokens("dark").keys()


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
@pytest.mark.parametrize(
    ("triple", "token"), [("body-color", "text"), ("link-color", "accent"), ("link-hover-color", "accent-hover")]
)
def test_bootstrap_is_given_the_same_colour_in_numbers(theme: str, triple: str, token: str) -> None:
    block = CSS.split(f"[data-bs-theme={theme}] {{")[1].split("\n}")[0]
    found = re.search(rf"--bs-{triple}-rgb: ([\d,]+);", block)
    colour = tokens(theme)[token]
    assert found is not None
    assert found[1] == ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))


@pytest.mark.parametrize("file", sorted(BASE_DIR.glob("static/**/*.css")), ids=lambda file: file.name)
def test_stylesheet_names_nothing_that_is_not_here(file: Path) -> None:
    text = file.read_text("utf-8")
    assert "sourceMappingURL" not in text
    assert [url for url in re.findall(r"url\(([^)]*)\)", text) if not re.match(r"[\"']?(data:|#|%23)", url)] == []


@pytest.mark.parametrize("folder", ["bootstrap", "bootstrap-icons"])
def test_vendored_files_carry_their_licence(folder: str) -> None:
    assert (BASE_DIR / "static/vendor" / folder / "LICENSE").read_text("utf-8").startswith("The MIT License")


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(BASE_DIR / "templates")))
def test_template_has_no_inline_code_and_no_unknown_icon(file: Path) -> None:
    text = file.read_text("utf-8")
    assert re.findall(r"\sstyle\s*=|<style|\son\w+\s*=|javascript:", text) == [] or "emails" in file.parts
    scripts = [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and "application/json" not in tag]
    assert scripts == []
    assert [name for name in re.findall(r"{% icon \"([^\"]+)\"", text) if not (ICONS / f"{name}.svg").is_file()] == []
    assert re.findall(r"tabindex=\"[1-9]", text) == []


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(BASE_DIR / "templates")))
def test_template_has_no_line_that_hides_its_tags(file: Path) -> None:
    """A tag a line where a line would be longer than 160 characters."""
    assert [line for line in file.read_text("utf-8").splitlines() if len(line) > 160] == []


def test_icon_is_drawn_inline_and_silent() -> None:
    drawn = Template('{% load portal %}{% icon "clock" %}').render(Context())
    assert re.fullmatch(r'<svg class="bi" viewBox="0 0 16 16" aria-hidden="true"><path [^\n]*/></svg>', drawn)


@pytest.mark.parametrize("name", ["no-such-icon", "../../../settings", ""])
def test_unknown_icon_breaks_under_debug_and_warns_elsewhere(name: str, settings: object) -> None:
    settings.DEBUG = True  # type: ignore[attr-defined]
    with pytest.raises(UnknownIcon):
        icon(name)
    settings.DEBUG = False  # type: ignore[attr-defined]
    with pytest.warns(RuntimeWarning, match="there is no icon"):
        assert icon(name) == ""


@pytest.mark.parametrize("file", sorted(ICONS.glob("*.svg")), ids=lambda file: file.stem)
def test_icon_draws_with_the_colour_of_the_text(file: Path) -> None:
    assert re.findall(r"fill=\"(?!currentColor)|<script|href=", file.read_text("utf-8")) == []


def test_moment_is_written_in_the_readers_zone_for_people_and_in_utc_for_machines() -> None:
    at = datetime(2026, 11, 26, 4, 59, 59, 999_999, tzinfo=UTC)
    template = Template(
        "{% load portal %}{% moment at %}|{% moment_short at 'Europe/Berlin' %}|{% day at %}|{% moment none %}"
    )
    assert template.render(Context({"at": at, "zone": "America/New_York", "none": None})) == (
        '<time datetime="2026-11-26T04:59:59Z">Wed, Nov 25, 2026, 11:59 PM EST</time>|'
        '<time datetime="2026-11-26T04:59:59Z">Nov 26, 2026, 5:59 AM CET</time>|'
        '<time datetime="2026-11-26T04:59:59Z">Nov 25, 2026</time>|'
    )


def test_amount_is_written_by_filter() -> None:
    template = Template("{% load portal %}{{ minor|money:currency }}|{{ nothing|money:currency }}")
    assert template.render(Context({"minor": 8999, "currency": "USD", "nothing": None})) == "89.99 USD|"


def test_turn_card_says_the_moment_lists_what_is_missing_and_posts_with_proof(rf: RequestFactory) -> None:
    card = TurnCard(
        "you",
        "reply-fill",
        "Your turn",
        "The SAFE-T team needs 1 thing: <a photo>.",
        "Reply by Wed, Nov 25, 2026, 11:59 PM EST (in 2 days).",
        datetime(2026, 11, 26, 4, 59, 59, 999_999, tzinfo=UTC),
        asked=("a photo of the label",),
        buttons=(
            Button("Reply", "#reply", primary=True),
            Button("Withdraw the claim", "/withdraw/", method="post", fields=(("version", "3"),)),
        ),
        why=("Viewers can read but not act.",),
    )
    drawn = render_to_string("components/turn_card.html", {"card": card}, rf.get("/"))
    assert problems(drawn) == []
    drawn = " ".join(drawn.split()).replace("> <", "><")
    assert [drawn.count(part) for part in (
        'class="turn is-you"',
        "&lt;a photo&gt;",
        '<time datetime="2026-11-26T04:59:59Z">Reply by Wed, Nov 25, 2026, 11:59 PM EST (in 2 days).</time>',
        "<li>a photo of the label</li>",
        '<p class="muted">Viewers can read but not act.</p>',
        'class="btn btn-primary btn-block-phone" href="#reply"',
        '<form method="post" action="/withdraw/"><input type="hidden" name="csrfmiddlewaretoken"',
        '<input type="hidden" name="version" value="3">',
    )] == [1] * 8  # fmt: skip
