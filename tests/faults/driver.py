"""The people of the fault suite: a process that changes claims when told to, as a web process would.

One JSON command a line on stdin, one answer a line on stdout. ``python -m tests.faults.driver``.
"""

# ruff: noqa: E402
from __future__ import annotations

import json
import os
import statistics
import sys
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safet_portal.settings")

import django

django.setup()

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from accounts.models import Membership, Role, Seller, User
from claims.models import Claim
from claims.rules.lifecycle import Reason, Slot, Status
from messaging import tasks
from messaging.compose import verbs
from messaging.models import OutgoingEmail
from messaging.notifications import outbox
from tests.cast import World

CHANGES_A_CLAIM = 6
"""Few enough to stay below the ceiling of e-mails about one claim, above which they go into the digest."""


class People:
    """The cast, and for each scene a seller account of two members with a few claims."""

    def __init__(self) -> None:
        self.world = World(now=timezone.now())

    def changes(self, scene: str, count: int, ahead: float = 0) -> dict[str, Any]:
        """Change claims of a new seller so many times; each change may have to be tried again until the database is
        there. `ahead`: hours by which this machine's clock is wrong."""
        connection.close()
        seller = Seller.objects.create(slug=scene, name=scene, marketplace="US")
        people = [User.objects.create_user(f"{who}@{scene}.example") for who in ("owner", "viewer")]
        for user, role in zip(people, (Role.OWNER, Role.VIEWER), strict=True):
            Membership.objects.create(user=user, seller=seller, role=role)
        self.world.now = timezone.now() + timedelta(hours=ahead)
        several = max(count // CHANGES_A_CLAIM, 1)
        lines = [self.world.refund(seller=seller) for _ in range(several)]
        drafts = [self.world.draft(line, by=people[0], reason=Reason.NOT_RETURNED) for line in lines]
        claims: list[Claim] = []
        spent: list[float] = []
        for number in range(count):
            claim = claims[number % several] if number >= several else None
            version = claim.version if claim else 0
            while True:
                self.world.now = timezone.now() + timedelta(hours=ahead)
                begun = time.perf_counter()
                try:
                    if claim is None:
                        claims.append(self.world.file(drafts[number], days=0)[0])
                    else:
                        claim.refresh_from_db()
                        if claim.version == version:  # else it was made, and only the word of it was lost
                            self._change(claim, people[0])
                            claim.refresh_from_db()
                    break
                except (OperationalError, InterfaceError):
                    connection.close()
                    time.sleep(0.05)
            spent.append(time.perf_counter() - begun)
            say(done=number + 1)
        return {"median_ms": statistics.median(spent) * 1000, "slowest_ms": max(spent) * 1000}

    def _change(self, claim: Claim, owner: User) -> None:
        now = self.world.now
        if claim.status == Status.UNDER_INVESTIGATION:
            verbs.request_information(
                claim_pk=claim.pk, user=self.world.hana, slots=[Slot.SERIAL_PHOTO], own_words=[], text="Which?", now=now
            )
            return
        draft = self.world.reply_draft(claim, by=owner, days=0)
        member = self.world.member(owner, claim.seller)
        verbs.reply(claim_pk=claim.pk, membership=member, text="This one.", draft_uuid=draft.uuid, received_at=now)

    def send_again(self, scene: str) -> dict[str, Any]:
        """An operator has what ended unsent sent again."""
        rows = OutgoingEmail.objects.filter(seller__slug=scene, occasion__startswith="change:")
        return {"again": outbox.send_again(list(rows.values_list("pk", flat=True)), timezone.now())}

    def release(self, leases: list[str]) -> dict[str, Any]:
        """Runs that end give back what they took."""
        return {"released": sum(outbox.release(UUID(each), timezone.now()) for each in leases)}

    def lease(self, ahead: float, limit: int) -> dict[str, Any]:
        """A run takes e-mails by a clock that is so many hours ahead, and dies."""
        number, rows = outbox.lease(timezone.now() + timedelta(hours=ahead, seconds=1), limit)
        return {"lease": str(number), "rows": len(rows)}

    def upload(self, scene: str) -> dict[str, Any]:
        """A member puts a file into a draft; a worker is asked to scan it."""
        connection.close()
        self.world.now = timezone.now()
        draft = self.world.draft(evidence=False)
        return {"file": self.world.add_file(draft, name=f"{scene}.png").pk}

    def ask_worker(self, times: int, countdowns: list[float]) -> dict[str, Any]:
        """Publish the same task so many times at once, and again after each of the countdowns, last first."""
        for _ in range(times):
            tasks.send_pending_emails.delay()
        for countdown in countdowns:
            tasks.send_pending_emails.apply_async(countdown=countdown)
        return {}


def say(**heard: Any) -> None:
    sys.stdout.write(json.dumps(heard) + "\n")
    sys.stdout.flush()


def main() -> None:
    people = People()
    say(ready=True)
    for line in sys.stdin:
        command = json.loads(line)
        answer = getattr(people, command.pop("do"))(**command)
        say(answer=answer)


if __name__ == "__main__":
    main()
