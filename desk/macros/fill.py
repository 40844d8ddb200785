"""Macros: texts made beforehand, with variables, for one verb. They fill a form in; the handler sends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from claims.models import Claim
from claims.rules.lifecycle import Verb
from claims.text import formats, reason_label
from claims.workflow import deadlines
from desk.models import Macro

MOST_LISTED = 200
_VARIABLE = re.compile(r"\{([^{}\n]{0,60})\}")


def _items(claim: Claim) -> str:
    return formats.and_list([line.title or line.sku for line in claim.lines.order_by("pk")])


def _reply_by(claim: Claim, zone: str, now: datetime) -> str:
    soonest = deadlines.reply_by(claim, now)
    # Asking again never shortens the time to reply.
    return formats.moment_full(max(soonest, claim.reply_by or soonest), zone)


VARIABLES: dict[str, Callable[[Claim, str, datetime], str]] = {
    "claim_id": lambda claim, _zone, _now: claim.claim_id,
    "order_id": lambda claim, _zone, _now: claim.order.order_id,
    "seller": lambda claim, _zone, _now: claim.seller.name,
    "item": lambda claim, _zone, _now: _items(claim),
    "reason": lambda claim, _zone, _now: reason_label(claim.reason),
    "claimed": lambda claim, _zone, _now: formats.money(claim.claimed_minor, claim.currency),
    "reply_by": _reply_by,
}
"""What a text may name in braces, and what it becomes for a claim."""


def unknown_variables(text: str) -> list[str]:
    """Return what is in braces and means nothing, in order, each once. Spaces around a name don't matter."""
    return [name for name in dict.fromkeys(_VARIABLE.findall(text)) if name.strip() not in VARIABLES]


def text_of(macro: Macro, claim: Claim, zone: str, now: datetime) -> str:
    """Return the macro's text for this claim. A name that means nothing stays as it is."""

    def value(in_braces: re.Match[str]) -> str:
        value_of = VARIABLES.get(in_braces[1].strip())
        return value_of(claim, zone, now) if value_of else in_braces[0]

    return _VARIABLE.sub(value, macro.text).strip()


def available(claim: Claim, user: User, verbs: Collection[Verb] | None = None) -> list[Macro]:
    """Return the macros this handler has for the claim, those for its reason first. One query."""
    macros = Macro.objects.filter(
        Q(team__isnull=True) | Q(team__in=user.groups.all()), Q(reason="") | Q(reason=claim.reason), is_active=True
    )
    if verbs is not None:
        macros = macros.filter(verb__in=[verb.value for verb in verbs])
    return list(macros.order_by("-reason", "name")[:MOST_LISTED])


def asked(request: HttpRequest) -> str | None:
    """Return which macro the form is to be filled in with, by its button or the page's address; None for none."""
    if request.method == "POST":
        return request.POST.get("macro", "") if "use" in request.POST else None
    return request.GET.get("macro") or None


def named(name: str, among: Collection[Macro]) -> Macro | None:
    """Return the macro of this name, or of this id, None where there is none of them."""
    bare = name.strip().casefold()
    return next((each for each in among if bare and bare in (each.name.casefold(), str(each.pk))), None)


def canned(claim: Claim, among: Collection[Macro], zone: str, now: datetime) -> list[str]:
    """Return the texts of the macros as they read in this claim. A decision that is nothing else has no own words."""
    return [text_of(each, claim, zone, now) for each in among]


def nothing_called(name: str) -> str:
    return _("No macro is called “%(name)s”. Choose one from the list.") % {"name": name[:80]}
