"""The verb bar of a claim: which buttons stand there, in which order, and where they lead.

Which verbs a person has comes from the lifecycle (`card.verbs`); here stands only where each is done. A new verb of the
desk is one row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.lifecycle import Stage, Status, Verb
from claims.models import Claim

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Place:
    """Where a verb is done: the name of its address, whether it is done at once (a POST), and what the button says."""

    verb: Verb
    route: str
    label: Callable[[Claim], Words]
    at_once: bool = False
    main: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """One button of the bar. `at_once` is a form that posts; otherwise it is a link to the verb's page."""

    label: str
    url: str
    at_once: bool
    main: bool


PLACES: tuple[Place, ...] = (
    Place(Verb.TAKE, "take", lambda claim: _("Take over") if claim.assigned_to_id else _("Take"), True, True),
    Place(
        Verb.GRANT,
        "decide",
        lambda claim: _("Decide the appeal") if claim.stage == Stage.APPEAL else _("Decide"),
        main=True,
    ),
    Place(
        Verb.REQUEST_INFORMATION,
        "request",
        lambda claim: _("Ask again") if claim.status == Status.AWAITING_SELLER else _("Request information"),
    ),
    Place(Verb.SEND_MESSAGE, "message", lambda _claim: _("Send message")),
    Place(Verb.ADD_NOTE, "note", lambda _claim: _("Add internal note")),
    Place(Verb.RELEASE, "release", lambda _claim: _("Release"), True),
    Place(Verb.CORRECT, "correct", lambda _claim: _("Correct this decision")),
    Place(Verb.RELEASE_APPEAL, "release_appeal", lambda _claim: _("Release the appeal")),
    Place(Verb.REDACT, "redact", lambda _claim: _("Remove a text or a file")),
)


def buttons(claim: Claim, verbs: Collection[Verb]) -> list[Button]:
    """Return the claim's buttons for who has `verbs`, in the order they stand in."""
    return [
        Button(
            str(place.label(claim)), reverse(f"desk:{place.route}", args=[claim.claim_id]), place.at_once, place.main
        )
        for place in PLACES
        if place.verb in verbs
    ]
