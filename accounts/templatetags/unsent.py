"""What a form with words carries so that they outlive the session of who writes them."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts import unsent

register = template.Library()


@register.simple_tag(takes_context=True)
def unsent_proof(context: dict[str, Any], action: str = "", page: str = "") -> SafeString:
    """Return the hidden field with the form's proof, for inside a form that posts to the path `action`.

    `action` is left out where the form posts to the page's own address; `page` is where the form is, left out
    where that is `action`. Nothing for who isn't signed in.
    """
    request = context["request"]
    if not request.user.is_authenticated:
        return SafeString()
    value = unsent.proof(request.user.pk, action or request.path, page)
    return format_html('<input type="hidden" name="{}" value="{}">', unsent.FIELD, value)
