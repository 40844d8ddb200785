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
from accounts.values.text import escaped
from claims.files import decoder_process
from claims.files.bucket import StorageAway
from messaging.correspondence.causes import cause_words
from messaging.correspondence.importer import Import, ImportResult, MailOutcome, Tally
from messaging.correspondence.reader import NotCorrespondence, Sources, find_sources

MOST_CLAIMS_NAMED = 20


class Command(BaseCommand):
    help = (
        "Read e-mails from PATH… (an mbox, .eml, .emlx or .msg, a Maildir, an archive, or a folder of them, which is "
        "read whole) into the threads of the claims they name. "
        "Again, it only adds what is new. No e-mail is sent and no status changes. "
        "Exit 0: all are in threads; 1: some are in quarantine or refused, or a file holds none; "
        "2: nothing could be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
        parser.add_argument("--seller", help="short name: e-mails naming claims of others go to quarantine")
        parser.add_argument("--dry-run", action="store_true", help="read and match, and write nothing")
        parser.add_argument(
            "--with-drafts", action="store_true", help="take drafts and deleted e-mails too, which are left out else"
        )
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
            with_drafts=options["with_drafts"],
        )
        tally = Tally()
        try:
            self._run(run, sources, tally, as_json=options["json"])
        except StorageAway as error:
            raise _unusable(
                "The storage of files doesn't answer. What was read so far is in the threads; run it again."
            ) from error
        self._sum_up(run, tally, as_json=options["json"])
        if tally.files_not_read and not tally.read:
            sys.exit(2)
        if tally.results[ImportResult.QUARANTINED] or tally.results[ImportResult.REFUSED] or tally.files_not_read:
            sys.exit(1)

    def _run(self, run: Import, sources: Sources, tally: Tally, *, as_json: bool) -> None:
        with tqdm(total=sources.size, unit="B", unit_scale=True, disable=None, file=sys.stderr) as bar:
            separator = '{"mails": ['
            for outcome in run.run(sources):
                tally.count(outcome)
                bar.update(outcome.size)
                if as_json:
                    self.stdout.write(f"{separator}\n{json.dumps(_as_json(outcome))}", ending="")
                    separator = ","
                else:
                    self._say(outcome)
            if as_json and separator != ",":
                self.stdout.write(separator, ending="")

    def _say(self, outcome: MailOutcome) -> None:
        lines = [f"{outcome.place}: {file.why} The original e-mail has it." for file in outcome.left_out]
        if outcome.cause is not None:
            what = "Refused." if outcome.result is ImportResult.REFUSED else "In quarantine."
            lines.append(f"{outcome.place}: {cause_words(outcome.cause)} {what}")
        if outcome.cut_off:
            lines.append(f"{outcome.place}: It is cut off: its end is missing.")
        if outcome.result is ImportResult.NOT_READ:
            lines.append(f"{outcome.sentence} Not read.")
        if lines:
            with tqdm.external_write_mode(file=sys.stderr):
                for line in lines:
                    self.stderr.write(escaped(line))

    def _sum_up(self, run: Import, tally: Tally, *, as_json: bool) -> None:
        waiting, automatic = run.waiting_claims(), run.claims_with_automatic_mail()
        numbers = {
            result.value: tally.results[result] for result in ImportResult if result is not ImportResult.NOT_READ
        }
        if as_json:
            totals = {
                "read": tally.read,
                **numbers,
                "files": tally.files,
                "files_left_out": tally.files_left_out,
                "files_not_read": tally.files_not_read,
                "automatic": sum(tally.kinds[kind] for kind in ("AUTO_REPLY", "BOUNCE", "LIST")),
                "claims_waiting_for_a_reply": waiting,
                "claims_with_automatic_mail": automatic,
                "dry_run": run.dry_run,
            }
            self.stdout.write(f"\n], {json.dumps(totals)[1:]}")
            return
        if waiting:
            self.stderr.write(_waiting_words(waiting))
        if automatic:
            self.stderr.write(_automatic_words(automatic))
        if tally.files_left_out:
            words = ngettext(
                "%(n)s file stayed in its e-mail's original.",
                "%(n)s files stayed in their e-mails' originals.",
                tally.files_left_out,
            )
            self.stderr.write(words % {"n": f"{tally.files_left_out:,}"})
        if tally.files_not_read:
            words = ngettext(
                "%(n)s file was not read: it holds no e-mail, or not in a form that can be read.",
                "%(n)s files were not read: they hold no e-mail, or not in a form that can be read.",
                tally.files_not_read,
            )
            self.stderr.write(words % {"n": f"{tally.files_not_read:,}"})
        if not_sent := tally.results[ImportResult.NOT_SENT]:
            words = ngettext(
                "%(n)s e-mail is a draft or was deleted and was left out; --with-drafts takes it too.",
                "%(n)s e-mails are drafts or were deleted and were left out; --with-drafts takes them too.",
                not_sent,
            )
            self.stderr.write(words % {"n": f"{not_sent:,}"})
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
        said = words % {"read": f"{tally.read:,}", **{name: f"{n:,}" for name, n in numbers.items()}}
        if not_sent:
            said = f"{said.removesuffix('.')}, {not_sent:,} left out as draft or deleted."
        self.stdout.write(said)


def _waiting_words(claim_ids: list[str]) -> str:
    words = ngettext(
        "%(n)s claim waits for a reply, but the imported mail has one: %(claims)s",
        "%(n)s claims wait for a reply, but the imported mail has one: %(claims)s",
        len(claim_ids),
    )
    return _with_claims(words, claim_ids)


def _automatic_words(claim_ids: list[str]) -> str:
    words = ngettext(
        "%(n)s claim waits for a reply and got automatic e-mails, which are none: %(claims)s",
        "%(n)s claims wait for a reply and got automatic e-mails, which are none: %(claims)s",
        len(claim_ids),
    )
    return _with_claims(words, claim_ids)


def _with_claims(words: str, claim_ids: list[str]) -> str:
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
