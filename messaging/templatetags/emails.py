"""What the templates of e-mails need."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from accounts.values import ids

register = template.Library()
_ID = re.compile(ids.ANY_ID, re.ASCII)


@register.filter
def keep_ids(text: str) -> SafeString:
    """Write a text so that no claim id and no order id in it breaks over two lines."""
    escaped = str(conditional_escape(text))
    return mark_safe(_ID.sub(r'<span class="id">\g<0></span>', escaped))  # noqa: S308 - escaped just above
