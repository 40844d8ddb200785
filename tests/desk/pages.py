"""How tests fill in the desk's forms: from what the page shows, as a browser would."""

from __future__ import annotations

from typing import Any

from claims.models import Claim
from claims.rules.lifecycle import Verb
from tests.html import CheckingClient

QUEUE = "/admin/claims/claim/"


def address(claim: Claim, verb: str = "") -> str:
    return f"/admin/desk/{claim.claim_id}/{verb + '/' if verb else ''}"


def made_from(page: Any) -> dict[str, str]:
    """What the page's forms say they were made from."""
    return {"version": str(page.context["version"]), "seen": str(page.context["seen"])}


def decision(
    client: CheckingClient, claim: Claim, outcome: Verb, amount: str = "", *reasons: str, words: str = "", **more: str
) -> dict[str, str]:
    """A filled-in decision form, the same for each line. A reason is "CODE" or "CODE:detail"."""
    page = client.get(address(claim, "decide"))
    sent = {**made_from(page), "outcome": outcome.value, "words": words, "send": "1", **more}
    for row in page.context["rows"]:
        sent[f"amount-{row['pk']}"] = amount or row["typed"]
        for reason in reasons:
            code, _, detail = reason.partition(":")
            sent[f"reason-{row['pk']}-{code}"] = "1"
            if detail:
                sent[f"detail-{row['pk']}-{code}"] = detail
    return sent
