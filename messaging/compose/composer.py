"""The box under a thread: what a member can send now, and where there is no box, why.

Asked of the verbs' own check, so that the box never promises what a verb refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.models import Membership
from claims.claim_page.appeal_form import AppealForm, Choice, appeal_form
from claims.claim_page.file_chips import FileChip
from claims.claim_page.refusals import refusal_words
from claims.claim_page.snapshot import ClaimSnapshot
from claims.models import Claim
from claims.rules.lifecycle import DECIDED, Refusal, Status, Verb
from claims.text import formats, slot_name, slot_title
from claims.workflow.transitions import check, seller_actor


class Mode(StrEnum):
    """What sending does: answer, add a message, appeal or add a message (the sender says which), or nothing at all."""

    REPLY = "REPLY"
    MESSAGE = "MESSAGE"
    APPEAL_OR_MESSAGE = "APPEAL_OR_MESSAGE"
    AFTER = "AFTER"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class AskedThing:
    """One thing the desk asked for. `slot` is "" where it asked in words of its own."""

    slot: str
    title: str
    files: tuple[FileChip, ...]

    @property
    def is_photo(self) -> bool:
        return self.slot.endswith("PHOTO")


@dataclass(frozen=True, slots=True)
class Composer:
    """`stands` is how the claim stood when the box was shown; the form gives it back.

    `asked` is what the desk asked for, `evidence` what an appeal could bring.
    """

    mode: Mode
    stands: str
    title: str = ""
    help: str = ""
    button: str = ""
    sentences: tuple[str, ...] = ()
    asked: tuple[AskedThing, ...] = ()
    confirm: str = ""
    appeal: AppealForm | None = None
    evidence: tuple[AskedThing, ...] = ()


def stands(claim: Claim) -> str:
    return f"{claim.status}-{claim.stage}"


def composer(
    claim: Claim,
    membership: Membership,
    snapshot: ClaimSnapshot,
    *,
    zone: str,
    now: datetime,
    files: Sequence[FileChip] = (),
    owner_names: str = "",
    chosen: Collection[Choice] = (),
) -> Composer:
    """Return the box for this member. `files` are those of their draft, `chosen` what it says against a decision."""
    actor = seller_actor(membership)
    why = {verb: check(verb, claim, actor, now) for verb in (Verb.REPLY, Verb.APPEAL, Verb.SEND_MESSAGE)}

    def words(verb: Verb) -> tuple[str, ...]:
        return refusal_words(why[verb], claim, snapshot, zone=zone, verb=verb, owner_names=owner_names)

    at = stands(claim)
    if Refusal.ROLE_VIEWER in why[Verb.SEND_MESSAGE]:
        return Composer(Mode.CLOSED, at, sentences=words(Verb.SEND_MESSAGE))
    if claim.status == Status.AWAITING_SELLER:
        if why[Verb.REPLY]:
            return Composer(Mode.CLOSED, at, sentences=words(Verb.REPLY))
        return _reply(at, snapshot, files)
    if why[Verb.SEND_MESSAGE]:
        return Composer(Mode.CLOSED, at, sentences=words(Verb.SEND_MESSAGE))
    if claim.status not in DECIDED:
        return _message(
            Mode.MESSAGE, at, _("It is the SAFE-T team's turn. Your message is added; it doesn't change that.")
        )
    if why[Verb.APPEAL]:
        return _message(Mode.AFTER, at, _("This is not an appeal."), words(Verb.APPEAL))
    form = appeal_form(claim, snapshot, zone=zone, now=now, chosen=chosen)
    return Composer(
        Mode.APPEAL_OR_MESSAGE,
        at,
        title=_("Answer this decision"),
        help=_("You can appeal it once, or send only a message."),
        button=_("Send"),
        confirm=_("This uses your one appeal for claim %(claim_id)s.") % {"claim_id": claim.claim_id},
        appeal=form,
        evidence=tuple(AskedThing(slot, title, _in_slot(files, slot)) for slot, title in form.wanted),
    )


def _message(mode: Mode, at: str, help: str, sentences: tuple[str, ...] = ()) -> Composer:
    return Composer(mode, at, title=_("Send a message"), help=help, button=_("Send message"), sentences=sentences)


def _in_slot(files: Sequence[FileChip], slot: str) -> tuple[FileChip, ...]:
    return tuple(file for file in files if slot and file.slot == slot)


def _reply(at: str, snapshot: ClaimSnapshot, files: Sequence[FileChip]) -> Composer:
    asked = []
    for slot, own_words, _answered in snapshot.asked.items if snapshot.asked else ():
        title = slot_title(slot) if slot else own_words
        asked.append(AskedThing(slot, title, _in_slot(files, slot)))
    missing = [slot_name(thing.slot) for thing in asked if thing.slot and not thing.files]
    if missing and files:
        text = _("Still missing: %(missing)s. You can send without, and say why.") % {
            "missing": formats.and_list(missing)
        }
    else:
        text = _("Send everything at once: sending hands the claim back to the SAFE-T team.")
    return Composer(Mode.REPLY, at, title=_("Reply"), help=text, button=_("Send reply"), asked=tuple(asked))
