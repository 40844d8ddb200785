"""Loads the demo into an empty database."""

from __future__ import annotations

import contextlib
import io
import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from accounts.models import User
from accounts.sign_in import security_events
from claims.models import Claim
from claims.policy_loading.load import POLICIES
from safet_portal.demo import letters
from safet_portal.demo.desk import furnish
from safet_portal.demo.files import write_files
from safet_portal.demo.people import make_people
from safet_portal.demo.story import tell


def is_empty() -> bool:
    """Whether nobody and nothing is in the database yet."""
    return not User.objects.exists() and not Claim.objects.exists()


def load(now: datetime) -> None:
    """Make the demo's people, import its files and walk its claims, as of `now`. Call it on an empty database only."""
    quiet = io.StringIO()
    # The infected file of the story is no news to who starts the demo.
    logging.getLogger(security_events.__name__).setLevel(logging.ERROR)
    call_command("load_policy", *sorted(POLICIES.glob("*.toml")), stdout=quiet, stderr=quiet)
    people = make_people()
    files = write_files(settings.VAR_DIR / "demo", now)
    for name, seller in (
        ("blue-door-finances.json", "seller-a"),
        ("blue-door-returns.tsv", "seller-a"),
        ("blue-door-other.csv", "seller-a"),
        ("lichtkontor-refunds.csv", "seller-b"),
    ):
        call_command("import_refunds", str(files[name]), seller=seller, stdout=quiet, stderr=quiet)
    letters.choose(people, now)
    tell(people, now)
    letters.tell(people, settings.VAR_DIR / "demo", now)
    furnish(people, now)
    import_history(files)


def import_history(files: dict[str, Path]) -> None:
    """Import claims that were filed before the portal, and what was said about them by e-mail."""
    quiet = io.StringIO()
    call_command("import_claims", str(files["blue-door-claims.csv"]), seller="seller-a", stdout=quiet, stderr=quiet)
    with contextlib.suppress(SystemExit):  # one of the e-mails names no claim, and waits in quarantine
        mailbox = str(files["blue-door-mail.mbox"])
        call_command("import_correspondence", mailbox, seller="seller-a", stdout=quiet, stderr=quiet)
