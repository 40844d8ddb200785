"""What becomes of one old e-mail: a message of a claim's thread, a row in quarantine, or a refusal.

Written in small batches, a transaction each; safe to repeat and to run twice at once: the content's hash is unique, and
a claim's thread is written under the claim's lock. No e-mail, nothing unread, no change of status comes of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Max, Q, When

from claims.files import store
from claims.files.check import Accepted, examine
from claims.files.names import clean_name
from claims.files.orphans import Owner
from claims.files.refusals import FileNotAccepted, FileProblem
from claims.models import Claim
from claims.rules.lifecycle import Party, Status
from claims.workflow import reply_by_email
from claims.workflow.reply_by_email import NewestMail
from claims.workflow.transitions import take_position
from messaging.correspondence.causes import KEPT_BACK, Cause
from messaging.correspondence.matcher import Kind, Side
from messaging.correspondence.parse import Mail, MailFile
from messaging.correspondence.reader import RawMail
from messaging.correspondence.when import Written, written
from messaging.models import Message, OriginalMail

_NAMES_KEPT = 50


@dataclass(frozen=True)
class LeftOut:
    """A file of an e-mail that was not taken into the thread: its name and the sentence why. The original has it."""

    name: str
    why: str


@dataclass(frozen=True)
class ImportedMail:
    """What bringing an e-mail over did: whether it is new in the thread, and the files that stayed behind."""

    new: bool
    files: int = 0
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class ForThread:
    """An e-mail, who wrote it, what kind it is, and the claim it belongs to. `names_claim`: by its own claim id."""

    raw: RawMail
    mail: Mail
    side: Side
    claim_pk: int
    kind: Kind = Kind.MAIL
    names_claim: bool = False


@dataclass(frozen=True)
class _Stored:
    """An e-mail whose bytes are in storage: the original's key, and each accepted file with its own."""

    item: ForThread
    original: str
    files: tuple[tuple[Accepted, str], ...]
    left_out: tuple[LeftOut, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.original, *(key for _, key in self.files))


def sort_files(files: Sequence[MailFile]) -> tuple[list[tuple[MailFile, Accepted]], tuple[LeftOut, ...]]:
    """Return the files the pipeline accepts, and those it doesn't with their sentences.

    Raises FileNotAccepted where files can't be checked here at all: that says nothing of the file.
    """
    accepted, left_out = [], []
    for file in files:
        if file.kept_back:
            name = clean_name(file.name)
            left_out.append(LeftOut(name, str(KEPT_BACK[file.kept_back]) % {"name": name}))
            continue
        try:
            accepted.append((file, examine(ContentFile(file.content, file.name))))
        except FileNotAccepted as problem:
            if problem.code is FileProblem.NOT_OPENED:
                raise
            left_out.append(LeftOut(str(problem.params["name"]), str(problem)))
    return accepted, tuple(left_out)


def import_mail(items: Sequence[ForThread], now: datetime) -> list[ImportedMail]:
    """Put e-mails into the threads of their claims, except those that are in one already; return what was done.

    This is one transaction: after a failure no e-mail is in a thread, and the files stored for them are deleted.
    """
    keys: list[str] = []
    try:
        stored = [_store(item, keys) for item in items]
        new = _write_after_others(stored, now)
    except BaseException:
        store.undo(keys)
        raise
    done = []
    for mail, is_new in zip(stored, new, strict=True):
        if not is_new:
            store.undo(mail.keys)
        done.append(ImportedMail(True, len(mail.files), mail.left_out) if is_new else ImportedMail(new=False))
    return done


def _store(item: ForThread, keys: list[str]) -> _Stored:
    accepted, left_out = sort_files(item.mail.files)
    original = _put(item.raw, keys)
    files = []
    for file, result in accepted:
        keys.append(store.put(ContentFile(file.content, result.name)))
        files.append((result, keys[-1]))
    return _Stored(item, original, tuple(files), left_out)


def _write_after_others(stored: Sequence[_Stored], now: datetime) -> list[bool]:
    """Write; again when another run, with another --seller, put one of them into quarantine at the same time."""
    for _ in stored:
        try:
            return _write(stored, now)
        except IntegrityError:  # each time at least one more of them is known, so this ends
            continue
    return _write(stored, now)


@transaction.atomic
def _write(stored: Sequence[_Stored], now: datetime) -> list[bool]:
    """Write the rows of those that are new, and say which were. Claims are locked in one order by every run."""
    claims = _locked({mail.item.claim_pk for mail in stored})
    digests = [mail.item.raw.digest for mail in stored]
    known = OriginalMail.objects.select_for_update(of=("self",)).filter(sha256__in=digests).order_by("pk")
    rows = {row.sha256: row for row in known}
    taken = {digest for digest, row in rows.items() if row.state == OriginalMail.State.IMPORTED}
    threads: dict[int, datetime] = {}
    new, messages, originals = [], [], []
    for mail in stored:
        new.append(mail.item.raw.digest not in taken)
        if not new[-1]:
            continue
        taken.add(mail.item.raw.digest)
        claim = claims[mail.item.claim_pk]
        message = _message(mail.item, claim, threads, now)
        for accepted, key in mail.files:
            party = Party.DESK if mail.item.side is Side.DESK else Party.SELLER
            store.record(key, accepted, now=now, claim=claim, position=message.position, party=party, hurry=False)
        messages.append(message)
        originals.append(_imported(rows.get(mail.item.raw.digest), mail, claim, message, now))
    Message.objects.bulk_create(messages)
    OriginalMail.objects.bulk_create([row for row in originals if row.pk is None])
    for row in originals:
        if row.sha256 in rows:
            row.save()
    Claim.objects.bulk_update(claims.values(), ["next_position"])
    reply_by_email.note_mail(newest_of({m.claim_id for m in messages if m.party == Message.Party.SELLER}))
    return new


def newest_of(claim_pks: Collection[int]) -> dict[int, NewestMail]:
    """Return of the claims that wait for the seller's reply and have old e-mails of theirs, when the newest are of."""
    if not claim_pks:
        return {}
    rows = OriginalMail.objects.filter(
        claim__in=claim_pks, claim__status=Status.AWAITING_SELLER, state=OriginalMail.State.IMPORTED
    )
    by_seller = Q(message__party=Message.Party.SELLER, kind=OriginalMail.Kind.MAIL)
    unsure = Q(moment_unsure=True) | Q(message__date_known=False)
    latest = Case(When(unsure, then=F("message__created_at")), default=F("message__at"))
    found = rows.values_list("claim_id").annotate(
        seller_at=Max("message__at", filter=by_seller),
        seller_latest=Max(latest, filter=by_seller),
        desk_at=Max("message__at", filter=Q(message__party=Message.Party.DESK) & ~unsure),
    )
    return {
        pk: NewestMail(seller_at, seller_latest, desk_at)
        for pk, seller_at, seller_latest, desk_at in found.order_by()
        if seller_at
    }


def hold(claim_pks: Collection[int]) -> None:
    """Have no claim lapse for lack of a reply that may be among the e-mails in its thread. Under the claims' locks."""
    with transaction.atomic():
        _locked(set(claim_pks))
        reply_by_email.note_mail(newest_of(claim_pks))


def _locked(keys: set[int]) -> dict[int, Claim]:
    found = Claim.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=keys).order_by("pk")
    return {claim.pk: claim for claim in found.only("seller_id", "next_position", "filed_at")}


def _message(item: ForThread, claim: Claim, threads: dict[int, datetime], now: datetime) -> Message:
    """Return the message, placed. One of which nothing says when it was follows what was imported before it."""
    mail = item.mail
    at = date_known = _written(item, claim, now).at
    if at is None:
        at = threads.get(claim.pk) or _last_moment(claim)
    threads[claim.pk] = at
    return Message(
        seller_id=claim.seller_id,
        claim=claim,
        position=take_position(claim),
        at=at,
        party=Message.Party(item.side.value),
        origin=Message.Origin.IMPORTED,
        text=mail.text,
        quoted=mail.quoted,
        date_known=date_known is not None,
        created_at=now,
    )


def _written(item: ForThread, claim: Claim, now: datetime) -> Written:
    return written(item.mail, now, claim.filed_at if item.names_claim else None)


def _last_moment(claim: Claim) -> datetime:
    earlier = Message.objects.filter(claim=claim, origin=Message.Origin.IMPORTED).order_by("-position")
    return earlier.values_list("at", flat=True).first() or claim.filed_at


def _imported(row: OriginalMail | None, stored: _Stored, claim: Claim, message: Message, now: datetime) -> OriginalMail:
    """Return the row of the original: a new one, or the one that waited in quarantine for this claim."""
    if row is None:
        row = _row(stored.item.raw, stored.item.mail, stored.original, now)
    else:
        superseded, row.storage_key = row.storage_key, stored.original
        transaction.on_commit(lambda: store.take_back(superseded))
    row.state, row.cause = OriginalMail.State.IMPORTED, ""
    row.seller_id, row.claim, row.message = claim.seller_id, claim, message
    found = _written(stored.item, claim, now)
    row.sent_at, row.dated_at, row.moment_unsure = found.at, found.dated_at, found.unsure
    row.kind, row.written_by = stored.item.kind.value, written_by(stored.item.mail)
    row.notes = _notes(stored)
    return row


def written_by(mail: Mail) -> str:
    """Return who wrote it, as the e-mail says: with the one who passed it on where a list did."""
    if not mail.rewritten:
        return mail.written_by
    return ", ".join([*mail.original_senders, mail.written_by])[:400]


def _notes(stored: _Stored) -> dict[str, Any]:
    """Return what the thread says of an e-mail beside its words."""
    mail = stored.item.mail
    notes: dict[str, Any] = {}
    if stored.left_out:
        notes["left_out"] = [file.name for file in stored.left_out[:_NAMES_KEPT]]
        notes["left_out_more"] = max(0, len(stored.left_out) - _NAMES_KEPT)
    if mail.cut_off or stored.item.raw.cut_off:
        notes["cut_off"] = True
    if stored.item.kind is Kind.BOUNCE and mail.bounced:
        notes["bounced"] = list(mail.bounced[:_NAMES_KEPT])
    return notes


def set_aside(
    raw: RawMail, mail: Mail | None, state: OriginalMail.State, cause: Cause, seller_pk: int | None, now: datetime
) -> None:
    """Keep an e-mail that goes into no thread, with its original and the cause. Again, it only updates the cause."""
    known = OriginalMail.objects.filter(sha256=raw.digest).exclude(state=OriginalMail.State.IMPORTED)
    if known.update(state=state, cause=cause) or OriginalMail.objects.filter(sha256=raw.digest).exists():
        return
    keys: list[str] = []
    try:
        row = _row(raw, mail, _put(raw, keys), now)
        row.state, row.cause, row.seller_id = state, cause, seller_pk
        OriginalMail.objects.bulk_create([row], ignore_conflicts=True)
    except BaseException:
        store.undo(keys)
        raise
    if not OriginalMail.objects.filter(storage_key=keys[0]).exists():
        store.undo(keys)


def _named(keys: Collection[str]) -> set[str]:
    return set(OriginalMail.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))


def _rows() -> Iterator[tuple[str, list[str]]]:
    kept = OriginalMail.objects.exclude(storage_key__startswith=store.ERASED).order_by("pk")
    for pk, key in kept.values_list("pk", "storage_key").iterator():
        yield f"e-mail {pk}", [key]


OWNER = Owner(_named, _rows)
"""Who names what is stored under mail/."""


def _row(raw: RawMail, mail: Mail | None, original: str, now: datetime) -> OriginalMail:
    return OriginalMail(
        sha256=raw.digest,
        storage_key=original,
        size=len(raw.raw),
        mail_id=mail.mail_id if mail else "",
        subject=mail.subject if mail else "",
        sent_at=mail.sent_at if mail else None,
        source=raw.place[-300:],
        imported_at=now,
    )


def _put(raw: RawMail, keys: list[str]) -> str:
    keys.append(store.put(ContentFile(raw.raw), folder="mail"))
    return keys[-1]
