"""Send the e-mails that are due until none is left: what beat runs, by hand."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from tqdm import tqdm

from messaging.models import OutgoingEmail
from messaging.notifications import delivery, outbox

NOT_ALL = 1
UNREACHABLE = 2


class Command(BaseCommand):
    help = (
        "Send the e-mails that are due until none is left. Exits 1 when one bounced or was given up, 2 when the mail "
        "server can't be reached."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what is due and send nothing")
        parser.add_argument("--json", action="store_true", help="say the result as JSON")
        parser.add_argument(
            "--retry-now",
            action="store_true",
            help="also what waits for its next attempt, as after an outage of the mail server",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        later = OutgoingEmail.objects.filter(state=OutgoingEmail.State.QUEUED, next_attempt_at__gt=now)
        due, waiting = outbox.waiting(now).count(), later.count()
        if options["dry_run"]:
            words = f"{due} e-mails are due, {waiting} wait for their next attempt. Dry run: nothing was sent."
            self._say(options["json"], {"due": due, "waiting": waiting}, words)
            return
        if options["retry_now"]:
            due += outbox.try_all_now(now)
        total = delivery.Delivered()
        with tqdm(total=due, disable=None, unit="e-mail") as bar:
            while not total.unreachable and (result := delivery.deliver(timezone.now())).total:
                total.add(result)
                bar.update(result.total)
        words = (
            f"Sent {total.sent} e-mails. {total.retried} are tried again later, {total.bounced} bounced, "
            f"{total.failed} given up, {total.suppressed} no longer owed to anybody."
        )
        if total.unreachable:
            words += " The mail server can't be reached: the rest waits."
        data = {"sent": total.sent, "retried": total.retried, "bounced": total.bounced, "failed": total.failed}
        data |= {"suppressed": total.suppressed, "unreachable": total.unreachable}
        self._say(options["json"], data, words)
        if total.unreachable:
            raise SystemExit(UNREACHABLE)
        if total.bounced or total.failed:
            raise SystemExit(NOT_ALL)

    def _say(self, as_json: bool, data: dict[str, int], words: str) -> None:
        self.stdout.write(json.dumps(data) if as_json else words)
