"""The demo's refund files, in the formats sellers really have, with days relative to today."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

TEMPLATES = Path(__file__).parent / "files"
_TOKEN = re.compile(r"\{\{(-?\d+) ([^{}]+)\}\}")


def write_files(folder: Path, now: datetime) -> dict[str, Path]:
    """Write the files as of today into `folder`; return their paths by name.

    A template says `{{-12 %d-%b-%Y}}` for the day 12 days ago in that form.
    """
    folder.mkdir(parents=True, exist_ok=True)
    today = now.astimezone(UTC)
    written = {}
    for template in sorted(TEMPLATES.iterdir()):
        text = template.read_text(encoding="utf-8")
        made = _TOKEN.sub(lambda token: (today + timedelta(days=int(token[1]))).strftime(token[2]), text)
        path = folder / template.name
        path.write_text(made, encoding="utf-8")
        written[template.name] = path
    return written
