"""What people say about a claim. Each verb with words is one function: one transaction, verb of claims and message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.files.base import File
from django.db import transaction

from accounts.models import Membership, User
from claims.decisions import propose
from claims.decisions.checks import LineDecision
from claims.decisions.correct import correct as correct_claim
from claims.decisions.decide import decide as decide_claim
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

    def hand_back(claim: Claim, by: Actor, files: Sequence[Attachment]) -> tuple[int, StatusChange | None]:
        slots = frozenset(file.slot for file in files)
        done = seller_actions.reply(claim, by=by, received_at=received_at, slots=slots)
        return done.words_position, done.change

    return _send_once(Message.Purpose.REPLY, hand_back, claim_pk, membership, text, draft_uuid, received_at)


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

    def file_appeal(claim: Claim, by: Actor, files: Sequence[Attachment]) -> tuple[int, StatusChange | None]:
        try:
            done = seller_actions.appeal(claim, by=by, received_at=received_at, objections=objections)
        except NoGround:
            raise NotSent(Unsendable.GROUND) from None
        return done.words_position, done.change

    return _send_once(Message.Purpose.APPEAL, file_appeal, claim_pk, membership, text, draft_uuid, received_at)


def send_message(
    *, claim_pk: int, membership: Membership, text: str, draft_uuid: Any, received_at: datetime
) -> SentMessage:
    """Add a seller's message that changes nothing else. The same draft twice gives the first message again.

    Raises TransitionRefused (while a reply is awaited, what the seller writes is the reply), NotSent.
    """

    def add(claim: Claim, by: Actor, files: Sequence[Attachment]) -> tuple[int, StatusChange | None]:
        return desk_actions.note_message(claim, by=by, now=received_at), None

    return _send_once(Message.Purpose.MESSAGE, add, claim_pk, membership, text, draft_uuid, received_at)


def _send_once(
    purpose: Message.Purpose,
    act: Callable[[Claim, Actor, Sequence[Attachment]], tuple[int, StatusChange | None]],
    claim_pk: int,
    membership: Membership,
    text: str,
    draft_uuid: Any,
    received_at: datetime,
) -> SentMessage:
    """Send a member's draft as a message, in one transaction under one lock of the claim.

    `act` does to the locked claim what comes with the words; it returns the message's position in the thread and the
    status change, if there is one. The lock makes two tabs come one after the other: the second finds the first's
    message. Raises what `act` raises, NotSent, and Claim.DoesNotExist for a membership in another seller, though the
    access check asked the same before.
    """
    with transaction.atomic():
        claim = lock(claim_pk)
        if claim.seller_id != membership.seller_id:
            raise Claim.DoesNotExist
        if sent_before := _sent_before(claim, membership, draft_uuid):
            return sent_before
        draft = _draft(claim, membership, draft_uuid)
        files = fit(draft) if draft else []
        words = _words(text, files)
        actor = seller_actor(membership)
        position, change = act(claim, actor, files)
        message = _say(claim, position, actor, words, received_at, purpose, draft_uuid)
        if draft:
            publish(draft, claim, position=message.position, at=message.at)
            draft.delete()
        return SentMessage(message, change)


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

    Raises TransitionRefused, NotSent, FileNotAccepted (too many or too much for a message or for the claim, or the
    storage is away); then nothing of the files is kept either.
    """
    if too_much := quotas.problem_of_message([accepted for _file, accepted in files]):
        raise too_much
    keys: list[str] = []
    try:
        for file, accepted in files:  # stored before the claim is locked: nobody waits for a slow storage
            keys.append(store.put_upload(file, accepted))
        with transaction.atomic():
            words = _words(text, files)
            claim = lock(claim_pk, version=version)
            actor = desk_actor(user)
            position = desk_actions.note_message(claim, by=actor, now=now)
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
        store.undo(keys)
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
        requested = desk_actions.request_information(
            claim_pk, by=actor, now=now, asked=asked, version=version, reply_by=reply_by
        )
        words = text.strip()
        message = _say(requested.claim, requested.words_position, actor, words, now, Message.Purpose.REQUEST)
        return SentMessage(message, requested.change)


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
        done = decide_claim(
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
        done = correct_claim(claim_pk, by=desk_actor(user), now=now, lines=lines, words=words, version=version)
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


def _sent_before(claim: Claim, membership: Membership, draft_uuid: Any) -> SentMessage | None:
    """Return the message that this draft became already."""
    message = Message.objects.filter(claim=claim, draft_uuid=draft_uuid, author_id=membership.user_id).first()
    if message is None:
        return None
    message.claim = claim
    change = StatusChange.objects.filter(claim=claim, position=message.position + 1).first()
    return SentMessage(message, change if message.purpose != Message.Purpose.MESSAGE else None, new=False)


def _draft(claim: Claim, membership: Membership, draft_uuid: Any) -> Draft | None:
    drafts = Draft.objects.filter(claim=claim, user_id=membership.user_id, uuid=draft_uuid)
    return drafts.select_for_update(of=("self",)).first()


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
