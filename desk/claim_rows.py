"""What the desk's claim page shows, as ready values. Staff see claims of every seller and drafts of none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.groups import CASE_HANDLER, SENIOR_HANDLER
from accounts.models import User
from claims.claim_page import desk_card, turn_facts
from claims.claim_page.file_chips import FileChip, chip
from claims.claim_page.snapshot import ClaimSnapshot
from claims.decisions import checks
from claims.files.visibility import withheld_from
from claims.models import Assignment, Attachment, Claim
from claims.models.desk_work import proposal_of
from claims.models.policy import evidence_needed
from claims.records import files_opened
from claims.refunds import limits
from claims.rules.lifecycle import Party, Stage
from claims.text import badge, formats, slot_title, why_most
from messaging.correspondence.quarantine import originals_of
from messaging.models import Message
from messaging.thread import ThreadPage, entries


def claims() -> QuerySet[Claim]:
    """Return all claims with what a page of the desk reads of each."""
    return Claim.objects.select_related(
        "seller", "order", "refund", "assigned_to", "proposed_by", "_proposal", "clock_rule", "policy_rule"
    )


def file_of_claim(uuid: UUID) -> Attachment | None:
    """Return a file of a claim, or None; a file that a seller sent only after it passed the virus check.

    Files of drafts are only their writer's to see.
    """
    files = Attachment.objects.select_related("claim")
    found = files.filter(uuid=uuid, claim__isnull=False, erased_at=None).first()
    return None if found is None or withheld_from(found, Party.DESK) else found


def since_first(claim: Claim, snapshot: ClaimSnapshot) -> desk_card.SinceFirst | None:
    """Return what the seller added after the first decision, None where none is appealed. Two queries."""
    first = next((one for one in reversed(snapshot.decisions) if one.stage == Stage.FIRST), None)
    if claim.stage != Stage.APPEAL or first is None:
        return None
    messages = Message.objects.filter(claim=claim, party=Message.Party.SELLER, at__gt=first.at)
    files = Attachment.objects.filter(claim=claim, party=Party.SELLER, shown_at__gt=first.at)
    return desk_card.SinceFirst(messages.count(), files.count())


@dataclass(frozen=True, slots=True)
class EvidenceFiles:
    """One evidence slot of the claim. `files` pairs each chip with who opened it, as words."""

    title: str
    need: str
    files: list[tuple[FileChip, str]]


def evidence_files(claim: Claim, user: User) -> list[EvidenceFiles]:
    """Return the evidence of the claim by slot, the required ones first, other files last. Two queries."""
    openers = files_opened.openers(claim)
    needs = evidence_needed(claim.policy_rule, claim.reason)
    by_slot: dict[str, list[tuple[FileChip, str]]] = {}
    for file in Attachment.objects.filter(claim=claim, erased_at=None).order_by("position", "pk")[:200]:
        shown = chip(file, "desk")
        by_slot.setdefault(shown.slot, []).append((shown, _opened(openers.get(file.pk, []), user)))
    made = [EvidenceFiles(slot_title(slot), _("Required"), by_slot.pop(slot, [])) for slot in needs.required]
    made += [EvidenceFiles(slot_title(slot), _("Helpful"), by_slot.pop(slot, [])) for slot in needs.recommended]
    for slot, files in sorted(by_slot.items()):
        made.append(EvidenceFiles(slot_title(slot) if slot else _("Other files"), "", files))
    return made


def _opened(people: list[User], user: User) -> str:
    if any(each.pk == user.pk for each in people):
        return _("opened by you")
    names = formats.and_list([str(each) for each in people])
    return _("opened by %(names)s, not by you") % {"names": names} if names else _("not opened by you")


def limit_of(claim: Claim) -> str:
    """Return the amount above which the waiting decision needed a second handler, "" where none waits."""
    proposal = proposal_of(claim)
    return formats.money(proposal.limit_minor, claim.currency) if proposal else ""


def missing_of(claim: Claim) -> dict[int, list[str]]:
    """Return, by claim line, what was needed or asked for and isn't here. Three queries."""
    return checks.missing_of(claim, list(claim.lines.order_by("pk")))


def lines_to_decide(claim: Claim, *, raising: bool = False) -> list[dict[str, Any]]:
    """Return the claim's lines as the decision form shows them; `raising`: with what was granted, to be corrected."""
    floor = raising or claim.stage == Stage.APPEAL
    lines = list(claim.lines.order_by("pk"))
    most = limits.most_grantable(claim, lines).lines
    return [
        {
            "pk": line.pk,
            "item": line.title or line.sku or _("Item"),
            "quantity": line.quantity,
            "claimed_minor": line.claimed_minor,
            "claimed": formats.money(line.claimed_minor, claim.currency),
            "first": formats.money(line.granted_minor, claim.currency) if floor else "",
            "floor_minor": line.granted_minor if floor else 0,
            "most": formats.money(most[line.pk].minor, claim.currency),
            "why_most": why_most(most[line.pk]),
            "plain": formats.amount(most[line.pk].minor, claim.currency).replace(",", ""),
        }
        for line in lines
    ]


def what_changed(claim: Claim, zone: str, now: datetime) -> str:
    """Return who changed the claim last, and how long ago, for a form that was overtaken."""
    who = {"DESK": _("A colleague"), "SELLER": _("The seller")}.get(claim.updated_by_party, _("The portal"))
    given = Assignment.objects.filter(claim=claim).order_by("-version").select_related("by", "assignee").first()
    if given and given.at >= claim.updated_at:
        return _("%(what)s %(ago)s.") % {"what": _assigned(given), "ago": formats.ago(given.at, now, zone)}
    words = badge(claim.status, claim.stage, granted_in_full=claim.granted_in_full, lapsed=claim.lapsed).words
    return _("%(who)s changed this claim %(ago)s: it is now %(status)s.") % {
        "who": str(claim.updated_by) if claim.updated_by else who,
        "ago": formats.ago(claim.updated_at, now, zone),
        "status": words,
    }


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """One thing that happened to a claim while a handler was writing. `said` are the words that came with it."""

    what: str
    when: str
    said: SafeString = field(default_factory=SafeString)


def changes(claim: Claim, version: int, seen: int, zone: str, now: datetime) -> list[ClaimChange]:
    """Return what happened since a form was made at `version` with the thread up to `seen`, oldest first."""
    dated: list[tuple[datetime, ClaimChange]] = []
    given_since = Assignment.objects.filter(claim=claim, version__gt=max(version, 0))
    for given in given_since.select_related("by", "assignee")[:20]:
        dated.append((given.at, ClaimChange(_assigned(given), formats.ago(given.at, now, zone))))
    page = entries(claim, viewer="desk", zone=zone, now=now)
    for entry in page.entries:
        if entry.anchors and max(entry.anchors) >= seen:
            card = entry.card
            what = card.title if card else entry.words or _("%(name)s wrote") % {"name": entry.author}
            said = entry.body or (card.words if card else SafeString())
            dated.append((entry.at, ClaimChange(what, formats.ago(entry.at, now, zone), said)))
    return [change for _at, change in sorted(dated, key=lambda pair: pair[0])]


def _assigned(given: Assignment) -> str:
    if given.assignee is None:
        return _("%(name)s released it") % {"name": given.by}
    if given.assignee_id == given.by_id:
        return _("%(name)s took it") % {"name": given.by}
    return _("%(name)s gave it to %(other)s") % {"name": given.by, "other": given.assignee}


def first_result(claim: Claim) -> str:
    return turn_facts.first_result(claim) if claim.stage == Stage.APPEAL else ""


def handlers() -> list[User]:
    """Return the case handlers and senior handlers, by name. One query."""
    groups = [CASE_HANDLER, SENIOR_HANDLER]
    return list(
        User.objects.filter(is_active=True, is_staff=True, groups__name__in=groups).distinct().order_by("name", "pk")
    )


def with_originals(claim: Claim, page: ThreadPage) -> ThreadPage:
    """Return the page of the thread with a link from each imported message to its e-mail. At most one query."""
    imported = [entry.position for entry in page.entries if entry.imported]
    if not imported:
        return page
    of = originals_of(claim, imported)
    return replace(page, entries=tuple(replace(e, original=of.get(e.position)) for e in page.entries))
