"""An old e-mail in quarantine, looked at by a handler and put into the thread of the claim they name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from accounts.models import User
from accounts.values import ids
from claims.files import store
from claims.models import Attachment, Claim
from claims.rules.lifecycle import Refusal
from claims.workflow.transitions import TransitionRefused, desk_actor
from messaging.correspondence import msg, store_mail
from messaging.correspondence.importer import sellers_of
from messaging.correspondence.matcher import Kind, Side, belongs_to_others, counterparts, kind, named, side
from messaging.correspondence.parse import Mail, parse
from messaging.correspondence.reader import RawMail
from messaging.models import Message, OriginalMail

_AUTOMATIC = (Kind.AUTO_REPLY, Kind.BOUNCE, Kind.LIST)


class MatchRefusal(StrEnum):
    """Why an e-mail was not put into a thread. One code has one sentence, at the desk."""

    NO_CLAIM_ID = "NO_CLAIM_ID"
    UNKNOWN_CLAIM = "UNKNOWN_CLAIM"
    NOT_WAITING = "NOT_WAITING"
    GONE = "GONE"
    UNREADABLE = "UNREADABLE"


class NotMatched(Exception):
    """The e-mail stays where it is; nothing was changed."""

    def __init__(self, code: MatchRefusal) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class MailPreview:
    """A kept e-mail taken apart again: what it says, who seems to have written it, the ids it names.

    `answers` are the claims in whose threads the e-mails are that it answers, by its References; `accepted` and
    `left_out` are its files: the names of those the pipeline takes, and the others with their reasons.
    """

    mail: Mail
    side: Side
    kind: Kind
    ids: tuple[str, ...]
    answers: tuple[str, ...]
    accepted: tuple[str, ...]
    left_out: tuple[store_mail.LeftOut, ...]

    def is_of_others(self, seller_pk: int) -> bool:
        """Whether the people it was written by or to are members of other sellers and not of this one."""
        people = counterparts(self.mail, settings.DESK_ADDRESSES)[:50]
        return belongs_to_others(people, sellers_of(set(people)), seller_pk)


def look(original: OriginalMail) -> MailPreview:
    """Take the e-mail apart. Raises NotMatched where it can't be read or its bytes are gone."""
    _raw, mail = _read(original)
    accepted, left_out = store_mail.sort_files(mail.files)
    found = named(mail)
    return MailPreview(
        mail,
        side(mail, settings.DESK_ADDRESSES),
        kind(mail, settings.DESK_ADDRESSES),
        found.ids if found else (),
        _answered(mail),
        tuple(file.name for file, _ in accepted),
        left_out,
    )


def _answered(mail: Mail) -> tuple[str, ...]:
    """Return the claims whose threads have the e-mails this one refers to, that it answers first. At most one query."""
    if not mail.references:
        return ()
    rows = OriginalMail.objects.filter(mail_id__in=mail.references, state=OriginalMail.State.IMPORTED)
    found = dict(rows.order_by("pk").values_list("mail_id", "claim__claim_id"))
    return tuple(dict.fromkeys(found[one] for one in mail.references if one in found))


class Danger(StrEnum):
    """Why the original is not to be opened carelessly: what is known of the files in it. One code has one sentence."""

    INFECTED = "INFECTED"
    BEING_CHECKED = "BEING_CHECKED"
    NOT_SCANNED = "NOT_SCANNED"
    UNKNOWN = "UNKNOWN"


def dangers(original: OriginalMail, looked: MailPreview | None) -> list[tuple[Danger, tuple[str, ...]]]:
    """Return what the virus check says of the files in the original, worst first, each with their names. One query.

    What the thread didn't take, and all files of an e-mail in no thread, no scanner has seen. What is in an e-mail that
    can't be taken apart nobody knows.
    """
    found: dict[Danger, list[str]] = {danger: [] for danger in Danger}
    if original.message is not None:
        rows = Attachment.objects.filter(claim=original.claim_id, position=original.message.position, erased_at=None)
        for name, scan in rows.order_by("pk").values_list("name", "scan"):
            if danger := _DANGERS.get(scan):
                found[danger].append(name)
    elif looked is not None:
        found[Danger.NOT_SCANNED] += looked.accepted
    if looked is not None:
        found[Danger.NOT_SCANNED] += [file.name for file in looked.left_out]
    told = [(danger, tuple(names)) for danger, names in found.items() if names]
    return told if looked is not None else [*told, (Danger.UNKNOWN, ())]


_DANGERS: dict[str, Danger] = {
    Attachment.Scan.INFECTED: Danger.INFECTED,
    Attachment.Scan.PENDING: Danger.BEING_CHECKED,
    Attachment.Scan.NOT_SCANNED: Danger.NOT_SCANNED,
}


def claim_of(claim_id: str) -> Claim:
    """Return the claim a handler names. Raises NotMatched."""
    if not claim_id.strip():
        raise NotMatched(MatchRefusal.NO_CLAIM_ID)
    claim = Claim.objects.filter(claim_id=ids.as_claim_id(claim_id) or "").select_related("seller", "order").first()
    if claim is None:
        raise NotMatched(MatchRefusal.UNKNOWN_CLAIM)
    return claim


def match(*, original_pk: int, claim_id: str, written_by: Side, user: User, now: datetime) -> Message:
    """Put an e-mail that waits in quarantine into the thread of the claim, as a handler decided.

    It is marked as imported from e-mail, with who matched it; nobody is told, nothing becomes unread and no status
    changes. Raises NotMatched (another handler was first, no such claim), TransitionRefused (not a handler).
    """
    if not desk_actor(user).may_act:
        raise TransitionRefused(Refusal.NOT_A_HANDLER)
    claim = claim_of(claim_id)
    original = OriginalMail.objects.filter(pk=original_pk, state=OriginalMail.State.QUARANTINED).first()
    if original is None:
        raise NotMatched(MatchRefusal.NOT_WAITING)
    raw, mail = _read(original)
    with transaction.atomic():  # the claim is locked before the original, as by every import
        what = kind(mail, settings.DESK_ADDRESSES)
        if written_by is Side.MACHINE:
            what = what if what in _AUTOMATIC else Kind.AUTO_REPLY
        elif what in _AUTOMATIC:  # the handler knows better
            what = Kind.MAIL
        (kept,) = store_mail.import_mail([store_mail.ForThread(raw, mail, written_by, claim.pk, what)], now)
        if not kept.new:
            raise NotMatched(MatchRefusal.NOT_WAITING)
        OriginalMail.objects.filter(pk=original_pk).update(matched_by=user, matched_at=now)
        return Message.objects.get(pk__in=OriginalMail.objects.filter(pk=original_pk).values("message"))


def _read(original: OriginalMail) -> tuple[RawMail, Mail]:
    if original.erased_at:
        raise NotMatched(MatchRefusal.GONE)
    try:
        with store.read(original.storage_key) as file:
            content = file.read()
    except FileNotFoundError:
        raise NotMatched(MatchRefusal.GONE) from None
    raw = RawMail(original.source, 1, content)
    mail = parse(raw.raw)
    if not isinstance(mail, Mail):
        raise NotMatched(MatchRefusal.UNREADABLE)
    return raw, mail


def download_name(original: OriginalMail) -> tuple[str, str]:
    """Return under which name and type the original is downloaded: a message of Outlook is no .eml."""
    try:
        with store.read(original.storage_key) as file:
            is_msg = msg.is_msg(file.read(8))
    except FileNotFoundError:
        is_msg = False
    if is_msg:
        return f"e-mail-{original.pk}.msg", "application/vnd.ms-outlook"
    return f"e-mail-{original.pk}.eml", "message/rfc822"


def originals_of(claim: Claim, positions: Sequence[int]) -> dict[int, int]:
    """Return the keys of the original e-mails behind entries of a claim's thread, by position. One query.

    What was redacted no longer has one.
    """
    found = OriginalMail.objects.filter(claim=claim, message__position__in=positions, erased_at=None)
    return dict(found.values_list("message__position", "pk"))
