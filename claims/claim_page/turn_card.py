"""The turn card: whose turn it is, what this person may do now, until when, and if not, why. Computed once.

The claim's page, the list, the e-mails and the desk render the same object. What may be done is asked of the verbs'
own check, so that a button never promises what the verb refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import marketplaces
from accounts.models import Membership, Role
from accounts.page_addresses import PageName, page_address
from claims.claim_page.turn_facts import TurnFacts, moved_line, read_turn_facts
from claims.components import Button
from claims.models import Claim
from claims.rules.lifecycle import DECIDED, Stage, Status, Verb
from claims.text import badge, formats, verb_label
from claims.text import things as things_words
from claims.workflow import deadlines
from claims.workflow.transitions import check, seller_actor

LAST_CALL = timedelta(hours=48)
LISTED_FROM = 4
"""From this many things on, what was asked for is a list of its own."""


@dataclass(frozen=True, slots=True)
class TurnCard:
    """What one person reads about whose turn it is. `until_at` is the instant that `until` speaks of.

    `last_day` names the last day before it, for a reader in whose zone it is the next day already. `short` is the line
    of the list; `asked` what was asked for, where that is a list; `why` the sentences for what this person can't do.
    `verbs` are what they may do now.
    """

    tone: str
    icon: str
    headline: str
    what: str = ""
    until: str = ""
    until_at: datetime | None = None
    last_day: str = ""
    short: str = ""
    asked: tuple[str, ...] = ()
    verbs: tuple[Verb, ...] = ()
    buttons: tuple[Button, ...] = ()
    why: tuple[str, ...] = field(default_factory=tuple)


class HasDeadlines(Protocol):
    """What the line under a status needs to know of a claim."""

    @property
    def status(self) -> str: ...
    @property
    def reply_by(self) -> datetime | None: ...
    @property
    def appeal_by(self) -> datetime | None: ...
    @property
    def granted_in_full(self) -> bool: ...


def payment(claim: Claim) -> str:
    """Return the sentence on the money of a granted claim; "" for any other."""
    if claim.status != Status.GRANTED:
        return ""
    if claim.paid_minor <= 0:
        return _("Not paid yet. The payment is booked separately.")
    amounts = {
        "paid": formats.money(claim.paid_minor, claim.currency),
        "granted": formats.money(claim.granted_minor, claim.currency),
    }
    if claim.paid_minor < claim.granted_minor:
        return _("Paid %(paid)s of %(granted)s so far.") % amounts
    return _("Paid %(paid)s.") % amounts


def short_line(claim: HasDeadlines, zone: str, now: datetime) -> str:
    """Return the list's line under the status, "" where no deadline of the seller's runs. It is the card's `short`."""
    status, reply_by = claim.status, claim.reply_by
    appeal_by = None if claim.granted_in_full else claim.appeal_by
    if status == Status.AWAITING_SELLER and reply_by:
        if now > reply_by:
            return _("Reply-by has passed")
        return _("Reply by %(moment)s (%(left)s)") % _when(reply_by, zone, now)
    if status in DECIDED and appeal_by and now <= appeal_by:
        return _("Appeal by %(moment)s (%(left)s)") % _when(appeal_by, zone, now)
    return ""


def card(
    claim: Claim,
    *,
    membership: Membership | None,
    zone: str,
    now: datetime,
    facts: TurnFacts | None = None,
    owner_names: str = "",
    seller_name: str = "",
) -> TurnCard:
    """Return the card of a claim for a member, or, without a membership, as an e-mail to the seller tells it.

    `facts` are `read_turn_facts(claim, zone)` where the caller has them already. Raises nothing: the card says why not.
    """
    facts = facts or read_turn_facts(claim, zone)
    made = replace(
        _state(claim, facts, zone, now),
        short=short_line(claim, zone, now),
    )
    if membership is None:
        return made
    made = replace(made, last_day=last_day(made.until_at, claim, zone))
    return _for_person(made, claim, membership, facts, zone, now, owner_names, seller_name)


def last_day(until: datetime | None, claim: Claim, zone: str) -> str:
    """Return which day is the last one, where a reader further east reads a clock of the night after it. Else ""."""
    home = marketplaces.zone(claim.seller.marketplace)
    if until is None or until.astimezone(ZoneInfo(zone)).date() <= until.astimezone(ZoneInfo(home)).date():
        return ""
    return _("The last day is %(day)s: it ends at midnight %(zone)s.") % {
        "day": formats.short_weekday(until, home),
        "zone": formats.zone_name(until, home),
    }


def _for_person(
    made: TurnCard,
    claim: Claim,
    membership: Membership,
    facts: TurnFacts,
    zone: str,
    now: datetime,
    owner_names: str,
    seller_name: str,
) -> TurnCard:
    actor = seller_actor(membership)
    if not Role(membership.role).may_act:
        if claim.status == Status.AWAITING_SELLER and seller_name:
            made = replace(made, headline=_("%(seller)s's turn") % {"seller": seller_name})
        who_can = _("%(owners)s can.") % {"owners": owner_names} if owner_names else ""
        return replace(made, why=(formats.paragraph(_("You can read this claim but not act on it."), who_can),))
    verbs = tuple(
        verb
        for verb in (Verb.REPLY, Verb.APPEAL, Verb.SEND_MESSAGE, Verb.WITHDRAW)
        if not check(verb, claim, actor, now)
    )
    return replace(made, verbs=verbs, buttons=_buttons(claim, verbs, facts, now))


def _buttons(claim: Claim, verbs: Sequence[Verb], facts: TurnFacts, now: datetime) -> tuple[Button, ...]:
    thread = page_address(PageName.THREAD, claim.claim_id)
    composer = {verb: f"{thread}{'?do=appeal' if verb is Verb.APPEAL else ''}#composer" for verb in verbs}
    made = []
    for verb in verbs:
        if verb is Verb.WITHDRAW:
            made.append(Button(verb_label(verb), reverse("claims:withdraw", args=[claim.claim_id])))
        elif verb is not Verb.SEND_MESSAGE or claim.status not in DECIDED:
            made.append(Button(verb_label(verb), composer[verb], primary=verb in (Verb.REPLY, Verb.APPEAL)))
    if claim.status == Status.WITHDRAWN and facts.refile_until and now <= facts.refile_until:
        href = f"{reverse('claims:new')}?order={claim.order.order_id}"
        made.append(Button(verb_label(Verb.FILE), href, primary=True))
    return tuple(made)


def _state(claim: Claim, facts: TurnFacts, zone: str, now: datetime) -> TurnCard:
    on_appeal = claim.stage == Stage.APPEAL
    match claim.status:
        case Status.UNDER_INVESTIGATION:
            return _investigated(claim, facts, zone, now, on_appeal)
        case Status.AWAITING_SELLER:
            return _awaited(claim, facts, zone, now, on_appeal)
        case Status.WITHDRAWN:
            return _withdrawn(claim, facts, zone, now)
    return _decided(claim, facts, zone, now, on_appeal)


def _investigated(claim: Claim, facts: TurnFacts, zone: str, now: datetime, on_appeal: bool) -> TurnCard:
    due = claim.answer_due_at
    late = due is not None and now > due
    expected = _("Answer expected by %(moment)s.") % {"moment": formats.moment_full(due, zone)} if due else ""
    if on_appeal:
        final = _("The decision on the appeal is final.")
        return TurnCard(
            "them",
            "arrow-counterclockwise",
            _("The SAFE-T team's turn: appeal"),
            _(
                "Someone who did not make the first decision looks at your appeal. "
                "Until then the first decision stands: %(first_result)s."
            )
            % {"first_result": facts.first_result},
            final if late else formats.paragraph(expected, final),
            due,
        )
    if due is not None and late:
        what = _(
            "The answer was expected by %(moment)s and is late. Waiting costs you nothing: no date of yours is running."
        ) % {"moment": formats.moment_full(due, zone)}
        return TurnCard("them", "search", _("The SAFE-T team's turn"), what)
    if facts.replied_at:
        what = _("Your reply arrived %(moment)s. You can still add files until the decision.") % {
            "moment": formats.moment_short(facts.replied_at, zone)
        }
    else:
        what = _("The team is looking at your claim. You don't have to do anything.")
    return TurnCard("them", "search", _("The SAFE-T team's turn"), what, expected, due)


def _awaited(claim: Claim, facts: TurnFacts, zone: str, now: datetime, on_appeal: bool) -> TurnCard:
    reply_by = claim.reply_by
    assert reply_by is not None
    asked, listed = _asked(facts)
    if now > reply_by:
        return _reply_by_passed(claim, reply_by, asked, zone, now, on_appeal)
    when = {"moment": formats.moment_full(reply_by, zone), "left": formats.left(reply_by, now)}
    needed = {"things": things_words(len(facts.asked)), "asked": asked}
    if on_appeal:
        needs = _("The SAFE-T team needs %(things)s for your appeal: %(asked)s.") % needed
        lists = _("The SAFE-T team needs %(things)s for your appeal:") % needed
        headline = _("Your turn: appeal")
        until = _(
            "Reply by %(moment)s (%(left)s). After that the appeal ends and the first decision stands: %(first)s."
        ) % {**when, "first": facts.first_result}
    else:
        needs = _("The SAFE-T team needs %(things)s: %(asked)s.") % needed
        lists = _("The SAFE-T team needs %(things)s:") % needed
        headline = _("Your turn")
        until = _("Reply by %(moment)s (%(left)s). After that the claim is denied.") % when
    if reply_by - now < LAST_CALL:
        headline = _("Your turn: %(left)s left") % {"left": formats.left_bare(reply_by, now)}
    moved = moved_line(facts, zone)
    if not facts.asked:
        needs = _("The SAFE-T team waits for your reply.")
    what = formats.paragraph(moved, lists) if listed else formats.paragraph(needs, moved)
    return TurnCard("you", "reply-fill", headline, what, until, reply_by, asked=listed)


def _reply_by_passed(
    claim: Claim, reply_by: datetime, asked: str, zone: str, now: datetime, on_appeal: bool
) -> TurnCard:
    """Return the card from reply-by to the lapse, or to what a handler says of an e-mail that may be the reply."""
    if claim.mail_reply_at:
        return TurnCard(
            "them",
            "hourglass",
            _("Reply-by has passed"),
            _("Your e-mail of %(day)s may be the reply: the SAFE-T team looks at it. The claim isn't denied meanwhile.")
            % {"day": formats.day(claim.mail_reply_at, zone)},
            "",
            reply_by,
        )
    can_appeal = not on_appeal and deadlines.appeal_by(claim, now) is not None
    return TurnCard(
        "denied",
        "hourglass",
        _("Reply-by has passed"),
        formats.paragraph(
            _("No reply arrived by %(moment)s.") % {"moment": formats.moment_full(reply_by, zone)},
            _("The appeal is about to end; the first decision stands.")
            if on_appeal
            else _("The claim is about to be denied for that reason."),
        ),
        _("Then you can appeal once. Have ready: %(asked)s.") % {"asked": asked} if can_appeal else "",
        reply_by,
    )


def _asked(facts: TurnFacts) -> tuple[str, tuple[str, ...]]:
    """Return what was asked for as words inside a sentence, and as a list where there is too much for one."""
    if not facts.asked:
        return _("what was asked for"), ()
    return formats.and_list(list(facts.asked)), facts.asked if len(facts.asked) >= LISTED_FROM else ()


def _withdrawn(claim: Claim, facts: TurnFacts, zone: str, now: datetime) -> TurnCard:
    what = _("%(member)s withdrew this claim on %(day)s.") % {
        "member": facts.withdrawn_by or _("A member"),
        "day": formats.day(claim.updated_at, zone),
    }
    closes = facts.refile_until
    if closes is None:
        until = ""
    elif now <= closes:
        until = _("You can file again for this refund until %(moment)s (%(left)s).") % {
            "moment": formats.moment_full(closes, zone),
            "left": formats.left(closes, now),
        }
    else:
        until = _("The filing window ended %(moment)s.") % {"moment": formats.moment_full(closes, zone)}
    return TurnCard("quiet", "slash-circle", _("Withdrawn"), what, until, closes)


def _decided(claim: Claim, facts: TurnFacts, zone: str, now: datetime, on_appeal: bool) -> TurnCard:
    look = badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed)
    return TurnCard(
        look.tone,
        look.icon,
        _headline(claim, on_appeal),
        _what(claim, facts, zone, on_appeal),
        appeal_line(claim, zone, now),
        claim.appeal_by,
    )


def _headline(claim: Claim, on_appeal: bool) -> str:
    amounts = {
        "granted": formats.money(claim.granted_minor, claim.currency),
        "claimed": formats.money(claim.claimed_minor, claim.currency),
    }
    if claim.status == Status.DENIED:
        if claim.lapsed and not on_appeal:
            return _("Denied: no reply")
        return _("Denied on appeal") if on_appeal else _("Denied")
    if on_appeal and claim.granted_minor > (claim.first_granted_minor or 0):
        return _("Granted on appeal: %(granted)s of %(claimed)s") % amounts
    if claim.granted_in_full:
        return _("Granted: %(granted)s") % amounts
    return _("Granted in part: %(granted)s of %(claimed)s") % amounts


def _what(claim: Claim, facts: TurnFacts, zone: str, on_appeal: bool) -> str:
    parts: list[str] = []
    if claim.origin == Claim.Origin.IMPORTED and not facts.why:
        day = formats.day(claim.decided_at, zone) if claim.decided_at else _("a day that isn't known")
        parts.append(_("This claim was decided on %(day)s, before this portal.") % {"day": day})
    elif claim.granted_in_full:
        parts.append(_("The SAFE-T team granted all you claimed."))
    elif claim.lapsed and not on_appeal and facts.last_reply_by:
        asked, _listed = _asked(facts)
        parts.append(
            _("No reply arrived by %(moment)s. The SAFE-T team had asked for: %(asked)s.")
            % {"moment": formats.moment_full(facts.last_reply_by, zone), "asked": asked}
        )
    else:
        if on_appeal and claim.granted_minor == (claim.first_granted_minor or 0):
            parts.append(_("The appeal changed nothing."))
        parts += facts.why
        if facts.would_change and not on_appeal:
            parts.append(_("What would change it: %(change)s") % {"change": formats.paragraph(*facts.would_change)})
    if money := payment(claim):
        parts.append(money)
    if moved := moved_line(facts, zone):
        parts.append(moved)
    return formats.paragraph(*parts)


def appeal_line(claim: Claim, zone: str, now: datetime) -> str:
    """Return what a decided claim's card says about appealing: until when, that it is over, or that it is final."""
    if claim.stage == Stage.APPEAL:
        return _("This decision is final.")
    if claim.granted_in_full or claim.appeal_by is None:
        return ""
    moment = formats.moment_full(claim.appeal_by, zone)
    if now > claim.appeal_by:
        return _("The time to appeal ended %(moment)s.") % {"moment": moment}
    values = {"moment": moment, "left": formats.left(claim.appeal_by, now)}
    line = _("You can appeal once, until %(moment)s (%(left)s).") % values
    if claim.status == Status.GRANTED:
        return formats.paragraph(line, _("An appeal never lowers what was granted."))
    if claim.lapsed:
        return formats.paragraph(line, _("Send what was asked for with the appeal."))
    return line


def _when(at: datetime, zone: str, now: datetime) -> dict[str, str]:
    return {"moment": formats.moment_short(at, zone), "left": formats.left(at, now)}
