"""What a seller may say is wrong with a decision."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from claims.rules.lifecycle import Ground

_GROUNDS: dict[str, str] = {
    Ground.FACTS: gettext_noop("Something it says is not so"),
    Ground.FILES: gettext_noop("A file was missed or misread"),
    Ground.NEW_EVIDENCE: gettext_noop("There is new evidence"),
    Ground.POLICY: gettext_noop("The policy was applied wrongly"),
    Ground.AMOUNT: gettext_noop("The amount is wrong"),
}


def ground(code: str) -> str:
    """Return what an appeal says is wrong, in a few words."""
    return _(_GROUNDS[code])
