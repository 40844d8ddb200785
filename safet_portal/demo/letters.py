"""What the demo has of e-mail beyond its claims' own: choices, copies, an invitation, reminders and a digest."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path

from django.core.management import call_command

from accounts import memberships, secret_links
from accounts.models import Membership, Seller, User
from claims.files import publish
from claims.filing import drafts
from claims.models import Attachment, Claim
from claims.refunds import claimable
from claims.rules.lifecycle import Reason, Slot
from claims.workflow import move_deadline
from claims.workflow.transitions import desk_actor
from messaging.compose import verbs
from messaging.notifications import addresses, digest, links, preferences, reminders
from messaging.notifications.kinds import Choice, Kind
from safet_portal.demo import pictures
from safet_portal.demo.steps import add_file


def choose(people: dict[str, User], now: datetime) -> None:
    """Let Vera read some e-mails in her daily digest, and copies go to the seller's accounting."""
    preferences.choose(
        _member(people["vera"]), {Kind.FILED: Choice.DIGEST, Kind.MESSAGE: Choice.DIGEST, Kind.DIGEST: Choice.AT_ONCE}
    )
    alice = _member(people["alice"])
    asked = addresses.ask(alice, "books@seller-a.example", now - timedelta(days=6))
    addresses.confirm(secret_links.token(links.CONFIRM, asked.uuid), now - timedelta(days=5))
    addresses.ask(alice, "tax@advisers.example", now - timedelta(days=1))


def tell(people: dict[str, User], folder: Path, now: datetime) -> None:
    """Make what the claims' own story has no e-mail of, through the real verbs; then owe what is due today."""
    memberships.invite(
        _member(people["alice"]).seller, people["alice"], "noor@agency.example", "viewer", now - timedelta(hours=20)
    )
    _move_reply_by(people, now)
    _refuse_a_file(people, now)
    _pay(folder, now)
    _begin_a_draft(people, now)
    for _owed in reminders.owe_due(now):
        pass
    digest.owe_due(now)


def _member(user: User) -> Membership:
    return Membership.objects.select_related("seller", "user").get(user=user, seller__slug="seller-a")


def _claim_on(sku: str) -> Claim:
    return Claim.objects.filter(lines__sku=sku).latest("pk")


def _move_reply_by(people: dict[str, User], now: datetime) -> None:
    claim = _claim_on("TOY-017")
    assert claim.reply_by is not None
    move_deadline.move_deadline(
        claim.pk,
        to=claim.reply_by + timedelta(days=3),
        why="The price list comes from your supplier, who needs some days.",
        by=desk_actor(people["hana"]),
        now=now - timedelta(hours=12),
    )


def _refuse_a_file(people: dict[str, User], now: datetime) -> None:
    """The virus check finds something in a file that was sent."""
    claim, at = _claim_on("TOY-016"), now - timedelta(hours=26)
    draft = drafts.begin_reply(membership=_member(people["alice"]), claim=claim, now=at)
    add_file(draft, "invoice-scan.jpg", pictures.item("Invoice", "scanned"), Slot.OTHER, people["alice"], at)
    verbs.send_message(
        claim_pk=claim.pk,
        membership=_member(people["alice"]),
        text="Our invoice for the item, in case it helps.",
        draft_uuid=draft.uuid,
        received_at=at,
    )
    file = Attachment.objects.get(claim=claim, name="invoice-scan.jpg")
    publish.scanned(file.pk, threat="Eicar-Test-Signature", now=at + timedelta(minutes=2))


def _begin_a_draft(people: dict[str, User], now: datetime) -> None:
    """Gus began to file on the refund that closes first, days ago, and left it."""
    line = claimable.lines_of(Seller.objects.get(slug="seller-b").pk, now).filter(
        first_closes_at__gt=now + timedelta(hours=4)
    )
    first = line.select_related("refund").earliest("first_closes_at")
    member = Membership.objects.select_related("seller").get(user=people["gus"], seller=first.seller)
    at = now - timedelta(days=8)
    draft = drafts.begin_filing(membership=member, refund=first.refund, now=at)
    drafts.save(draft, now=at, text="Came back broken", quantities={first.sku: 1}, reason=Reason.DAMAGED)


def _pay(folder: Path, now: datetime) -> None:
    """Payments come as they do: in the marketplace's finance data, a day later partly taken back."""
    paid, taken_back = _claim_on("TOY-028"), _claim_on("TOY-027")
    events = [_payment(paid, paid.granted_minor, now - timedelta(days=2))]
    events.append(_payment(taken_back, taken_back.granted_minor, now - timedelta(days=3)))
    events.append(_payment(taken_back, -500, now - timedelta(days=1)))
    file = folder / "blue-door-payments.json"
    data = {"payload": {"FinancialEvents": {"SAFETReimbursementEventList": events}}}
    quiet = io.StringIO()
    file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    call_command("import_refunds", str(file), seller="seller-a", stdout=quiet, stderr=quiet)


def _payment(claim: Claim, minor: int, at: datetime) -> dict[str, object]:
    amount = {"CurrencyCode": claim.currency, "CurrencyAmount": minor / 100}
    return {
        "PostedDate": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "SAFETClaimId": claim.claim_id,
        "ReimbursedAmount": amount,
        "ReasonCode": "SAFETClaimGranted",
    }
