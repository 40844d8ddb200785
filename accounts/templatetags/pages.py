"""Links to pages of apps above, in templates of those below."""

from __future__ import annotations

from typing import Any

from django import template

from accounts import page_addresses

register = template.Library()


@register.simple_tag
def page_address(page: str, *args: Any) -> str:
    """The address of one of `accounts.page_addresses.Page`, by its value."""
    return page_addresses.page_address(page_addresses.PageName(page), *args)
