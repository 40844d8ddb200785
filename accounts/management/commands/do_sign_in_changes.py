"""Do what was asked for the sign-ins of handlers and superusers and has come due: what beat runs, by hand."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.sign_in import changes


class Command(BaseCommand):
    help = (
        "Send the links to set a password, and change the addresses, that superusers asked for handlers and whose time "
        "has come. Safe to run twice and at the same time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = changes.do_due(timezone.now())
        self.stdout.write(f"{done} due changes of sign-ins are done or ended.")
