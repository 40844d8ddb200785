"""How fast old e-mails come in, and how much memory that takes: an mbox of 2,000, 20,000 and 100,000 ordinary ones.

    python bench/import_correspondence.py [E-MAILS…]

Makes its own mailbox (1.8 kB an e-mail, every tenth with a quoted answer, over 500 imported claims), and a database of
its own on the server of DATABASE_URL, which it drops again. Each mailbox is read by `manage.py import_correspondence`
in a process of its own: as a dry run, which is reading and matching alone, then for good.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from fresh import fresh_database, manage

START = datetime(2025, 1, 1, tzinfo=UTC)
CLAIMS = 500
WORDS = "The box came back with a bag of sand in it instead of the train set that we had sent three days before. "
MAKE_SELLER = "from accounts.models import Seller; Seller.objects.create(slug='bench', name='Bench', marketplace='US')"


def claim_id(number: int) -> str:
    return f"{10000 + number}-20000-{3000000 + number}"


def write_claims(path: Path) -> None:
    lines = ["claim id,order id,filed at,state,claimed,currency"]
    for n in range(CLAIMS):
        lines.append(f"{claim_id(n)},111-{n:07}-{n:07},2025-01-01T10:00:00+00:00,Pending,10.00,USD")
    path.write_text("\n".join(lines) + "\n")


def write_mailbox(path: Path, mails: int) -> None:
    with path.open("w") as file:
        for n in range(mails):
            at = START + timedelta(minutes=7 * n % 400_000)
            people = ["safe-t@desk.example", "me@seller.example"][:: 1 if n % 2 else -1]
            answer = "\nOn Monday, the team wrote:\n" + "> Please send a photo.\n" * 3 if n % 10 == 0 else ""
            file.write(
                f"From {people[0]} {at:%a %b %d %H:%M:%S %Y}\n"
                f"From: <{people[0]}>\nTo: <{people[1]}>\nSubject: Re: SAFE-T claim {claim_id(n % CLAIMS)}\n"
                f"Date: {format_datetime(at)}\nMessage-ID: <{n}@bench.example>\n"
                "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                f"\nMessage {n}.\n\n{WORDS * 14}\n{answer}\n"
            )


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or [2_000, 20_000, 100_000]
    print(f"{'e-mails':>9} {'run':<8} {'seconds':>8} {'mails/s':>8} {'peak MB':>8}")
    for mails in sizes:
        with tempfile.TemporaryDirectory() as folder, fresh_database() as database:
            box, claims = Path(folder) / "old.mbox", Path(folder) / "claims.csv"
            write_mailbox(box, mails)
            write_claims(claims)
            manage(database, "shell", "-v0", "-c", MAKE_SELLER)
            manage(database, "import_claims", str(claims), "--seller", "bench")
            for run in ("--dry-run", "for good"):
                dry = ("--dry-run",) if run == "--dry-run" else ()
                kept = {"DESK_ADDRESSES": "safe-t@desk.example", "VAR_DIR": folder}
                seconds, peak = manage(database, "import_correspondence", str(box), *dry, **kept)
                print(f"{mails:>9,} {run:<8} {seconds:>8.1f} {mails / seconds:>8,.0f} {peak:>8}", flush=True)


if __name__ == "__main__":
    main()
