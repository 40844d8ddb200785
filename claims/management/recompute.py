"""What two commands say while the windows stored with refunds are computed anew."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from tqdm import tqdm

from claims.refunds import stored_windows


def recompute(stderr: Any, *, quiet: bool) -> int:
    """Bring the stored windows up to date, with progress on a terminal; return of how many refund lines."""
    now = timezone.now()
    total = stored_windows.out_of_date(now).count()
    done = 0
    with tqdm(total=total, unit=" lines", desc="Windows", disable=True if quiet else None, file=stderr) as bar:
        for count in stored_windows.recompute_all(now):
            done += count
            bar.update(count)
    return done
