"""Claims that exist already, imported as they are."""

from __future__ import annotations

from claims.imports import claims_csv
from claims.management.import_command import ImportCommand
from claims.models import ImportRun


class Command(ImportCommand):
    kind = ImportRun.Kind.CLAIMS
    help = (
        "Import claims that exist already, open and resolved, from our own CSV. Nobody is e-mailed, nothing "
        "is unread; claims that are here stay. Exit code: 0 all in, 1 some rows left out, 2 a file was unusable."
    )
    template = claims_csv.TEMPLATE
