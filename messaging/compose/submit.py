"""From the composer's form to a message: examined, then kept in the draft, then sent or said why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from messaging.compose.own_draft import draft_key, named_at, said_since, sent_before, words_at
from messaging.compose.verbs import NotSent, SentMessage
from messaging.models import Message


@dataclass(frozen=True, slots=True)
class Submission:
    """A form and who sent it about which claim.

    `received_at` is when the request began: it counts against the deadlines. `zone` is the sender's; `owner_names` are
    whom a viewer is told to ask.
    """

    claim: Claim
    membership: Membership
    posted: Posted
    received_at: datetime
    zone: str
    owner_names: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to fix: the id of its field, or "", and the sentence."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class SubmissionOutcome:
    """What became of a form until now; `examine`, `keep` and `send` each return it with what they found out or did.

    `before` is the message that the form's draft became already, where the form says nothing beyond it;
    `sent_other` is that message where it does. `accepted` are the files that passed the check, `draft` is where all
    was kept. `conflict` is when another tab kept other words in the draft: then this form's words stand on the page
    alone. `overtaken` is the number of what the same page wrote later, which is kept already: this was left out.
    """

    accepted: tuple[tuple[Upload, check.Accepted], ...] = ()
    problems: tuple[Problem, ...] = ()
    before: Message | None = None
    sent_other: Message | None = None
    draft: Draft | None = None
    conflict: datetime | None = None
    overtaken: int | None = None
    sent: Message | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the draft has all of it, and nothing else is to be said."""
        return not (self.sent or self.before or self.problems or self.conflict or self.overtaken)


def handle(
    claim: Claim, membership: Membership, posted: Posted, *, zone: str, received_at: datetime, owner_names: str = ""
) -> SubmissionOutcome:
    """Keep what the form carries, and send it where it asks for that.

    `received_at` is when the request began: it counts against the deadlines. What is refused stays in the draft, text
    and files. The same draft twice finds the first message.
    """
    form = Submission(claim, membership, posted, received_at, zone, owner_names)
    outcome = examine(form)
    if not outcome.before:
        outcome = keep(form, outcome)
    if posted.act == "send" and outcome.draft and not outcome.conflict:
        outcome = send(form, outcome)
    return outcome


def sent_before_words(before: Message, now: datetime, zone: str) -> str:
    return unsendable("SENT_BEFORE", ago=formats.ago(before.at, now, zone))


def not_kept_words(before: Message, now: datetime, zone: str) -> str:
    """Return what is said where words that a script would keep are written on a page whose draft was sent."""
    return unsendable("NOT_KEPT", ago=formats.ago(before.at, now, zone))


def sent_words(message: Message, zone: str) -> str:
    """Return what the sender reads after sending."""
    when = {"time": formats.clock(message.at, zone)}
    if message.purpose == message.Purpose.APPEAL:
        return _("Appeal filed %(time)s. It is the SAFE-T team's turn.") % when
    if message.claim.status == Status.UNDER_INVESTIGATION:
        return _("Sent %(time)s. It is the SAFE-T team's turn.") % when
    return _("Sent %(time)s.") % when


# -- examining --------------------------------------------------------------------------------------------------------


def examine(form: Submission) -> SubmissionOutcome:
    """Judge each file by its content, and look whether the form was sent before. Nothing is locked and nothing kept."""
    accepted, problems = [], []
    for upload in form.posted.uploads:
        try:
            accepted.append((upload, check.examine(upload.file)))
        except FileNotAccepted as error:
            problems.append(Problem(f"slot-{upload.slot}" if upload.slot else "files", str(error)))
    return _look_for_sent(form, SubmissionOutcome(accepted=tuple(accepted), problems=tuple(problems)))


def _look_for_sent(form: Submission, outcome: SubmissionOutcome) -> SubmissionOutcome:
    """Return the outcome with the message, if any, that the form's draft became already."""
    claim, posted, user_id = form.claim, form.posted, form.membership.user_id
    if message := sent_before(claim, user_id, posted.draft_uuid):
        if posted.act == "auto" or _says_no_more(form, outcome, message):
            return SubmissionOutcome(before=message)
        return replace(outcome, sent_other=message)
    if posted.act != "send":
        return outcome
    # Another page may have sent this draft under the key it was opened with itself: then the words tell.
    message = said_since(claim, user_id, posted.draft_uuid, (posted.text or "").strip())
    return SubmissionOutcome(before=message) if message and _says_no_more(form, outcome, message) else outcome


def _says_no_more(form: Submission, outcome: SubmissionOutcome, message: Message) -> bool:
    """Return whether the form has neither other words than the message nor a file that it hasn't."""
    if form.posted.text is not None and form.posted.text.strip() != message.text.strip():
        return False
    if not outcome.accepted:
        return True
    files = Attachment.objects.filter(claim=form.claim, position=message.position)
    return {accepted.sha256 for _upload, accepted in outcome.accepted} <= set(files.values_list("sha256", flat=True))


# -- keeping ----------------------------------------------------------------------------------------------------------


def keep(form: Submission, outcome: SubmissionOutcome) -> SubmissionOutcome:
    """Keep words, choice and accepted files in the person's draft; what the form doesn't carry stays as it is.

    The draft is locked meanwhile: a second tab's sending waits for this one's files or leaves no draft to it. The
    claim is not, so that nobody waits for a slow storage.
    """
    posted = form.posted
    try:
        with transaction.atomic():
            draft = _locked_draft(form)
            conflict = None if posted.act == "upload" else _keep_words(draft, posted, form.received_at)
            if posted.remove:
                drafts.remove_file(draft, posted.remove)
            outcome = _keep_files(draft, outcome, form.received_at)
    except drafts.Overtaken as overtaken:
        return SubmissionOutcome(overtaken=overtaken.n)
    except TransitionRefused as refused:
        return SubmissionOutcome(problems=_refused(form, refused))
    outcome = replace(outcome, draft=draft, conflict=conflict)
    if conflict or outcome.sent_other:
        return outcome
    outcome = _look_for_sent(form, outcome)  # the first of two clicks may have been sent while we kept this
    if outcome.before:
        drafts.delete(draft)
    return outcome


def _locked_draft(form: Submission) -> Draft:
    """Return the person's draft, begun now where there is none, locked. A sending in another tab may take it away."""
    claim, membership = form.claim, form.membership
    while True:
        if draft := drafts.lock_reply(membership=membership, claim=claim):
            return draft
        claim.refresh_from_db()  # what was sent meanwhile made the thread grow, and with it the key of the next draft
        key = draft_key(claim, membership.user_id)
        drafts.begin_reply(membership=membership, claim=claim, now=form.received_at, uuid=key)


def _keep_words(draft: Draft, posted: Posted, now: datetime) -> datetime | None:
    """Keep the words, and which ones gave way to them for one step back. Where another tab kept other words, those
    stay: return when they were kept.
    """
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
        return draft.updated_at
    chosen: dict[str, Any] = {"kind": posted.kind, "grounds": posted.grounds} if posted.chosen else {}
    if now_is != kept or any(draft.choices.get(name) != value for name, value in chosen.items()):
        chosen["words_at"] = now.isoformat()
    chosen |= aside | {"tab": posted.written.tab}
    in_order = posted.act == "auto"
    drafts.save_locked(draft, now=now, text=now_is, written=posted.written, in_order=in_order, **chosen)
    return None


def _aside(words: str, instead: str, now: datetime) -> dict[str, Any]:
    """Return what is kept of words that gave way to others, nothing where they say no more than those."""
    is_new = words.strip() not in ("", instead.strip())
    return {"aside": {"text": words, "at": now.isoformat()} if is_new else None}


def _is_own(draft: Draft, posted: Posted) -> bool:
    """Return whether what is kept was written on the same page, or was what that page began from.

    What the same page sent first may come last: a script is told so, a person is asked as for another tab's words.
    """
    if draft.choices.get("tab") == posted.written.tab:
        return posted.act == "auto" or posted.written.n >= drafts.last_of(draft, posted.written.tab)
    return words_at(draft.choices, draft.updated_at) == posted.kept_at


def _keep_files(draft: Draft, outcome: SubmissionOutcome, now: datetime) -> SubmissionOutcome:
    """Keep the files that aren't there yet, all of them or none where they are too many."""
    try:
        drafts.keep_files(draft, [(upload.slot, upload.file, each) for upload, each in outcome.accepted], now=now)
    except FileNotAccepted as error:
        return replace(outcome, problems=(*outcome.problems, Problem("files", str(error))))
    return outcome


def _refused(form: Submission, refused: TransitionRefused, verb: Verb | None = None) -> tuple[Problem, ...]:
    snapshot = load_snapshot(form.claim)
    words = refusal_words(refused.codes, form.claim, snapshot, zone=form.zone, verb=verb, owner_names=form.owner_names)
    return tuple(Problem("", sentence) for sentence in words)


# -- sending ----------------------------------------------------------------------------------------------------------


def send(form: Submission, outcome: SubmissionOutcome) -> SubmissionOutcome:
    """Send the draft that `keep` left, unless something is to fix first: then the outcome has the problems."""
    claim, posted, draft = form.claim, form.posted, outcome.draft
    assert draft is not None, "what is sent was kept before"
    box = composer(claim, form.membership, load_snapshot(claim), zone=form.zone, now=form.received_at)
    problems = (*outcome.problems, *_sending_problems(form, outcome, box))
    if problems:
        return replace(outcome, problems=problems)
    key = posted.draft_uuid
    if key and key != draft.uuid and named_at(claim, form.membership.user_id, key):
        # The thread grew between page and click: under the page's own key, a second click finds what the first sent.
        draft = drafts.rename(draft, key)
    try:
        sent = _send(form, box, draft)
    except NotSent as error:
        return replace(outcome, problems=(Problem("text", unsendable(error.code, **error.params)),))
    except TransitionRefused as refused:
        claim.refresh_from_db()
        return replace(outcome, problems=_refused(form, refused, _verb(box, posted)))
    return replace(outcome, sent=sent.message) if sent.new else replace(outcome, before=sent.message)


def _sending_problems(form: Submission, outcome: SubmissionOutcome, box: Composer) -> list[Problem]:
    """Return what of the form itself has to be fixed, chosen or read again before it can be sent."""
    problems = []
    if outcome.sent_other:
        ago = formats.ago(outcome.sent_other.at, form.received_at, form.zone)
        problems.append(Problem("text", unsendable("SENT_OTHER", ago=ago)))
    if form.posted.had_unreadable:
        problems.append(Problem("text", unsendable("UNREADABLE")))
    return problems + _choice_problems(form.claim, box, form.posted)


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
    """Return what the form says against the decision, as far as it can be said."""
    items = box.appeal.items if box.appeal else ()
    grounds = set(posted.grounds)
    return [
        Objection(Ground(choice.code), item.line)
        for item in items
        for choice in item.choices
        if (item.index, choice.code) in grounds
    ]


def _verb(box: Composer, posted: Posted) -> Verb:
    if box.mode is Mode.REPLY or posted.stands.startswith("AWAITING_SELLER"):
        return Verb.REPLY
    return Verb.APPEAL if posted.kind == "appeal" else Verb.SEND_MESSAGE


def _send(form: Submission, box: Composer, draft: Draft) -> SentMessage:
    """Send what was written for the claim as it stood when the box was shown; TransitionRefused where it stands
    otherwise now."""
    posted = form.posted
    if posted.stands and posted.stands != box.stands:
        raise TransitionRefused(Refusal.CHANGED_MEANWHILE)
    verb = _verb(box, posted)
    words: dict[str, Any] = {
        "claim_pk": form.claim.pk,
        "membership": form.membership,
        "text": draft.text if posted.text is None else posted.text,
        "draft_uuid": draft.uuid,
        "received_at": form.received_at,
    }
    if verb is Verb.APPEAL:
        return verbs.appeal(**words, objections=_objections(box, posted))
    return verbs.reply(**words) if verb is Verb.REPLY else verbs.send_message(**words)
