"""The verb bar of a claim: which buttons there are, in which order, and where they lead.

Which verbs a person has comes from the lifecycle (`card.verbs`); here is only where each is done. A new verb of the
desk is one row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.models import Claim
from claims.rules.lifecycle import Stage, Status, Verb
from claims.text import verb_label
from desk.models import Macro

Words = str | Promise


@dataclass(frozen=True, slots=True)
class VerbPage:
    """Where a verb is done: the name of its address, whether it is done at once (a POST), and what the button says.

    `key` is the access key of the button; each may be given once.
    """

    verb: Verb
    route: str
    label: Callable[[Claim], Words]
    at_once: bool = False
    main: bool = False
    key: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class VerbButton:
    """One button of the bar. `at_once` is a form that posts; otherwise it is a link to the verb's page."""

    label: str
    url: str
    at_once: bool
    main: bool
    key: str


PLACES: tuple[VerbPage, ...] = (
    VerbPage(Verb.TAKE, "take", lambda claim: _("Take over") if claim.assigned_to_id else _("Take"), True, True, "t"),
    VerbPage(Verb.CONFIRM, "confirm", lambda _claim: _("Confirm"), main=True, key="c"),
    VerbPage(Verb.SEND_BACK, "confirm", lambda _claim: _("Send back"), key="b", part="#send-back"),
    VerbPage(
        Verb.GRANT,
        "decide",
        lambda claim: _("Decide the appeal") if claim.stage == Stage.APPEAL else _("Decide"),
        main=True,
        key="d",
    ),
    VerbPage(Verb.ACCEPT_MAIL, "accept_mail", lambda _claim: _("Accept the e-mail as the reply"), True),
    VerbPage(
        Verb.REQUEST_INFORMATION,
        "request",
        lambda claim: _("Ask again") if claim.status == Status.AWAITING_SELLER else _("Request information"),
        key="r",
    ),
    VerbPage(Verb.SEND_MESSAGE, "message", lambda _claim: _("Send message"), key="m"),
    VerbPage(Verb.ADD_NOTE, "note", lambda _claim: _("Add internal note"), key="n"),
    VerbPage(Verb.RELEASE, "release", lambda _claim: _("Release"), True, key="l"),
    VerbPage(Verb.ASSIGN, "assign", lambda _claim: _("Assign to…"), key="a"),
    VerbPage(Verb.EXTEND, "extend", lambda claim: _("Extend reply-by") if claim.reply_by else _("Extend appeal-by")),
    VerbPage(Verb.CORRECT, "correct", lambda _claim: _("Correct this decision")),
    VerbPage(Verb.RELEASE_APPEAL, "release_appeal", lambda _claim: _("Release the appeal")),
    VerbPage(Verb.REDACT, "redact", lambda _claim: _("Redact a text or a file")),
)


def buttons(claim: Claim, verbs: Collection[Verb]) -> list[VerbButton]:
    """Return the claim's buttons for who has `verbs`, in order."""
    made = []
    for place in PLACES:
        if place.verb in verbs:
            url = reverse(f"desk:{place.route}", args=[claim.claim_id]) + place.part
            made.append(VerbButton(str(place.label(claim)), url, place.at_once, place.main, place.key))
    return made


MOST_MACROS = 12
"""So many macros are on a claim's page; the page of a verb offers all it has, by name."""


def macro_links(claim: Claim, macros: Iterable[Macro], verbs: Collection[Verb]) -> list[tuple[str, str, str]]:
    """Return links that open a verb's page with a macro filled in: (name, what it does, address)."""
    route = {place.verb: place.route for place in PLACES} | {Verb.DENY: "decide"}
    made = []
    for each in macros:
        verb = Verb(each.verb)
        if verb in verbs:
            url = reverse(f"desk:{route[verb]}", args=[claim.claim_id])
            made.append((each.name, verb_label(verb), f"{url}?macro={each.pk}"))
    return made[:MOST_MACROS]
