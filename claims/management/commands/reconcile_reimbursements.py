"""Payments in: what the marketplace paid for claims, from its finance data."""

from __future__ import annotations

from claims.imports import reimbursements
from claims.management.import_command import ImportCommand
from claims.models import ImportRun


class Command(ImportCommand):
    kind = ImportRun.Kind.PAYMENTS
    help = (
        f"Match SAFE-T payments with claims. The format is recognised by content: {reimbursements.KNOWN}. "
        "Finances v0 names the claim and is booked; the others name the order, and what isn't booked yet waits in the "
        "admin for a person to confirm. The same payment is booked once, whichever files tell of it, as often as you "
        "like. Exit code: 0 all in, 1 some rows left out, 2 a file was unusable."
    )
