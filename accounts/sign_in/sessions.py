"""Ending the sessions of a person. A session carries a proof of password and generation; it ends when one changes."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.db.models import F
from django.http import HttpRequest

from accounts.models import User


def end_others(user: User, request: HttpRequest | None = None) -> None:
    """End every session of the person, but for that of `request` where it is theirs. Two queries, however many."""
    User.objects.filter(pk=user.pk).update(session_generation=F("session_generation") + 1)
    user.refresh_from_db(fields=["session_generation"])
    if request is not None and request.user.pk == user.pk:
        update_session_auth_hash(request, user)
