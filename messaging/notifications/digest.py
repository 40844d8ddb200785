"""The daily digest: what waits for an answer, what closes soon, and what was folded into it. At eight in the morning.

One e-mail a person and day, over all their seller accounts; one an extra address and day where copies were folded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import marketplaces
from accounts.models import Membership, Role, User
from claims.models import Claim, RefundLine
from claims.refunds import claimable
from claims.rules.lifecycle import Status
from claims.text import formats
from messaging.models import OutgoingEmail, RemindedUntil
from messaging.notifications import preferences
from messaging.notifications.email_content import Notice, Section
from messaging.notifications.kinds import NAMES, Choice, Kind
from messaging.notifications.words import one_line

AT = time(8)
SOON = timedelta(days=7)
LISTED = 10
MOST_SELLERS = 20


def owe_due(now: datetime) -> int:
    """Owe a digest to everybody whose morning came since the last run and who has something to read; return how many.

    What was folded for them goes into it. Any number of runs at once, or again, owe nothing twice.
    """
    with transaction.atomic():
        start = RemindedUntil(kind=Kind.DIGEST, step=timedelta(0), until=now - timedelta(days=1))
        RemindedUntil.objects.bulk_create([start], ignore_conflicts=True)
        reminded = RemindedUntil.objects.select_for_update(no_key=True).get(kind=Kind.DIGEST, step=timedelta(0))
        if reminded.until >= now:
            return 0
        places = {code: place.zone for code, place in marketplaces.by_code().items()}
        zones = set(User.objects.exclude(zone="").values_list("zone", flat=True).distinct()) | set(places.values())
        mornings = _mornings(zones, reminded.until, now)
        new = 0
        if mornings:
            values: dict[str, Any] = {
                "zones": list(mornings),
                "days": [day.isoformat() for day in mornings.values()],
                "codes": list(places),
                "places": list(places.values()),
                "now": now,
                "soon": now + SOON,
            }
            with connection.cursor() as cursor:
                for statement in (_MEMBERS, _ADDRESSES):
                    cursor.execute(statement, values)
                    new += cursor.rowcount
                cursor.execute(_FOLD, {"now": now})
        RemindedUntil.objects.filter(pk=reminded.pk).update(until=now)
    return new


def _mornings(zones: Iterable[str], since: datetime, now: datetime) -> dict[str, Any]:
    """Return the zones in which it became eight after `since`, up to `now`, with the local day."""
    days = {}
    for zone in sorted(zones):
        there = ZoneInfo(zone)
        day = now.astimezone(there).date()
        morning = datetime.combine(day, AT, there)
        if morning > now:
            day -= timedelta(days=1)
            morning = datetime.combine(day, AT, there)
        if since < morning <= now:
            days[zone] = day
    return days


_INSERT = """
INSERT INTO messaging_outgoingemail (uuid, kind, occasion, seller_id, user_id, extra_address, params, state, cause,
                                     address, attempts, next_attempt_at, created_at)
"""
_DUE = """
WITH due AS (SELECT unnest(%(zones)s::text[]) AS zone, unnest(%(days)s::text[]) AS day),
place AS (SELECT unnest(%(codes)s::text[]) AS code, unnest(%(places)s::text[]) AS zone)
"""
_MEMBERS = f"""{_DUE},
person AS (
  SELECT u.id, coalesce(nullif(u.zone, ''), (
           SELECT p.zone FROM accounts_membership m JOIN accounts_seller s ON s.id = m.seller_id
             JOIN place p ON p.code = s.marketplace
            WHERE m.user_id = u.id AND m.is_active ORDER BY s.name, s.id LIMIT 1)) AS zone
    FROM accounts_user u WHERE u.is_active AND NOT u.is_staff)
{_INSERT}
SELECT gen_random_uuid(), 'digest', 'digest:' || p.id || ':' || d.day, NULL, p.id, NULL, '{{}}', 'QUEUED', '', '', 0,
       %(now)s, %(now)s
  FROM person p JOIN due d ON d.zone = p.zone
 WHERE EXISTS (SELECT 1 FROM messaging_outgoingemail f
                WHERE f.user_id = p.id AND f.state = 'DIGEST' AND f.digest_id IS NULL)
    OR EXISTS (
       SELECT 1 FROM accounts_membership m
         LEFT JOIN messaging_emailpreference w
                ON w.user_id = m.user_id AND w.seller_id = m.seller_id AND w.kind = 'digest'
        WHERE m.user_id = p.id AND m.is_active
          AND coalesce(w.choice, CASE m.role WHEN 'viewer' THEN 'OFF' ELSE 'AT_ONCE' END) <> 'OFF'
          AND (EXISTS (SELECT 1 FROM claims_claim c WHERE c.seller_id = m.seller_id
                          AND c.status = 'AWAITING_SELLER' AND c.reply_by > %(now)s)
            OR EXISTS (SELECT 1 FROM claims_refundline l JOIN accounts_seller s ON s.id = l.seller_id
                        WHERE l.seller_id = m.seller_id AND l.first_closes_at <= %(soon)s AND {claimable.SQL})))
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from our own words, no value of anybody's
_ADDRESSES = f"""{_DUE}
{_INSERT}
SELECT DISTINCT gen_random_uuid(), 'digest', 'digest:' || s.id || ':' || d.day, s.id, NULL::bigint, f.extra_address,
       '{{}}'::jsonb, 'QUEUED', '', '', 0, %(now)s, %(now)s
  FROM (SELECT DISTINCT e.seller_id, e.extra_address FROM messaging_outgoingemail e
         WHERE e.user_id IS NULL AND e.state = 'DIGEST' AND e.digest_id IS NULL) f
  JOIN accounts_seller s ON s.id = f.seller_id
  JOIN place p ON p.code = s.marketplace JOIN due d ON d.zone = p.zone
ON CONFLICT DO NOTHING
"""  # noqa: S608
_FOLD = """
UPDATE messaging_outgoingemail f SET digest_id = d.id
  FROM messaging_outgoingemail d
 WHERE d.kind = 'digest' AND d.created_at = %(now)s AND d.state = 'QUEUED'
   AND f.state = 'DIGEST' AND f.digest_id IS NULL
   AND f.user_id IS NOT DISTINCT FROM d.user_id AND f.extra_address IS NOT DISTINCT FROM d.extra_address
   AND (d.user_id IS NOT NULL OR f.seller_id = d.seller_id)
"""


@dataclass(frozen=True, slots=True)
class _Day:
    """What one seller account has for its reader today."""

    seller: str
    waiting: int
    first_by: datetime | None
    refunds: int
    sums: tuple[tuple[int, str], ...]
    sections: tuple[Section, ...]


def has_news(email: OutgoingEmail, memberships: list[Membership], now: datetime) -> bool:
    """Return whether the digest would say anything to its reader now."""
    if email.folded.exists():
        return True
    return any(day.waiting or day.refunds for day in _days(memberships, "UTC", now))


def notice(email: OutgoingEmail, membership: Membership | None, zone: str, now: datetime) -> Notice:
    """Return the digest of a person over their seller accounts, or of an extra address. Seven queries a seller."""
    mine = memberships_of(membership.user_id) if membership else []
    days = _days(mine, zone, now)
    news = _news(email, {each.seller_id for each in mine} if membership else {email.seller_id or 0}, zone)
    waiting, refunds = sum(day.waiting for day in days), sum(day.refunds for day in days)
    sums = formats.sums([amount for day in days for amount in day.sums])
    happened = email.folded.count()
    first = []
    if waiting:
        first.append(_waiting_words(waiting, min(day.first_by for day in days if day.first_by), zone))
    if refunds:
        first.append(_closing_words(refunds, sums))
    if happened:
        first.append(ngettext("%(n)s thing happened.", "%(n)s things happened.", happened) % {"n": happened})
    several = len(days) > 1
    sections = [
        Section(f"{day.seller}: {each.title}" if several else each.title, each.lines, each.more, each.more_link)
        for day in days
        for each in day.sections
    ]
    return Notice(
        subject=_subject(waiting, sums, happened),
        first=" ".join(first),
        button=_("Open the list"),
        link=f"{settings.SITE_URL}/claims/" + ("?tab=awaiting-seller-response" if waiting else ""),
        sections=(*sections, *news),
    )


def memberships_of(user_id: int) -> list[Membership]:
    """Return the person's memberships whose day they want to read, by the seller's name."""
    found = Membership.objects.filter(user_id=user_id, is_active=True).select_related("seller", "user")
    return list(found.order_by("seller__name", "seller_id")[:MOST_SELLERS])


def _days(memberships: Iterable[Membership], zone: str, now: datetime) -> list[_Day]:
    wanted = [each for each in memberships if preferences.choices_of(each)[Kind.DIGEST] != Choice.OFF]
    return [_day(each, zone, now) for each in wanted]


def _day(membership: Membership, zone: str, now: datetime) -> _Day:
    seller_id, may_act = membership.seller_id, Role(membership.role).may_act
    waiting = Claim.objects.filter(seller_id=seller_id, status=Status.AWAITING_SELLER, reply_by__gt=now)
    rows = list(waiting.select_related("order").order_by("reply_by", "id")[: LISTED + 1])
    count = len(rows) if len(rows) <= LISTED else waiting[:1000].count()
    sections = [_claims(_("To answer"), rows, count, "reply_by", "awaiting-seller-response", zone, now)]
    appealable = Claim.objects.filter(
        seller_id=seller_id, appeal_by__gt=now, appeal_by__lte=now + SOON, granted_minor__lt=F("claimed_minor")
    )
    lost = list(appealable.select_related("order").order_by("appeal_by", "id")[: LISTED + 1])
    total = len(lost) if len(lost) <= LISTED else appealable[:1000].count()
    sections.append(_claims(_("To appeal"), lost, total, "appeal_by", "resolved", zone, now))
    closing = claimable.lines_of(seller_id, now).filter(first_closes_at__lte=now + SOON)
    soon = list(closing.select_related("order").order_by("first_closes_at", "id")[: LISTED + 1]) if may_act else []
    sums = closing.values_list("currency").annotate(total=Sum(F("amount_minor") - F("held_minor"))).order_by()
    refunds = len(soon) if len(soon) <= LISTED else closing[:1000].count()
    sections.append(_refunds(soon, refunds, zone, now))
    return _Day(
        seller=membership.seller.name,
        waiting=count,
        first_by=rows[0].reply_by if rows else None,
        refunds=refunds,
        sums=tuple((total, currency) for currency, total in sums) if soon else (),
        sections=tuple(each for each in sections if each.lines),
    )


def _claims(title: str, rows: list[Claim], count: int, deadline: str, tab: str, zone: str, now: datetime) -> Section:
    lines = []
    for claim in rows[:LISTED]:
        at = getattr(claim, deadline)
        about = _("Claim %(claim_id)s · order %(order_id)s · %(amount)s") % {
            "claim_id": claim.claim_id,
            "order_id": claim.order.order_id,
            "amount": formats.money(claim.claimed_minor, claim.currency),
        }
        link = settings.SITE_URL + reverse("messaging:thread", args=[claim.claim_id])
        lines.append((_by(at, zone, now), about, link))
    return _section(title, lines, count, f"{settings.SITE_URL}/claims/?tab={tab}")


def _refunds(rows: list[RefundLine], count: int, zone: str, now: datetime) -> Section:
    lines = []
    for line in rows[:LISTED]:
        about = _("Order %(order_id)s · %(item)s · %(amount)s") % {
            "order_id": line.order.order_id,
            "item": one_line(line.title or line.sku),
            "amount": formats.money(line.amount_minor - line.held_minor, line.currency),
        }
        link = f"{settings.SITE_URL}{reverse('claims:new')}?order={line.order.order_id}"
        lines.append((_by(line.first_closes_at, zone, now), about, link))
    return _section(_("To claim"), lines, count, settings.SITE_URL + reverse("claims:refunds"))


def _news(email: OutgoingEmail, seller_ids: set[int], zone: str) -> list[Section]:
    """Return what was folded into this digest, of seller accounts its reader still belongs to."""
    folded = email.folded.filter(seller_id__in=seller_ids).exclude(kind__startswith="reminder-")
    rows = list(folded.select_related("claim").order_by("created_at", "pk")[: 3 * LISTED + 1])
    if not rows:
        return []
    lines = []
    for row in rows[: 3 * LISTED]:
        words = str(NAMES.get(Kind(row.kind), row.kind))
        about = [_("Claim %(claim_id)s") % {"claim_id": row.claim.claim_id}] if row.claim else []
        if row.params.get("batch"):
            about.append(_("and what was filed with it"))
        about.append(formats.moment_short(row.created_at, zone))
        path = reverse("messaging:thread", args=[row.claim.claim_id]) if row.claim else "/claims/"
        spot = f"?at={row.position}#e{row.position}" if row.claim and row.position else ""
        lines.append((words, " · ".join(about), settings.SITE_URL + path + spot))
    count = len(rows) if len(rows) <= 3 * LISTED else folded.count()
    return [_section(_("What happened"), lines, count, f"{settings.SITE_URL}/claims/?tab=all")]


def _section(title: str, lines: list[tuple[str, str, str]], count: int, link: str) -> Section:
    more = count - len(lines)
    words = ngettext("See %(n)s more", "See %(n)s more", more) % {"n": more} if more > 0 else ""
    return Section(title, tuple(lines), words, link if words else "")


def _by(at: datetime | None, zone: str, now: datetime) -> str:
    assert at is not None
    return _("%(moment)s (%(left)s)") % {"moment": formats.moment_short(at, zone), "left": formats.left(at, now)}


def _waiting_words(claims: int, first_by: datetime, zone: str) -> str:
    return ngettext(
        "%(n)s claim waits for your reply, the first by %(reply_by)s.",
        "%(n)s claims wait for your reply, the first by %(reply_by)s.",
        claims,
    ) % {"n": claims, "reply_by": formats.moment_full(first_by, zone)}


def _closing_words(refunds: int, sums: str) -> str:
    return ngettext(
        "%(n)s refund worth %(sums)s closes within 7 days.",
        "%(n)s refunds worth %(sums)s close within 7 days.",
        refunds,
    ) % {"n": refunds, "sums": sums}


def _subject(waiting: int, sums: str, happened: int) -> str:
    if waiting and sums:
        return _("SAFE-T today: %(n)s to answer, %(sums)s closing soon") % {"n": waiting, "sums": sums}
    if waiting:
        return _("SAFE-T today: %(n)s to answer") % {"n": waiting}
    if sums:
        return _("SAFE-T today: %(sums)s closing soon") % {"sums": sums}
    return ngettext("SAFE-T today: %(n)s thing happened", "SAFE-T today: %(n)s things happened", happened) % {
        "n": happened
    }
