"""Draw the lifecycle of a claim from the transition table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from claims.rules.lifecycle import TRANSITIONS, Position, Stage

HEADER = """# The lifecycle of a claim

Drawn from the table in `claims/rules/lifecycle/table.py` by `manage.py draw_lifecycle`. Don't edit: run the command.

```mermaid
stateDiagram-v2
"""


def _node(position: Position | None) -> str:
    if position is None:
        return "[*]"
    return f"{position.stage}_{position.status}"


def drawing() -> str:
    """Return docs/lifecycle.md as the table has it."""
    rows = []
    for stage in Stage:
        rows.append(f'    state "{"First decision" if stage is Stage.FIRST else "Appeal"}" as {stage} {{')
        for status in dict.fromkeys(row.target.status for row in TRANSITIONS if row.target.stage is stage):
            rows.append(f'        state "{status}" as {stage}_{status}')
        rows.append("    }")
    for row in TRANSITIONS:
        rows.append(f"    {_node(row.source)} --> {_node(row.target)} : {row.verb} ({row.party})")
    table = ["| verb | by | from | to |", "|---|---|---|---|"]
    for row in TRANSITIONS:
        source = f"{row.source.status}, {row.source.stage}" if row.source else "outside"
        table.append(f"| {row.verb} | {row.party} | {source} | {row.target.status}, {row.target.stage} |")
    return HEADER + "\n".join(rows) + "\n```\n\n" + "\n".join(table) + "\n"


class Command(BaseCommand):
    help = "Write docs/lifecycle.md from the transition table; --check only compares and exits 1 when it is stale."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = settings.BASE_DIR / "docs" / "lifecycle.md"
        if options["check"]:
            if not path.exists() or path.read_text(encoding="utf-8") != drawing():
                raise CommandError("docs/lifecycle.md is stale: run manage.py draw_lifecycle.")
            return
        path.write_text(drawing(), encoding="utf-8")
        self.stdout.write(f"Wrote {path.relative_to(settings.BASE_DIR)}.")
