"""From the composer's form to a message: first everything is kept in the draft, then it is sent or said why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from claims.claim_page.refusals import refusal_words
from claims.claim_page.snapshot import load_snapshot
from claims.files import check
from claims.files.refusals import FileNotAccepted
from claims.filing import drafts
from claims.models import Attachment, Claim, Draft
from claims.rules.lifecycle import Ground, Refusal, Status, Verb
from claims.text import formats, unsendable
from claims.workflow.seller_actions import Objection
from claims.workflow.transitions import TransitionRefused
from messaging.compose import verbs
from messaging.compose.composer import Composer, Mode, composer
from messaging.compose.form import Posted, Upload
from messaging.compose.own_draft import SentBefore, draft_key, named_at, said_since, sent_before, words_at
from messaging.compose.verbs import NotSent, SentMessage

Passed = list[tuple[Upload, check.Accepted]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix: the id of its field, or "", and the sentence."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a form: sent, sent before, kept as a draft, or problems with all of it kept.

    `conflict` is when another tab kept other words in the draft: then this form's words stand on the page alone.
    `overtaken` is the number of what the same page wrote later, which is kept already: this was left out.
    """

    sent: SentMessage | None = None
    before: SentBefore | None = None
    problems: tuple[Problem, ...] = ()
    conflict: datetime | None = None
    overtaken: int | None = None

    @property
    def is_kept(self) -> bool:
        return not (self.sent or self.before or self.problems or self.conflict or self.overtaken)


def handle(
    claim: Claim, membership: Membership, posted: Posted, *, zone: str, received_at: datetime, owner_names: str = ""
) -> Outcome:
    """Keep what the form carries, and send it where it asks for that.

    `received_at` is when the request began: it counts against the clocks. What is refused stays in the draft, text and
    files. The same draft twice finds the first message.
    """
    passed, problems = _examined(posted.uploads)
    before, is_same = _sent_before(claim, membership, posted, passed)
    if before and (is_same or posted.act == "auto"):
        return Outcome(before=before)
    snapshot = load_snapshot(claim)
    box = composer(claim, membership, snapshot, zone=zone, now=received_at, owner_names=owner_names)
    try:
        draft, too_many, conflict = _keep(claim, membership, posted, passed, received_at)
    except drafts.Overtaken as overtaken:
        return Outcome(overtaken=overtaken.n)
    except TransitionRefused as refused:
        words = refusal_words(refused.codes, claim, snapshot, zone=zone, owner_names=owner_names)
        return Outcome(problems=tuple(Problem("", each) for each in words))
    problems += too_many
    if conflict:
        return Outcome(problems=tuple(problems), conflict=conflict)
    if draft.uuid != posted.draft_uuid and not before:  # the first of two clicks may have been sent while we kept this
        before, is_same = _sent_before(claim, membership, posted, passed)
        if before and (is_same or posted.act == "auto"):
            drafts.delete(draft)
            return Outcome(before=before)
    if posted.act != "send":
        return Outcome(problems=tuple(problems))
    if before:
        problems.append(Problem("text", unsendable("SENT_OTHER", ago=_ago(before.at, received_at, zone))))
    if posted.had_unreadable:
        problems.append(Problem("text", unsendable("UNREADABLE")))
    problems += _choice_problems(claim, box, posted)
    if problems:
        return Outcome(problems=tuple(problems))
    key = posted.draft_uuid
    if key and key != draft.uuid and named_at(claim, membership.user_id, key):
        # The thread grew between page and click: under the page's own key, a second click finds what the first sent.
        draft = drafts.rename(draft, key)
    try:
        sent = _send(claim, membership, box, posted, draft, received_at)
    except NotSent as error:
        return Outcome(problems=(Problem("text", unsendable(error.code, **error.params)),))
    except TransitionRefused as refused:
        claim.refresh_from_db()
        words = refusal_words(refused.codes, claim, load_snapshot(claim), zone=zone, verb=_verb(box, posted))
        return Outcome(problems=tuple(Problem("", each) for each in words))
    if not sent.new and sent.message:
        return Outcome(before=SentBefore(sent.message.position, sent.message.text, sent.message.at))
    return Outcome(sent=sent)


def sent_before_words(before: SentBefore, now: datetime, zone: str) -> str:
    return unsendable("SENT_BEFORE", ago=_ago(before.at, now, zone))


def not_kept_words(before: SentBefore, now: datetime, zone: str) -> str:
    """Return what is said where words that a script would keep are written on a page whose draft was sent."""
    return unsendable("NOT_KEPT", ago=_ago(before.at, now, zone))


def sent_words(sent: SentMessage, zone: str) -> str:
    """Return what the sender reads after sending."""
    assert sent.message is not None
    when = {"time": formats.clock(sent.message.at, zone)}
    if sent.message.purpose == sent.message.Purpose.APPEAL:
        return _("Appeal filed %(time)s. It is the SAFE-T team's turn.") % when
    if sent.message.claim.status == Status.UNDER_INVESTIGATION:
        return _("Sent %(time)s. It is the SAFE-T team's turn.") % when
    return _("Sent %(time)s.") % when


def _ago(at: datetime, now: datetime, zone: str) -> str:
    return formats.ago(at, now, zone)


def _sent_before(
    claim: Claim, membership: Membership, posted: Posted, passed: Passed
) -> tuple[SentBefore | None, bool]:
    """Return the message this form's draft became already, and whether the form says nothing beyond it."""
    before = sent_before(claim, membership.user_id, posted.draft_uuid)
    # Another page may have sent this draft under the key it was opened with itself: then the words tell.
    by_words = before is None and posted.act == "send"
    if by_words:
        before = said_since(claim, membership.user_id, posted.draft_uuid, (posted.text or "").strip())
    if before is None:
        return None, False
    files = Attachment.objects.filter(claim=claim, position=before.position).values_list("sha256", flat=True)
    new = {accepted.sha256 for _upload, accepted in passed} - set(files if passed else ())
    is_same = not new and (posted.text is None or before.text.strip() == posted.text.strip())
    return (None, False) if by_words and not is_same else (before, is_same)


def _choice_problems(claim: Claim, box: Composer, posted: Posted) -> list[Problem]:
    if box.mode is not Mode.APPEAL_OR_MESSAGE or posted.stands not in ("", box.stands):
        return []
    if not posted.kind:
        return [Problem("kind-appeal", unsendable("CHOICE"))]
    problems = []
    if posted.kind == "appeal" and not _objections(box, posted):
        problems.append(Problem("grounds", unsendable("GROUND")))
    if posted.kind == "appeal" and not posted.confirmed:
        problems.append(Problem("confirm", unsendable("CONFIRM", claim_id=claim.claim_id)))
    return problems


def _objections(box: Composer, posted: Posted) -> list[Objection]:
    """Return what the form says against the decision, of what it could."""
    items = box.appeal.items if box.appeal else ()
    said = set(posted.grounds)
    return [
        Objection(Ground(choice.code), item.line)
        for item in items
        for choice in item.choices
        if (item.index, choice.code) in said
    ]


def _verb(box: Composer, posted: Posted) -> Verb:
    if box.mode is Mode.REPLY or posted.stands.startswith("AWAITING_SELLER"):
        return Verb.REPLY
    return Verb.APPEAL if posted.kind == "appeal" else Verb.SEND_MESSAGE


def _send(
    claim: Claim, membership: Membership, box: Composer, posted: Posted, draft: Draft, received_at: datetime
) -> SentMessage:
    """Send what was written for the claim as it stood when the box was shown; TransitionRefused where it stands
    otherwise now."""
    if posted.stands and posted.stands != box.stands:
        raise TransitionRefused(Refusal.CHANGED_MEANWHILE)
    verb = _verb(box, posted)
    words: dict[str, Any] = {
        "claim_pk": claim.pk,
        "membership": membership,
        "text": draft.text if posted.text is None else posted.text,
        "draft_uuid": draft.uuid,
        "received_at": received_at,
    }
    if verb is Verb.APPEAL:
        return verbs.appeal(**words, objections=_objections(box, posted))
    return verbs.reply(**words) if verb is Verb.REPLY else verbs.send_message(**words)


# -- keeping ----------------------------------------------------------------------------------------------------------


def _keep(
    claim: Claim, membership: Membership, posted: Posted, passed: Passed, now: datetime
) -> tuple[Draft, list[Problem], datetime | None]:
    """Keep text, choice and the files that passed in the person's draft; what the form doesn't carry stays as it is.

    Return it with what stands against the files, and when another tab kept other words there, which then stay.
    The draft is locked meanwhile: a second tab's sending waits for this one's files or leaves no draft to it.
    Raises drafts.Overtaken.
    """
    with transaction.atomic():
        draft = _locked_draft(claim, membership, now)
        conflict = None
        if posted.act != "upload":
            draft, conflict = _keep_words(draft, posted, now)
        if posted.remove:
            drafts.remove_file(draft, posted.remove)
        return draft, _keep_files(draft, passed, now), conflict


def _keep_words(draft: Draft, posted: Posted, now: datetime) -> tuple[Draft, datetime | None]:
    """Keep the words, and which ones gave way to them for one step back. Return the draft and _keep's conflict."""
    kept, now_is = draft.text, draft.text if posted.text is None else posted.text
    differ = kept.strip() not in ("", now_is.strip())
    aside: dict[str, Any] = {}
    stood = (draft.choices.get("aside") or {}).get("text", "")
    if posted.act == "back" and stood:
        aside, now_is = _aside(now_is, stood, now), stood
    elif posted.act == "use" and differ:
        aside, now_is = _aside(now_is, kept, now), kept
    elif posted.act == "keep" and differ:
        aside = _aside(kept, now_is, now)
    elif differ and not _is_own(draft, posted):
        return draft, draft.updated_at
    chosen: dict[str, Any] = {"kind": posted.kind, "grounds": posted.grounds} if posted.chosen else {}
    if now_is != kept or any(draft.choices.get(name) != value for name, value in chosen.items()):
        chosen["words_at"] = now.isoformat()
    chosen |= aside | {"tab": posted.written.tab}
    in_order = posted.act == "auto"
    return drafts.save(draft, now=now, text=now_is, written=posted.written, in_order=in_order, **chosen), None


def _aside(words: str, instead: str, now: datetime) -> dict[str, Any]:
    """Return what is kept of words that gave way to others, nothing where they say no more than those."""
    is_new = words.strip() not in ("", instead.strip())
    return {"aside": {"text": words, "at": now.isoformat()} if is_new else None}


def _is_own(draft: Draft, posted: Posted) -> bool:
    """Return whether what is kept was written on the same page, or was what that page began from.

    Of the same page what it sent first may come last: a script is told so, a person is asked as for another tab's.
    """
    if draft.choices.get("tab") == posted.written.tab:
        return posted.act == "auto" or posted.written.n >= drafts.last_of(draft, posted.written.tab)
    return words_at(draft.choices, draft.updated_at) == posted.kept_at


def _locked_draft(claim: Claim, membership: Membership, now: datetime) -> Draft:
    """Return the person's draft, begun now where there is none, locked. A sending in another tab may take it away."""
    while True:
        begun = drafts.begin_reply(
            membership=membership, claim=claim, now=now, uuid=draft_key(claim, membership.user_id)
        )
        found = Draft.objects.select_for_update(of=("self",)).filter(pk=begun.pk).first()
        if found is not None:
            return found
        claim.refresh_from_db()  # what took it made the thread grow, and with it the key of the next draft


def _examined(uploads: tuple[Upload, ...]) -> tuple[Passed, list[Problem]]:
    passed: Passed = []
    problems = []
    for upload in uploads:
        try:
            passed.append((upload, check.examine(upload.file)))
        except FileNotAccepted as error:
            problems.append(Problem(f"slot-{upload.slot}" if upload.slot else "files", str(error)))
    return passed, problems


def _keep_files(draft: Draft, passed: Passed, now: datetime) -> list[Problem]:
    """Keep the files that aren't there yet, all of them or none where they are too many."""
    try:
        drafts.keep_files(draft, [(upload.slot, upload.file, accepted) for upload, accepted in passed], now=now)
    except FileNotAccepted as error:
        return [Problem("files", str(error))]
    return []
