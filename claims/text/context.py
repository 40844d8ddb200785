"""What sentences name besides their own values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ctx:
    """What sentences name besides their own values. `zone` is an IANA name; `now` the moment they are read."""

    seller: str
    help_url: str
    zone: str
    now: datetime
    marketplace_name: str = ""
