"""The groups of the desk. Who may do what with claims is decided by group, never by being a superuser."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group

from accounts.models import User

CASE_HANDLER = "case handler"
SENIOR_HANDLER = "senior handler"
OPERATOR = "operator"
AUDITOR = "auditor"
DESK_GROUPS = (CASE_HANDLER, SENIOR_HANDLER, OPERATOR, AUDITOR)


def make_groups(**_: Any) -> None:
    """Have the desk's groups. Runs after each migrate: a flush takes rows of data migrations with it."""
    Group.objects.bulk_create([Group(name=name) for name in DESK_GROUPS], ignore_conflicts=True)


def groups_of(user: User) -> frozenset[str]:
    """Return the names of the desk groups of an active member of staff; nobody else has any. One query a person."""
    if not (user.is_active and user.is_staff):
        return frozenset()
    groups = getattr(user, "_desk_groups", None)
    if groups is None:
        groups = frozenset(user.groups.values_list("name", flat=True)) & frozenset(DESK_GROUPS)
        user._desk_groups = groups  # type: ignore[attr-defined]
    return groups


def is_handler(user: User) -> bool:
    return bool(groups_of(user) & {CASE_HANDLER, SENIOR_HANDLER})


def is_senior(user: User) -> bool:
    return SENIOR_HANDLER in groups_of(user)
