"""What templates need to show an icon, an amount, a moment or a form field: `{% load portal %}`."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from claims.files.check import KINDS
from claims.text import formats

register = template.Library()

ICONS = Path(settings.BASE_DIR) / "static" / "vendor" / "bootstrap-icons"


class UnknownIcon(Exception):
    """A template or a badge names an icon that is not among the files."""


@cache
def _shape(name: str) -> SafeString | None:
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return None
    file = ICONS / f"{name}.svg"
    if not file.is_file():
        return None
    shape = re.sub(r"^\s*<svg[^>]*>|</svg>\s*$", "", file.read_text("utf-8"))
    return mark_safe(re.sub(r">\s+<", "><", shape).strip())  # noqa: S308 - our own files


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one of the icons of static/vendor/bootstrap-icons inline; it says nothing to a screen reader.

    A name that is not there breaks the page under DEBUG and the tests; elsewhere the page does without the icon.
    """
    shape = _shape(name)
    if shape is None:
        _miss(name)
        return SafeString("")
    return mark_safe(f'<svg class="bi" viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>')  # noqa: S308


@register.simple_tag
def symbols(names: Sequence[str]) -> SafeString:
    """Draw icons once for a list whose rows show them by `<use href="#i-NAME"/>`: a tenth of the bytes a row."""
    drawn = []
    for name in names:
        shape = _shape(name)
        if shape is None:
            _miss(name)
        else:
            drawn.append(f'<symbol id="i-{name}" viewBox="0 0 16 16">{shape}</symbol>')
    return mark_safe(f'<svg hidden aria-hidden="true">{"".join(drawn)}</svg>')  # noqa: S308 - our own files


def _miss(name: str) -> None:
    if settings.DEBUG:
        raise UnknownIcon(name)
    warnings.warn(f"there is no icon {name!r}", RuntimeWarning, stacklevel=3)


# Files.


@register.simple_tag
def file_types(photos: bool = False) -> str:
    """Return what a field for files may choose from, for its `accept`: all that is taken, or `photos` and PDF."""
    kinds = [kind for kind in KINDS.values() if not photos or kind.previewed]
    return ",".join([kind.media_type for kind in kinds] + [f".{end}" for kind in kinds for end in kind.extensions])


@register.simple_tag
def file_rules() -> str:
    """Return which files are taken and how large they may be, for under a field."""
    return _(
        "PNG, JPEG, WebP, HEIC, PDF, text, CSV or EML, at most 10 MB each; MP4 or MOV videos, at most 50 MB each, kept "
        "as they came. 10 files in one message."
    )


# Moments. The zone is the reader's, `zone` in every template's context, unless one is given.


def _zone(context: template.Context, zone: tzinfo | str | None) -> tzinfo | str:
    zone = zone or context.get("zone")
    return (zone() if callable(zone) else zone) or timezone.get_current_timezone()


def _time(at: datetime, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', formats.iso(at), words)


@register.simple_tag(takes_context=True)
def moment(context: template.Context, at: datetime | None, zone: tzinfo | str | None = None) -> str:
    """`{% moment claim.reply_by %}`: Wed, Nov 25, 2026, 11:59 PM EST."""
    return _time(at, formats.moment_full(at, _zone(context, zone))) if at else ""


@register.simple_tag(takes_context=True)
def moment_short(context: template.Context, at: datetime | None, zone: tzinfo | str | None = None) -> str:
    """`{% moment_short claim.reply_by %}`: Nov 25, 2026, 11:59 PM EST."""
    return _time(at, formats.moment_short(at, _zone(context, zone))) if at else ""


@register.simple_tag(takes_context=True)
def clock(context: template.Context, at: datetime | None, zone: tzinfo | str | None = None) -> str:
    """`{% clock draft.saved_at %}`: 2:14 PM EST."""
    return _time(at, formats.clock(at, _zone(context, zone))) if at else ""


@register.simple_tag(takes_context=True)
def day(context: template.Context, at: date | datetime | None, zone: tzinfo | str | None = None) -> str:
    """`{% day refund.refunded_at %}`: Nov 2, 2026."""
    if at is None:
        return ""
    words = formats.day(at, _zone(context, zone))
    if isinstance(at, datetime):
        return _time(at, words)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), words)


register.simple_tag(formats.left, name="left")
register.simple_tag(formats.left_bare, name="left_bare")


# Amounts, lists, sizes


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ line.claimed_minor|money:line.currency }}`: 89.99 USD."""
    return "" if minor is None else formats.money(minor, currency)


@register.filter
def iso(at: datetime) -> str:
    """`<time datetime="{{ card.until_at|iso }}">`: 2026-11-26T04:59:59Z."""
    return formats.iso(at)


@register.filter
def and_list(items: Sequence[str]) -> str:
    return formats.and_list(items)


@register.filter
def size(count: int) -> str:
    """`{{ file.size|size }}`: 1.2 MB."""
    return formats.size(count)


# Forms


class Problem(NamedTuple):
    """One thing to fix: where it is on the page (an id, or empty for the whole form) and the sentence."""

    field: str
    words: str


@register.filter
def problems(form: BaseForm) -> list[Problem]:
    """The things to fix in a form, in the order of its fields, for components/error_summary.html."""
    to_fix = [Problem("", str(error)) for error in form.non_field_errors()]
    for bound in form:
        to_fix += [Problem(_first_id(bound), str(error)) for error in bound.errors]
    return to_fix


def _first_id(bound: BoundField) -> str:
    """The id of the first control of a field: radio buttons have one each, numbered."""
    many = getattr(bound.field.widget, "input_type", "") == "radio" or bound.field.widget.use_fieldset
    return f"{bound.auto_id}_0" if many else bound.auto_id


@register.filter
def control(bound: BoundField) -> SafeString:
    """Draw the control of a field in the portal's look, joined to its help text and its error for screen readers."""
    kind = getattr(bound.field.widget, "input_type", "")
    css = {"select": "form-select", "checkbox": "form-check-input", "radio": ""}.get(kind, "form-control")
    attrs: dict[str, str | bool] = {"class": f"{css} {bound.field.widget.attrs.get('class', '')}".strip()}
    described = [f"{bound.auto_id}_helptext"] * bool(bound.help_text) + [f"{bound.auto_id}_error"] * bool(bound.errors)
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if str(bound.field.widget.attrs.get("placeholder", "")).casefold() in str(bound.label).casefold():
        attrs["placeholder"] = False  # it says the label once more
    # No page may hold a NUL; what was typed is shown with a mark where it was.
    return SafeString(bound.as_widget(attrs=attrs).replace("\0", "\ufffd"))


@register.filter
def kind(bound: BoundField) -> str:
    """checkbox, radio, select, file, text …: which shape components/field.html gives a field."""
    return getattr(bound.field.widget, "input_type", "textarea")


@register.simple_tag(takes_context=True)
def current(context: template.Context, prefix: str) -> str:
    """`<a href="/claims/"{% current "/claims/" %}>`: says that the reader is on this page, or somewhere under it."""
    request = context.get("request")
    if request is None or not request.path.startswith(prefix):
        return ""
    here = "page" if request.path == prefix else "true"
    return mark_safe(f' aria-current="{here}"')  # noqa: S308 - one of two words
