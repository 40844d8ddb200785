"""Refunds in: returns reports, finance data, our own CSV; claims and payments that they name."""

from __future__ import annotations

from claims.imports import formats, plain_csv
from claims.management.import_command import ImportCommand
from claims.models import ImportRun


class Command(ImportCommand):
    kind = ImportRun.Kind.REFUNDS
    help = (
        f"Import refunds from files. The format is recognised by content: {formats.KNOWN}. "
        "Importing a file twice changes nothing. Exit code: 0 all in, 1 some rows left out, 2 a file was unusable."
    )
    template = plain_csv.TEMPLATE
