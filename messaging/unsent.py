"""Words that were sent from a page nobody is signed in on any more: kept in the browser's session through the sign-in.

Only a form that the portal itself made for this person and claim is kept, and only that person gets it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, QueryDict

_KEY = "unsent"
_FIELDS = ("draft", "kept_at", "tab", "n", "text", "choice", "kind")
_signer = Signer(salt="messaging.unsent")


@dataclass(frozen=True, slots=True)
class Unsent:
    """A composer's fields as they were posted. `had_files`: some were chosen, which are gone."""

    fields: QueryDict
    had_files: bool


def proof(user_id: int, claim_id: str) -> str:
    """Return what a composer's form carries to show that it was made for this person and claim."""
    return _signer.sign(f"{user_id}:{claim_id}")


def hold(request: HttpRequest, claim_id: str) -> bool:
    """Keep what this form holds until its owner opens the claim again; return whether it is one of ours."""
    try:
        who, of_claim = _signer.unsign(request.POST.get("who", "")[:200]).split(":")
    except (BadSignature, ValueError):
        return False
    someone_else = request.user.is_authenticated and str(request.user.pk) != who
    if of_claim != claim_id or someone_else or request.POST.get("act") in ("auto", "upload"):
        return False
    names = [name for name in request.POST if name in _FIELDS or name.startswith("ground-")]
    fields = {name[:20]: request.POST.getlist(name)[:10] for name in names[:100]}
    request.session[_KEY] = {"who": who, "claim": claim_id, "fields": fields, "files": bool(request.FILES)}
    return True


def take(request: HttpRequest, claim_id: str) -> Unsent | None:
    """Return what this person had sent on this claim without being signed in, once; None where there is nothing."""
    held = request.session.get(_KEY)
    if not held or held["claim"] != claim_id or held["who"] != str(request.user.pk):
        return None
    del request.session[_KEY]
    fields = QueryDict(mutable=True)
    for name, values in held["fields"].items():
        fields.setlist(name, values)
    return Unsent(fields, held["files"])
