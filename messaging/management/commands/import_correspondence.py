"""Bring old e-mails into the threads of claims."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import ngettext
from tqdm import tqdm

from accounts.models import Seller
from claims.files import decoder_process
from messaging.correspondence.causes import cause_words
from messaging.correspondence.importer import Import, ImportResult, MailOutcome, Tally
from messaging.correspondence.reader import NotCorrespondence, find_sources

MOST_CLAIMS_NAMED = 20


class Command(BaseCommand):
    help = (
        "Read e-mails from PATH… (an mbox, an .eml, a Maildir, or a folder of them) into the threads of the claims "
        "they name. "
        "Again, it only adds what is new. No e-mail is sent and no status changes. "
        "Exit 0: all are in threads; 1: some are in quarantine or refused; 2: nothing could be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
        parser.add_argument("--seller", help="short name: e-mails naming claims of others go to quarantine")
        parser.add_argument("--dry-run", action="store_true", help="read and match, and write nothing")
        parser.add_argument("--json", action="store_true", help="say what became of each e-mail as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DESK_ADDRESSES:
            raise _unusable("DESK_ADDRESSES isn't set, so nothing tells the desk's e-mails from the seller's.")
        try:
            sources = find_sources(options["paths"])
        except NotCorrespondence as error:
            raise _unusable(str(error)) from None
        if missing := decoder_process.refuses():
            raise _unusable(
                "No picture and no PDF can be opened here: the decoder process can't be shut in "
                f"(no {', no '.join(missing)}). "
                "Use another machine, or set DECODER_WITHOUT_SANDBOX=1 to open them without."
            )
        run = Import(
            desk=settings.DESK_ADDRESSES,
            now=timezone.now(),
            seller=_seller(options["seller"]),
            dry_run=options["dry_run"],
        )
        tally = Tally()
        with tqdm(total=sources.size, unit="B", unit_scale=True, disable=None, file=sys.stderr) as bar:
            separator = '{"mails": ['
            for outcome in run.run(sources):
                tally.count(outcome)
                bar.update(outcome.size)
                if options["json"]:
                    self.stdout.write(f"{separator}\n{json.dumps(_as_json(outcome))}", ending="")
                    separator = ","
                else:
                    self._say(outcome)
            if options["json"] and not tally.read:
                self.stdout.write(separator, ending="")
        self._sum_up(run, tally, as_json=options["json"])
        if tally.results[ImportResult.QUARANTINED] or tally.results[ImportResult.REFUSED]:
            sys.exit(1)

    def _say(self, outcome: MailOutcome) -> None:
        lines = [f"{outcome.place}: {file.why} The original e-mail has it." for file in outcome.left_out]
        if outcome.cause is not None:
            what = "Refused." if outcome.result is ImportResult.REFUSED else "In quarantine."
            lines.append(f"{outcome.place}: {cause_words(outcome.cause)} {what}")
        if lines:
            with tqdm.external_write_mode(file=sys.stderr):
                for line in lines:
                    self.stderr.write(line)

    def _sum_up(self, run: Import, tally: Tally, *, as_json: bool) -> None:
        waiting = run.waiting_claims()
        numbers = {result.value: tally.results[result] for result in ImportResult}
        if as_json:
            totals = {
                "read": tally.read,
                **numbers,
                "files": tally.files,
                "files_left_out": tally.files_left_out,
                "claims_waiting_for_a_reply": waiting,
                "dry_run": run.dry_run,
            }
            self.stdout.write(f"\n], {json.dumps(totals)[1:]}")
            return
        if waiting:
            self.stderr.write(_waiting_words(waiting))
        if tally.files_left_out:
            words = ngettext(
                "%(n)s file stayed in its e-mail's original.",
                "%(n)s files stayed in their e-mails' originals.",
                tally.files_left_out,
            )
            self.stderr.write(words % {"n": f"{tally.files_left_out:,}"})
        if run.dry_run:
            self.stderr.write("Dry run: nothing was written.")
        words = ngettext(
            "Read %(read)s e-mail: %(imported)s imported, %(already_there)s already there, "
            "%(quarantined)s in quarantine, %(refused)s refused.",
            "Read %(read)s e-mails: %(imported)s imported, %(already_there)s already there, "
            "%(quarantined)s in quarantine, %(refused)s refused.",
            tally.read,
        )
        self.stderr.flush()
        self.stdout.write(words % {"read": f"{tally.read:,}", **{name: f"{n:,}" for name, n in numbers.items()}})


def _waiting_words(claim_ids: list[str]) -> str:
    words = ngettext(
        "%(n)s claim waits for a reply, but the imported mail has one: %(claims)s",
        "%(n)s claims wait for a reply, but the imported mail has one: %(claims)s",
        len(claim_ids),
    )
    named = ", ".join(claim_ids[:MOST_CLAIMS_NAMED]) + (", …" if len(claim_ids) > MOST_CLAIMS_NAMED else "")
    return words % {"n": f"{len(claim_ids):,}", "claims": named}


def _as_json(outcome: MailOutcome) -> dict[str, Any]:
    known = asdict(outcome)
    known["why"] = cause_words(outcome.cause) if outcome.cause else ""
    return {name: value for name, value in known.items() if value not in (None, "", (), 0)}


def _seller(slug: str | None) -> Seller | None:
    if slug is None:
        return None
    seller = Seller.objects.filter(slug=slug).first()
    if seller is None:
        raise _unusable(f'Seller "{slug}" doesn\'t exist.')
    return seller


def _unusable(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=2)
