"""What people say about a claim. Each verb with words is one function: one transaction, verb of claims and message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.files.base import File
from django.db import transaction

from accounts.models import Membership, User
from claims.decisions import confirm, propose
from claims.decisions import correct as decisions_correct
from claims.decisions import decide as decisions_decide
from claims.decisions.checks import LineDecision
from claims.decisions.propose import Proposed
from claims.files import quotas, store
from claims.files.check import Accepted
from claims.files.publish import fit, publish
from claims.models import Attachment, Claim, Draft, StatusChange
from claims.rules.lifecycle import Actor, Party, Slot, Verb
from claims.workflow import desk_actions, seller_actions
from claims.workflow.desk_actions import Asked
from claims.workflow.seller_actions import NoGround, Objection
from claims.workflow.transitions import desk_actor, guard, lock, seller_actor
from messaging import signals
from messaging.models import InternalNote, Message

MESSAGE_MAX = 10_000


class Unsendable(StrEnum):
    """What is wrong with the words themselves. One code has one sentence."""

    EMPTY = "EMPTY"
    TOO_LONG = "TOO_LONG"
    NOTHING_ASKED = "NOTHING_ASKED"
    GROUND = "GROUND"


class NotSent(Exception):
    """The message can't be sent as it is; nothing was changed."""

    def __init__(self, code: Unsendable, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class SentMessage:
    """What was sent: the message, the status change that came with it if any, and whether this call made it.

    `waits`: nothing was sent yet, a second handler confirms first.
    """

    message: Message | None
    change: StatusChange | None
    new: bool = True
    waits: bool = False


def reply(*, claim_pk: int, membership: Membership, text: str, draft_uuid: Any, received_at: datetime) -> SentMessage:
    """Answer what the desk asked for, with the files of the draft; the claim goes back to the desk.

    `received_at` is when the request began, before its body was read. The same draft twice gives the first message
    again. Raises TransitionRefused, NotSent.
    """
    with transaction.atomic():
        if again := _sent_before(claim_pk, membership, draft_uuid):
            return again
        draft = _draft(claim_pk, membership, draft_uuid)
        files = _files_of(draft)
        words = _words(text, files)
        actor = seller_actor(membership)
        slots = frozenset(file.slot for file in files)
        moved = seller_actions.reply(claim_pk, by=actor, received_at=received_at, slots=slots)
        message = _say(moved.claim, moved.words_position, actor, words, received_at, Message.Purpose.REPLY, draft_uuid)
        _publish(draft, message)
        return SentMessage(message, moved.change)


def appeal(
    *,
    claim_pk: int,
    membership: Membership,
    text: str,
    draft_uuid: Any,
    received_at: datetime,
    objections: Sequence[Objection],
) -> SentMessage:
    """File the one appeal of a decision, with the files of the draft. The caller had the person confirm that.

    `objections` say what is wrong with the decision, at least one.

    The same draft twice gives the first message again. Raises TransitionRefused, NotSent.
    """
    with transaction.atomic():
        if again := _sent_before(claim_pk, membership, draft_uuid):
            return again
        draft = _draft(claim_pk, membership, draft_uuid)
        words = _words(text, _files_of(draft))
        actor = seller_actor(membership)
        try:
            moved = seller_actions.appeal(claim_pk, by=actor, received_at=received_at, objections=objections)
        except NoGround:
            raise NotSent(Unsendable.GROUND) from None
        message = _say(moved.claim, moved.words_position, actor, words, received_at, Message.Purpose.APPEAL, draft_uuid)
        _publish(draft, message)
        return SentMessage(message, moved.change)


def send_message(
    *, claim_pk: int, membership: Membership, text: str, draft_uuid: Any, received_at: datetime
) -> SentMessage:
    """Add a seller's message that changes nothing else. The same draft twice gives the first message again.

    Raises TransitionRefused (while a reply is awaited, what the seller writes is the reply), NotSent.
    """
    with transaction.atomic():
        if again := _sent_before(claim_pk, membership, draft_uuid):
            return again
        draft = _draft(claim_pk, membership, draft_uuid)
        words = _words(text, _files_of(draft))
        actor = seller_actor(membership)
        claim, position = desk_actions.note_message(claim_pk, by=actor, now=received_at)
        message = _say(claim, position, actor, words, received_at, Message.Purpose.MESSAGE, draft_uuid)
        _publish(draft, message)
        return SentMessage(message, None)


def send_desk_message(
    *,
    claim_pk: int,
    user: User,
    text: str,
    now: datetime,
    version: int | None = None,
    files: Sequence[tuple[File, Accepted]] = (),
) -> SentMessage:
    """Add a message of the desk, with files that passed the check; each member gets an e-mail.

    Raises TransitionRefused, NotSent, FileNotAccepted (too many or too much for a message or for the claim); then
    nothing of the
    files is kept either.
    """
    if too_much := quotas.problem_of_message([accepted for _file, accepted in files]):
        raise too_much
    keys: list[str] = []
    try:
        for file, _accepted in files:  # stored before the claim is locked: nobody waits for a slow storage
            keys.append(store.put(file))
        with transaction.atomic():
            words = _words(text, files)
            if version is not None:
                lock(claim_pk, version=version)
            actor = desk_actor(user)
            claim, position = desk_actions.note_message(claim_pk, by=actor, now=now)
            if full := quotas.problem_of_claim(claim, [accepted for _file, accepted in files]):
                raise full
            message = _say(claim, position, actor, words, now, Message.Purpose.MESSAGE)
            for key, (_file, accepted) in zip(keys, files, strict=True):
                store.record(
                    key, accepted, now=now, claim=claim, position=position, party=Party.DESK, uploaded_by_id=user.pk
                )
            signals.desk_wrote.send(sender=Message, message=message, claim=claim)
            return SentMessage(message, None)
    except BaseException:
        for key in keys:
            store.take_back(key)
        raise


def request_information(
    *,
    claim_pk: int,
    user: User,
    slots: Sequence[Slot],
    own_words: Sequence[str],
    text: str,
    now: datetime,
    version: int | None = None,
    reply_by: datetime | None = None,
) -> SentMessage:
    """Ask the seller for evidence slots and other things; the claim waits for the reply.

    Raises TransitionRefused, NotSent.
    """
    asked = [Asked(slot=slot) for slot in slots] + [Asked(words=w.strip()) for w in own_words if w.strip()]
    if not asked:
        raise NotSent(Unsendable.NOTHING_ASKED)
    if len(text) > MESSAGE_MAX:
        raise NotSent(Unsendable.TOO_LONG, n=len(text) - MESSAGE_MAX)
    with transaction.atomic():
        actor = desk_actor(user)
        moved = desk_actions.request_information(
            claim_pk, by=actor, now=now, asked=asked, version=version, reply_by=reply_by
        )
        message = _say(moved.claim, moved.words_position, actor, text.strip(), now, Message.Purpose.REQUEST)
        return SentMessage(message, moved.change)


def decide(
    *,
    claim_pk: int,
    user: User,
    verb: Verb,
    lines: Mapping[int, LineDecision],
    words: str,
    now: datetime,
    version: int | None = None,
    canned: Sequence[str] = (),
) -> SentMessage:
    """Grant or deny a claim; the handler's words are kept with the decision. Raises TransitionRefused, NotDecided,
    NotSent.

    Above what one handler decides alone it is only proposed: `waits` says so, and a note tells the desk. `canned` are
    the texts the words may have been made of beforehand.
    """
    if len(words) > MESSAGE_MAX:
        raise NotSent(Unsendable.TOO_LONG, n=len(words) - MESSAGE_MAX)
    with transaction.atomic():
        done = decisions_decide.decide(
            claim_pk,
            verb=verb,
            by=desk_actor(user),
            now=now,
            lines=lines,
            words=words,
            version=version,
            canned=canned,
        )
        if isinstance(done, Proposed):
            return _waits(done, user, now)
        return SentMessage(None, done.change)


def _waits(done: Proposed, user: User, now: datetime) -> SentMessage:
    """Tell the desk, in a note, what waits for a second handler."""
    is_correction = done.proposal.verb == Verb.CORRECT
    code = InternalNote.Code.CORRECTION_PROPOSED if is_correction else InternalNote.Code.PROPOSED
    _note(done.claim, user, now, code, amount_minor=done.proposal.granted_minor)
    return SentMessage(None, None, waits=True)


def confirm_decision(*, claim_pk: int, user: User, now: datetime, version: int | None = None) -> SentMessage:
    """Make what another handler proposed the decision. Raises TransitionRefused, NotDecided."""
    return SentMessage(None, confirm.confirm(claim_pk, by=desk_actor(user), now=now, version=version).change)


def send_back_decision(*, claim_pk: int, user: User, why: str, now: datetime, version: int | None = None) -> None:
    """Give a proposed decision back to who proposed it, with the reason as a note.

    Raises TransitionRefused, NotSent.
    """
    words = _words(why, [])
    with transaction.atomic():
        proposal = propose.send_back(claim_pk, by=desk_actor(user), now=now, why=words, version=version)
        _note(proposal.claim, user, now, InternalNote.Code.SENT_BACK, about=proposal.by, text=words)


def _note(claim: Claim, user: User, now: datetime, code: InternalNote.Code, **values: Any) -> None:
    InternalNote.objects.create(seller_id=claim.seller_id, claim=claim, at=now, author=user, code=code, **values)


def correct(
    *,
    claim_pk: int,
    user: User,
    lines: Mapping[int, LineDecision],
    words: str,
    now: datetime,
    version: int | None = None,
) -> SentMessage:
    """Raise what a decision granted, before an appeal; the words say why. Raises TransitionRefused, NotDecided,
    NotSent.

    Above what one handler decides alone it is only proposed, as `decide` has it.
    """
    if len(words) > MESSAGE_MAX:
        raise NotSent(Unsendable.TOO_LONG, n=len(words) - MESSAGE_MAX)
    with transaction.atomic():
        done = decisions_correct.correct(
            claim_pk, by=desk_actor(user), now=now, lines=lines, words=words, version=version
        )
        return _waits(done, user, now) if isinstance(done, Proposed) else SentMessage(None, done.change)


def add_note(*, claim_pk: int, user: User, text: str, now: datetime) -> InternalNote:
    """Add a note that only the desk reads; nobody is told. The same words again within a minute, as by a second
    click, give the first note. Raises TransitionRefused, NotSent.
    """
    with transaction.atomic():
        words = _words(text, [])
        claim = lock(claim_pk)
        guard(Verb.ADD_NOTE, claim, desk_actor(user), now)
        notes = InternalNote.objects.filter(claim=claim, author=user, text=words, at__gt=now - timedelta(minutes=1))
        return notes.first() or InternalNote.objects.create(
            seller_id=claim.seller_id, claim=claim, at=now, author=user, text=words
        )


def _words(text: str, files: Sequence[object]) -> str:
    words = text.replace("\r\n", "\n").strip()
    if not words and not files:
        raise NotSent(Unsendable.EMPTY)
    if len(words) > MESSAGE_MAX:
        raise NotSent(Unsendable.TOO_LONG, n=len(words) - MESSAGE_MAX)
    return words


def _sent_before(claim_pk: int, membership: Membership, draft_uuid: Any) -> SentMessage | None:
    """Return what this draft became already. The claim is locked first, so that two tabs come one after the other.

    Raises Claim.DoesNotExist for a membership in another seller: the access check asked the same before.
    """
    if lock(claim_pk).seller_id != membership.seller_id:
        raise Claim.DoesNotExist
    message = Message.objects.filter(claim_id=claim_pk, draft_uuid=draft_uuid, author_id=membership.user_id).first()
    if message is None:
        return None
    change = StatusChange.objects.filter(claim_id=claim_pk, position=message.position + 1).first()
    return SentMessage(message, change if message.purpose != Message.Purpose.MESSAGE else None, new=False)


def _draft(claim_pk: int, membership: Membership, draft_uuid: Any) -> Draft | None:
    drafts = Draft.objects.filter(claim_id=claim_pk, user_id=membership.user_id, uuid=draft_uuid)
    return drafts.select_for_update(of=("self",)).first()


def _files_of(draft: Draft | None) -> list[Attachment]:
    return fit(draft) if draft else []


def _publish(draft: Draft | None, message: Message) -> None:
    """Move the draft's files to the claim, where both sides see them, and drop the draft."""
    if draft is None:
        return
    publish(draft, message.claim, position=message.position, at=message.at)
    draft.delete()


def _say(
    claim: Claim,
    position: int,
    actor: Actor,
    text: str,
    at: datetime,
    purpose: Message.Purpose,
    draft_uuid: Any = None,
) -> Message:
    party = Message.Party.SELLER if actor.party is Party.SELLER else Message.Party.DESK
    return Message.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        position=position,
        at=at,
        party=party,
        author_id=actor.user_id,
        purpose=purpose,
        text=text,
        draft_uuid=draft_uuid,
    )
