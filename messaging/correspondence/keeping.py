"""What becomes of one old e-mail: a message of a claim's thread, a row in quarantine, or a refusal.

One transaction each, safe to repeat and to run twice at once: the content's hash is unique, and a claim's thread is
written under the claim's lock. No e-mail, nothing unread, no change of status comes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from claims.attachments import store
from claims.attachments.check import Accepted, examine
from claims.attachments.words import FileNotAccepted
from claims.lifecycle import Party
from claims.models import Claim
from claims.operations.moving import lock, take_position
from messaging.correspondence.causes import Cause
from messaging.correspondence.match import Side
from messaging.correspondence.parse import Mail, MailFile
from messaging.correspondence.reader import RawMail
from messaging.models import Message, OriginalMail

_CLOCKS_DIFFER_BY = timedelta(days=1)


@dataclass(frozen=True)
class LeftOut:
    """A file of an e-mail that was not taken into the thread: its name and the sentence why. The original has it."""

    name: str
    why: str


@dataclass(frozen=True)
class Kept:
    """What bringing an e-mail over did: whether it is new in the thread, and the files that stayed behind."""

    new: bool
    files: int = 0
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class _Stored:
    accepted: Accepted
    key: str


def sort_files(files: Sequence[MailFile]) -> tuple[list[tuple[MailFile, Accepted]], tuple[LeftOut, ...]]:
    """Return the files the pipeline accepts, and those it doesn't with their sentences."""
    accepted, left_out = [], []
    for file in files:
        try:
            accepted.append((file, examine(ContentFile(file.content, file.name))))
        except FileNotAccepted as problem:
            left_out.append(LeftOut(str(problem.params["name"]), str(problem)))
    return accepted, tuple(left_out)


def bring_over(raw: RawMail, mail: Mail, side: Side, claim_pk: int, now: datetime) -> Kept:
    """Put the e-mail into the claim's thread, unless its content is in one already; return what was done."""
    accepted, left_out = sort_files(mail.files)
    keys: list[str] = []
    try:
        original = _put(raw, keys)
        files = []
        for file, result in accepted:
            keys.append(store.put(ContentFile(file.content, result.name)))
            files.append(_Stored(result, keys[-1]))
        new = _write_or_find(raw, mail, side, claim_pk, original, files, now)
    except BaseException:
        _take_back(keys)
        raise
    if not new:
        _take_back(keys)
        return Kept(new=False)
    return Kept(new=True, files=len(files), left_out=left_out)


def _write_or_find(
    raw: RawMail, mail: Mail, side: Side, claim_pk: int, original: str, files: Sequence[_Stored], now: datetime
) -> bool:
    try:
        return _write(raw, mail, side, claim_pk, original, files, now)
    except IntegrityError:  # a run that saw the claims otherwise put the same content into quarantine meanwhile
        return _write(raw, mail, side, claim_pk, original, files, now)


@transaction.atomic
def _write(
    raw: RawMail, mail: Mail, side: Side, claim_pk: int, original: str, files: Sequence[_Stored], now: datetime
) -> bool:
    claim = lock(claim_pk)
    known = OriginalMail.objects.select_for_update(of=("self",)).filter(sha256=raw.digest).first()
    if known is not None and known.state == OriginalMail.State.IMPORTED:
        return False
    at, date_known = _moment(mail, claim, now)
    position = take_position(claim)
    claim.save(update_fields=["next_position"])
    message = Message.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        position=position,
        at=at,
        party=Message.Party(side.value),
        origin=Message.Origin.MIGRATED,
        text=mail.text,
        quoted=mail.quoted,
        date_known=date_known,
        created_at=now,
    )
    for file in files:
        party = Party.DESK if side is Side.DESK else Party.SELLER
        store.record(file.key, file.accepted, now=now, claim=claim, position=position, party=party)
    if known is None:
        known = _row(raw, mail, original, now)
    else:  # it waited in quarantine, with its original, for this claim
        superseded, known.storage_key = known.storage_key, original
        transaction.on_commit(lambda: store.take_back(superseded))
    known.state, known.cause = OriginalMail.State.IMPORTED, ""
    known.seller_id, known.claim, known.message = claim.seller_id, claim, message
    known.save()
    return True


def _moment(mail: Mail, claim: Claim, now: datetime) -> tuple[datetime, bool]:
    """Return when the e-mail was written and whether that is known.

    One without a date, or from the future, follows what was brought over before it: archives are in order.
    """
    if mail.sent_at is not None and mail.sent_at <= now + _CLOCKS_DIFFER_BY:
        return mail.sent_at, True
    earlier = Message.objects.filter(claim=claim, origin=Message.Origin.MIGRATED).order_by("-position")
    return earlier.values_list("at", flat=True).first() or claim.filed_at, False


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
        _take_back(keys)
        raise
    if not OriginalMail.objects.filter(storage_key=keys[0]).exists():
        _take_back(keys)


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


def _take_back(keys: Sequence[str]) -> None:
    for key in keys:
        store.take_back(key)
