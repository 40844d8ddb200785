"""What ``manage.py check --deploy`` refuses beyond Django's own list."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from accounts.sign_in.field_keys import SHORTEST_KEY
from claims.files import decoder_process

LONGEST_ATTEMPT = 180
"""Seconds: a lease of e-mails lasts five minutes and is trusted for one of them."""


@register(Tags.security, deploy=True)
def fit_for_production(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Return an error for each default that is meant for a developer's machine only."""
    errors: list[CheckMessage] = []
    if settings.EMBEDDED_POSTGRES and not settings.DEBUG:
        hint = "Set DATABASE_URL to a PostgreSQL server of your own."
        errors.append(Error("The embedded PostgreSQL is no place for production.", hint, id="safet_portal.E001"))
    if settings.DEMO:
        hint = "Unset DEMO: in the demo anybody becomes anybody without a password."
        errors.append(Error("This is the demo.", hint, id="safet_portal.E002"))
    if not settings.SITE_URL_GIVEN:
        hint = "Set SITE_URL, for example https://safet.example.com: links in e-mails are built from it."
        errors.append(Error("SITE_URL isn't set.", hint, id="safet_portal.E003"))
    if not settings.SECRET_KEY_GIVEN:
        hint = "Set SECRET_KEY to 50 random characters or more, the same for every process."
        errors.append(Error("SECRET_KEY isn't set.", hint, id="safet_portal.E004"))
    short = not settings.FIELD_KEYS or min(map(len, settings.FIELD_KEYS)) < SHORTEST_KEY
    if short and not settings.LOCAL:
        hint = f"Set FIELD_KEYS to {SHORTEST_KEY} random characters or more. Of several keys the newest comes first."
        errors.append(Error("FIELD_KEYS isn't set, or one of them is short.", hint, id="safet_portal.E006"))
    if settings.EMAIL_ATTEMPT_TIMEOUT > LONGEST_ATTEMPT:
        hint = f"Let EMAIL_ATTEMPT_TIMEOUT be at most {LONGEST_ATTEMPT}: an attempt has to end inside its lease."
        errors.append(Error("Sending one e-mail may take too long.", hint, id="safet_portal.E005"))
    if without := decoder_process.refuses():
        hint = "Use a kernel that has both, or set DECODER_WITHOUT_SANDBOX=1 to decode strangers' files without."
        sentence = (
            f"The decoder process can't be shut in here (no {', no '.join(without)}): no picture or PDF is opened."
        )
        errors.append(Error(sentence, hint, id="safet_portal.E007"))
    return errors
