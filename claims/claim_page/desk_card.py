"""The turn card as the desk reads it: whose turn among handlers, until when, and which verbs this handler has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.groups import is_handler
from accounts.models import User
from claims.claim_page.turn_facts import TurnFacts, first_result, read_turn_facts
from claims.models import Claim, Decision
from claims.models.desk_work import proposal_of
from claims.rules.lifecycle import DECIDED, Refusal, Stage, Status, Verb
from claims.text import badge, formats, refusal, verb_label
from claims.workflow import lapse
from claims.workflow.transitions import check, desk_actor

DESK_VERBS = (
    Verb.TAKE,
    Verb.CONFIRM,
    Verb.SEND_BACK,
    Verb.GRANT,
    Verb.DENY,
    Verb.REQUEST_INFORMATION,
    Verb.ACCEPT_MAIL,
    Verb.SEND_MESSAGE,
    Verb.ADD_NOTE,
    Verb.RELEASE,
    Verb.ASSIGN,
    Verb.EXTEND,
    Verb.CORRECT,
    Verb.REDACT,
    Verb.RELEASE_APPEAL,
)
KEEPERS_VERBS = (Verb.REDACT, Verb.RELEASE_APPEAL)
"""What a superuser may do without being a handler. Other users are not told why they may not."""
_UNSAID = frozenset({Refusal.NOT_A_HANDLER, Refusal.SENIOR_ASSIGNS})
"""Refusals that the list of what can't be done leaves out: they say nothing about this claim."""
_SELDOM = (Verb.ACCEPT_MAIL, Verb.EXTEND, Verb.CORRECT, Verb.CONFIRM, Verb.SEND_BACK)
"""Verbs that most claims never come to: that they aren't possible now is not worth a line."""


@dataclass(frozen=True, slots=True)
class DeskCard:
    """What a handler reads. `verbs` may be done now; `refused` holds the sentence for each that may not."""

    tone: str
    headline: str
    what: str
    verbs: tuple[Verb, ...]
    refused: dict[Verb, str]
    late: bool = False


@dataclass(frozen=True, slots=True)
class SinceFirst:
    """What a claim on appeal has in its thread since the first decision."""

    messages: int
    files: int


def desk_card(
    claim: Claim,
    *,
    user: User,
    zone: str,
    now: datetime,
    facts: TurnFacts | None = None,
    since: SinceFirst | None = None,
) -> DeskCard:
    """Return whose turn it is as this member of staff reads it, and what they may do. `since` is for an appeal."""
    facts = facts or read_turn_facts(claim, zone)
    actor = desk_actor(user)
    assignee = str(claim.assigned_to) if claim.assigned_to else _("Someone else")
    proposal = proposal_of(claim) if claim.proposed_by_id else None
    limit = formats.money(proposal.limit_minor, claim.currency) if proposal else ""
    against = {verb: check(verb, claim, actor, now) for verb in DESK_VERBS}
    barred = frozenset(against[Verb.GRANT])
    if claim.assigned_to_id == user.pk:
        del against[Verb.TAKE]
    verbs = [verb for verb, codes in against.items() if not codes]
    refused = _refused(claim, against, assignee, limit)
    if not is_handler(user):
        what = refusal(Refusal.NOT_A_HANDLER)
        kept = tuple(verb for verb in verbs if verb in KEEPERS_VERBS)
        return DeskCard("quiet", _headline(claim, user, assignee, now)[0], what, kept, {})
    headline, what, tone = _headline_and_facts(claim, user, assignee, facts, zone, now, since)
    if claim.status == Status.UNDER_INVESTIGATION and not proposal and claim.assigned_to_id in (None, user.pk):
        if Refusal.OWN_DECISION in barred:
            headline, tone = _("Not yours to decide"), "them"
            what = formats.paragraph(_("You made the first decision, so someone else decides the appeal."), what)
        elif Refusal.NEEDS_SENIOR in barred:
            headline, tone = _("For a senior handler"), "them"
    late = bool(claim.answer_due_at and now > claim.answer_due_at)
    return DeskCard(tone, headline, what, tuple(verbs), refused, late)


def whose_turn(claim: Claim, user: User, now: datetime) -> tuple[str, str]:
    """Return the column *Whose turn* of the queue and its tone. Costs no query when the assignee is loaded."""
    return _headline(claim, user, str(claim.assigned_to) if claim.assigned_to else "", now)


def _headline(claim: Claim, user: User, assignee: str, now: datetime) -> tuple[str, str]:
    if claim.status == Status.AWAITING_SELLER:
        if claim.reply_by and now > claim.reply_by:
            if claim.mail_reply_at:  # it doesn't lapse before a handler read it
                return _("An e-mail to read"), "you"
            return _("No one's turn"), "quiet"
        return _("The seller's turn"), "them"
    if claim.status == Status.WITHDRAWN:
        return _("Withdrawn"), "quiet"
    if claim.proposed_by_id is not None:
        return _("Waiting for a second handler"), "them" if claim.proposed_by_id == user.pk else "you"
    if claim.status in DECIDED:
        open_to_appeal = claim.appeal_by is not None and now <= claim.appeal_by
        return (_("Decided") if open_to_appeal else _("Final")), "granted" if claim.granted_minor else "denied"
    if claim.assigned_to_id is None:
        return _("No one has this claim"), "you"
    if claim.assigned_to_id != user.pk:
        return _("%(name)s's turn") % {"name": assignee}, "them"
    if claim.answer_due_at and now > claim.answer_due_at:
        return _("Your turn, late"), "denied"
    return (_("Your turn: appeal") if claim.stage == Stage.APPEAL else _("Your turn")), "you"


def _refused(claim: Claim, against: Mapping[Verb, tuple[Refusal, ...]], assignee: str, limit: str) -> dict[Verb, str]:
    """Return the sentence for each verb that can't be done and that is worth a line."""
    words = badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full).words
    refused = {}
    for verb, codes in against.items():
        seldom = verb in _SELDOM and Refusal.NOT_ALLOWED_NOW in codes
        if codes and not seldom and verb not in KEEPERS_VERBS and not _UNSAID & set(codes):
            values = {"assignee": assignee, "verb": verb_label(verb), "status_words": words, "limit": limit}
            refused[verb] = refusal(codes[0], **values)
    return refused


def _headline_and_facts(
    claim: Claim, user: User, assignee: str, facts: TurnFacts, zone: str, now: datetime, since: SinceFirst | None
) -> tuple[str, str, str]:
    headline, tone = _headline(claim, user, assignee, now)
    match claim.status:
        case Status.AWAITING_SELLER:
            what = _awaiting(claim, facts, zone, now)
        case Status.UNDER_INVESTIGATION:
            what = _investigating(claim, facts, zone, now, since)
        case Status.WITHDRAWN:
            what = _("By %(member)s, %(day)s.") % {
                "member": facts.withdrawn_by or _("the seller"),
                "day": formats.day(claim.updated_at, zone),
            }
        case _:
            what = _decided(claim, zone, now)
    return headline, what, tone


def _awaiting(claim: Claim, facts: TurnFacts, zone: str, now: datetime) -> str:
    assert claim.reply_by is not None
    asked = formats.and_list(list(facts.asked)) or _("a reply")
    if claim.mail_reply_at:
        return _(
            "Asked for: %(asked)s. The seller wrote an e-mail on %(day)s that may be the reply: read it below and "
            "accept it as the reply, or ask again. Until then the claim doesn't lapse."
        ) % {"asked": asked, "day": formats.day(claim.mail_reply_at, zone)}
    if now > claim.reply_by:
        passed = _("Reply-by passed %(ago)s. The claim lapses at the next run.") % {
            "ago": formats.ago(claim.reply_by, now, zone)
        }
        ran = lapse.last_ran()
        last = _("Lapse last ran %(ago)s.") % {"ago": formats.ago(ran, now, zone)} if ran else ""
        return formats.paragraph(passed, last)
    day = formats.day(facts.asked_at, zone) if facts.asked_at else _("a day that isn't known")
    return _("Asked on %(day)s: %(asked)s. Reply-by %(moment)s (%(left)s).") % {
        "day": day,
        "asked": asked,
        "moment": formats.moment_short(claim.reply_by, zone),
        "left": formats.left(claim.reply_by, now),
    }


def _proposed(claim: Claim) -> list[str]:
    """Return what waits for a second handler, as one sentence, or nothing."""
    proposal = proposal_of(claim) if claim.proposed_by_id else None
    if proposal is None:
        return []
    values = {
        "name": str(claim.proposed_by),
        "granted": formats.money(proposal.granted_minor, claim.currency),
        "limit": formats.money(proposal.limit_minor, claim.currency),
    }
    if claim.status in DECIDED:
        return [_("%(name)s proposes to raise it to %(granted)s; above %(limit)s two people decide.") % values]
    return [_("%(name)s proposes %(granted)s; above %(limit)s two people decide.") % values]


def _investigating(claim: Claim, facts: TurnFacts, zone: str, now: datetime, since: SinceFirst | None) -> str:
    parts = _proposed(claim)
    if claim.stage == Stage.APPEAL:
        first = Decision.objects.filter(claim=claim, stage=Stage.FIRST).order_by("-number").select_related("by").first()
        parts.append(
            _("First decision: %(result)s, by %(name)s, %(day)s.")
            % {
                "result": first_result(claim),
                "name": str(first.by) if first and first.by else _("the portal"),
                "day": formats.day(first.at, zone) if first else _("a day that isn't known"),
            }
        )
        if since and (since.messages or since.files):
            messages = ngettext("%(n)s message", "%(n)s messages", since.messages) % {"n": since.messages}
            files = ngettext("%(n)s file", "%(n)s files", since.files) % {"n": since.files}
            parts.append(_("New since then: %(messages)s, %(files)s.") % {"messages": messages, "files": files})
    elif facts.replied_at:
        ago, things = formats.ago(facts.replied_at, now, zone), len(facts.asked)
        sent = ngettext(
            "The seller replied %(ago)s and sent %(have)s of %(n)s thing you asked for.",
            "The seller replied %(ago)s and sent %(have)s of %(n)s things you asked for.",
            things,
        )
        parts.append(
            sent % {"ago": ago, "have": facts.answered, "n": things}
            if things
            else _("The seller replied %(ago)s.") % {"ago": ago}
        )
    else:
        parts.append(_("Filed %(ago)s.") % {"ago": formats.ago(claim.filed_at, now, zone)})
    if claim.answer_due_at:
        values = {
            "moment": formats.moment_short(claim.answer_due_at, zone),
            "left": formats.left(claim.answer_due_at, now),
        }
        late = now > claim.answer_due_at
        parts.append(
            (_("The answer was due %(moment)s, %(left)s.") if late else _("Answer due %(moment)s (%(left)s).")) % values
        )
    return formats.paragraph(*parts)


def _decided(claim: Claim, zone: str, now: datetime) -> str:
    last = Decision.objects.filter(claim=claim).order_by("-number").select_related("by").first()
    result = badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed).words
    by = str(last.by) if last and last.by else (_("the portal") if last else _("another system"))
    day = formats.day(claim.decided_at, zone) if claim.decided_at else _("a day that isn't known")
    values = {"result": result, "by": by, "day": day, "amount": formats.money(claim.granted_minor, claim.currency)}
    with_amount = _("%(result)s, %(amount)s, by %(by)s, %(day)s.") if claim.granted_minor else ""
    sentences = [*_proposed(claim), (with_amount or _("%(result)s, by %(by)s, %(day)s.")) % values]
    if claim.appeal_by and now <= claim.appeal_by and not claim.granted_in_full:
        moment = formats.moment_short(claim.appeal_by, zone)
        sentences.append(_("The seller can appeal until %(moment)s.") % {"moment": moment})
    return formats.paragraph(*sentences)
