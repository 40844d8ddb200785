"""`python -m safet_portal.worker_alive`: whether a worker of this machine gave a sign of life in the last minute.

Works with every broker, and asks none. Exits 1 when no worker did.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

LATELY = 60.0


def main() -> int:
    folder = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")
    ages = [time.time() - file.stat().st_mtime for file in folder.glob("worker-*.alive")]
    alive = bool(ages) and min(ages) < LATELY
    sys.stdout.write("alive\n" if alive else "no sign of a worker in the last minute\n")
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(main())
