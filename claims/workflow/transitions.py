"""The transitions of a claim: lock it, check, write, record, send the signal. The one writer of `status`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Prefetch

from accounts.groups import CASE_HANDLER, SENIOR_HANDLER, is_handler, is_senior
from accounts.models import Membership, Role, User
from claims import signals
from claims.models import Claim, ClaimLine, Order, ProposedDecision, StatusChange
from claims.rules.lifecycle import (
    DECIDED,
    RESOLVED,
    Actor,
    ClaimFacts,
    Party,
    Refusal,
    Stage,
    Status,
    Verb,
    refusals,
    transition,
)


class TransitionRefused(Exception):
    """A verb was not possible; nothing was changed. `codes` say why, one sentence each."""

    def __init__(self, *codes: Refusal, **params: Any) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes
        self.params = params


def seller_actor(membership: Membership) -> Actor:
    """Return who a member of a claim's seller is to the rules. The caller has looked the membership up."""
    return Actor(Party.SELLER, membership.user_id, may_act=membership.is_active and Role(membership.role).may_act)


def desk_actor(user: User) -> Actor:
    """Return who a member of staff is to the rules: without a handler's group they may read and do nothing."""
    return Actor(
        Party.DESK, user.pk, may_act=is_handler(user), is_senior=is_senior(user), is_superuser=user.is_superuser
    )


def facts_of(claim: Claim, *, deciders_too: bool = True) -> ClaimFacts:
    """Return what the rules need to know of the claim. Costs one query for a claim on appeal, none before.

    Who made the first decision matters to the desk's verbs only: `deciders_too=False` leaves it and the query out.
    """
    needs_senior = claim.clock_rule.appeal_needs_senior if deciders_too and claim.clock_rule else True
    deciders: frozenset[int] = frozenset()
    released: frozenset[int] = frozenset()
    others = True
    if deciders_too and claim.stage == Stage.APPEAL:
        deciders, released, others = _who_decides_the_appeal(claim, needs_senior)
    return ClaimFacts(
        status=Status(claim.status),
        stage=Stage(claim.stage),
        reply_by=claim.reply_by,
        appeal_by=claim.appeal_by,
        granted_in_full=claim.granted_in_full,
        decided_by=deciders,
        assigned_to=claim.assigned_to_id,
        proposed_by=claim.proposed_by_id,
        appeal_needs_senior=needs_senior,
        mail_reply_at=claim.mail_reply_at,
        released_to=released,
        others_can_decide=others,
    )


def _who_decides_the_appeal(claim: Claim, needs_senior: bool) -> tuple[frozenset[int], frozenset[int], bool]:
    """Return who decided first, whom a superuser released the appeal to, and whether anybody else could decide it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH first AS (
                SELECT person FROM claims_decision d, unnest(ARRAY[d.by_id, d.confirmed_by_id]) AS person
                 WHERE d.claim_id = %(claim)s AND d.stage = 'FIRST' AND person IS NOT NULL)
            SELECT ARRAY(SELECT person FROM first),
                   ARRAY(SELECT r.to_id FROM claims_appealrelease r WHERE r.claim_id = %(claim)s),
                   EXISTS (SELECT 1 FROM accounts_user u
                             JOIN accounts_user_groups m ON m.user_id = u.id JOIN auth_group g ON g.id = m.group_id
                            WHERE u.is_active AND u.is_staff AND g.name = ANY(%(groups)s)
                              AND u.id NOT IN (SELECT person FROM first))
            """,
            {"claim": claim.pk, "groups": [SENIOR_HANDLER] if needs_senior else [CASE_HANDLER, SENIOR_HANDLER]},
        )
        deciders, released, others = cursor.fetchone()
    return frozenset(deciders), frozenset(released), others


def check(verb: Verb, claim: Claim, actor: Actor, now: datetime) -> tuple[Refusal, ...]:
    """Return why `actor` may not do `verb` now, empty where they may. Pages and verbs both ask here."""
    return refusals(verb, facts_of(claim, deciders_too=actor.party is Party.DESK), actor, now)


def lock(claim_pk: int, *, version: int | None = None) -> Claim:
    """Return the claim, locked until the end of the transaction, with its lines.

    Raises TransitionRefused(CHANGED_MEANWHILE) when `version` is no longer the claim's.
    """
    lines = Prefetch("lines", ClaimLine.objects.order_by("id"))
    claims = Claim.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "clock_rule", "policy_rule", "order", "seller"
    )
    claim = claims.prefetch_related(lines).get(pk=claim_pk)
    if version is not None and version != claim.version:
        raise TransitionRefused(Refusal.CHANGED_MEANWHILE)
    return claim


def lock_for_amounts(claim_pk: int, *, version: int | None = None) -> Claim:
    """Return the claim locked as `lock` does, its order before it where the order's cap binds the claims of one order
    together: two decisions at once can't both take what is left. Raises TransitionRefused(CHANGED_MEANWHILE)."""
    capped = Claim.objects.filter(pk=claim_pk, policy_rule__order_cap_minor__isnull=False)
    list(Order.objects.select_for_update(no_key=True).filter(pk__in=capped.values("order_id")).values_list("pk"))
    return lock(claim_pk, version=version)


def guard(verb: Verb, claim: Claim, actor: Actor, now: datetime) -> None:
    """Raise TransitionRefused with every reason against `verb`, if there is one. The caller has locked the claim."""
    if codes := check(verb, claim, actor, now):
        raise TransitionRefused(*codes)


def take_position(claim: Claim) -> int:
    """Return the next free position in the claim's thread. The caller has locked the claim, and saves it."""
    position = claim.next_position
    claim.next_position += 1
    return position


def touch(claim: Claim, actor: Actor, now: datetime) -> None:
    """Note who changed the claim last, and give it a new version, so that two people can't overwrite each other."""
    claim.version += 1
    claim.updated_at = now
    claim.updated_by_party = actor.party
    claim.updated_by_id = actor.user_id


def _transition(
    claim: Claim, verb: Verb, to: Status, actor: Actor, now: datetime, **deadlines: datetime | None
) -> StatusChange:
    """Take the locked claim through one row of the transition table, record that, and send `status_changed`.

    `deadlines` are reply_by and appeal_by as they are from now on; one that isn't given ends here. The caller sets
    fields other than the status before the call; the claim is saved here. Raises TransitionRefused(NOT_ALLOWED_NOW) for
    what isn't in the table.
    """
    entering = claim.pk is None
    source = None if entering else facts_of(claim).position
    row = transition(verb, source, to)
    if row is None or row.party is not actor.party:
        raise TransitionRefused(Refusal.NOT_ALLOWED_NOW)
    claim.status, claim.stage = row.target.status, row.target.stage
    if not entering:
        if source is None or source.status in DECIDED or to in RESOLVED:
            ProposedDecision.objects.filter(claim=claim).delete()  # what was proposed is overtaken
        claim.proposed_by_id = None  # while the claim is investigated, what was typed fills the form the next time
    claim.reply_by = deadlines.get("reply_by")
    claim.mail_reply_at = None
    claim.appeal_by = deadlines.get("appeal_by")
    if to in DECIDED:
        claim.decided_at = deadlines.get("decided_at") or now
    position = take_position(claim)
    touch(claim, actor, now)
    if verb is Verb.IMPORT:
        claim.updated_at = deadlines.get("decided_at") or claim.filed_at
    claim.save()
    change = StatusChange.objects.create(
        seller_id=claim.seller_id,
        claim=claim,
        position=position,
        at=now,
        verb=verb,
        party=actor.party,
        actor_id=actor.user_id,
        from_status=source.status if source else "",
        from_stage=source.stage if source else "",
        to_status=claim.status,
        to_stage=claim.stage,
        reply_by=claim.reply_by,
        appeal_by=claim.appeal_by,
    )
    if verb is not Verb.IMPORT:  # nobody is notified of what was imported
        _mark_unseen(claim, actor, now)
        signals.status_changed.send(sender=Claim, change=change, claim=claim)
    return change


def _mark_unseen(claim: Claim, actor: Actor, now: datetime) -> None:
    """Keep for each member, except the one who acted, that they haven't seen this claim's new status."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO claims_unseen (user_id, seller_id, claim_id, status, since)
            SELECT m.user_id, m.seller_id, %s, %s, %s FROM accounts_membership m
             WHERE m.seller_id = %s AND m.is_active AND m.user_id IS DISTINCT FROM %s ORDER BY m.user_id
            ON CONFLICT (user_id, claim_id) DO UPDATE SET status = excluded.status, since = excluded.since
            """,
            [claim.pk, claim.status, now, claim.seller_id, actor.user_id],
        )
        cursor.execute(
            "UPDATE claims_unseen SET status = %s WHERE claim_id = %s AND user_id = %s",
            [claim.status, claim.pk, actor.user_id],
        )
