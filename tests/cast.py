"""The fixed cast, and builders that walk the real verbs at moments the test names.

`world` is the fixture: Blue Door Toys (US) of alice (owner), gus (member), vera (viewer); Lichtkontor (DE)
of mallory (owner) and gus (member); at the desk hana (case handler), sam (senior handler) and ada (superuser, in no
group). The base policy is loaded. Moments are `world.now` plus days: `world.at(-3)` is three days before.

    line = world.refund()                         # a refund line, 89.99 USD, refunded ten days before
    claim = world.claim()                         # filed on a new refund, with the evidence its reason needs
    world.ask(claim); world.reply(claim); world.decide(claim, 0); world.appeal(claim); world.lapse(claim)
    for position, claim in world.in_every_position(): ...
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import File
from PIL import Image

from accounts.groups import CASE_HANDLER, SENIOR_HANDLER
from accounts.models import Membership, Role, Seller, User
from claims.decisions.checks import LineDecision
from claims.files import check, store
from claims.filing import draft_check, drafts, file_claim
from claims.imports import import_claims
from claims.models import Attachment, Claim, Draft, Order, Refund, RefundLine
from claims.payments import match_payments
from claims.policy_loading import load
from claims.policy_loading.load import POLICIES
from claims.refunds import stored_eligibility
from claims.rules.lifecycle import EVIDENCE, DecisionReason, Ground, Position, Reason, Slot, Stage, Status, Verb
from claims.workflow import seller_actions
from claims.workflow.seller_actions import Objection
from claims.workflow.transitions import seller_actor
from messaging.compose import verbs
from messaging.compose.verbs import SentMessage

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "demo"
STATEMENT = "The box came back with a bag of sand in it instead of the train set."


def picture(colour: str = "#c49a6c") -> bytes:
    """A small PNG. Another colour gives other bytes."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


@dataclass
class World:
    now: datetime = NOW
    photos: bool = False
    """Whether evidence of drafts is pictures; else it is text, which costs no decoder process."""
    alice: User = field(init=False)
    vera: User = field(init=False)
    gus: User = field(init=False)
    mallory: User = field(init=False)
    hana: User = field(init=False)
    sam: User = field(init=False)
    ada: User = field(init=False)
    toys: Seller = field(init=False)
    lamps: Seller = field(init=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        load.load(tomllib.loads((POLICIES / "base.toml").read_text()))
        self.toys = Seller.objects.create(slug="seller-a", name="Blue Door Toys", marketplace="US")
        self.lamps = Seller.objects.create(slug="seller-b", name="Lichtkontor", marketplace="DE")
        person = User.objects.create_user
        self.alice = person("alice@seller-a.example", PASSWORD, name="Alice Moreno", zone="America/New_York")
        self.vera = person("vera@seller-a.example", PASSWORD, name="Vera Lind", zone="America/New_York")
        self.gus = person("gus@agency.example", PASSWORD, name="Gus Okafor", zone="Europe/London")
        self.mallory = person("mallory@seller-b.example", PASSWORD, name="Mallory Krause", zone="Europe/Berlin")
        self.hana = person("hana@desk.example", PASSWORD, name="Hana Sato", is_staff=True)
        self.sam = person("sam@desk.example", PASSWORD, name="Sam Whitfield", is_staff=True)
        self.ada = person("admin@desk.example", PASSWORD, name="Ada Park", is_staff=True, is_superuser=True)
        for user, seller, role in (
            (self.alice, self.toys, Role.OWNER),
            (self.vera, self.toys, Role.VIEWER),
            (self.gus, self.toys, Role.MEMBER),
            (self.mallory, self.lamps, Role.OWNER),
            (self.gus, self.lamps, Role.MEMBER),
        ):
            Membership.objects.create(user=user, seller=seller, role=role)
        self.hana.groups.add(Group.objects.get_or_create(name=CASE_HANDLER)[0])
        self.sam.groups.add(Group.objects.get_or_create(name=SENIOR_HANDLER)[0])

    def at(self, days: float) -> datetime:
        return self.now + timedelta(days=days)

    def member(self, user: User, seller: Seller | None = None) -> Membership:
        """The person's membership in the seller (Blue Door Toys unless said)."""
        return Membership.objects.select_related("seller", "user").get(user=user, seller=seller or self.toys)

    # -- refunds and drafts

    def refund(
        self,
        *,
        seller: Seller | None = None,
        days: float = -10,
        quantity: int = 1,
        amount_minor: int = 8999,
        sku: str = "",
        order: Order | None = None,
        **order_fields: object,
    ) -> RefundLine:
        """A refund line of a new order (or of `order`), refunded `days` from now, with its windows."""
        seller = seller or self.toys
        number = next(self.numbers)
        currency = "USD" if seller.marketplace == "US" else "EUR"
        order = order or Order.objects.create(
            seller=seller,
            order_id=f"111-{1000000 + number}-{2000000 + number}",
            marketplace=seller.marketplace,
            **order_fields,
        )
        refund = Refund.objects.create(seller=seller, order=order, refunded_at=self.at(days), currency=currency)
        line = RefundLine.objects.create(
            seller=seller,
            refund=refund,
            order=order,
            sku=sku or f"SKU-{number}",
            quantity=quantity,
            currency=currency,
            gross_minor=amount_minor,
            amount_minor=amount_minor,
            asin=f"B0EXAM{number:04d}",
            title=f"Wooden train set {number}",
        )
        stored_eligibility.recompute_windows([line.pk], self.now)
        line.refresh_from_db()
        return line

    def add_file(
        self, draft: Draft, slot: Slot | str = "", *, days: float = -5, name: str = "photo.png", data: bytes = b""
    ) -> Attachment:
        file = File(io.BytesIO(data or picture()), name=name)
        accepted = check.examine(file)
        return store.keep(file, accepted, now=self.at(days), draft=draft, slot=str(slot), uploaded_by_id=draft.user_id)

    def draft(
        self,
        line: RefundLine | None = None,
        *,
        by: User | None = None,
        quantity: int = 1,
        reason: Reason = Reason.DIFFERENT,
        text: str = STATEMENT,
        days: float = -5,
        evidence: bool = True,
    ) -> Draft:
        """A draft that can be filed as it is (unless told otherwise)."""
        line = line or self.refund()
        member = self.member(by or self.alice, line.seller)
        draft = drafts.begin_filing(membership=member, refund=line.refund, now=self.at(days))
        draft = drafts.save(draft, now=self.at(days), text=text, quantities={line.sku: quantity}, reason=reason)
        for slot in EVIDENCE[reason].required if evidence else ():
            name = f"{slot.lower()}.{'png' if self.photos else 'txt'}"
            self.add_file(draft, slot, days=days, name=name, data=b"" if self.photos else f"{slot} {name}".encode())
        return draft

    def file(self, draft: Draft, *, days: float = -5) -> tuple[Claim, bool]:
        """File the draft as its owner, the policy accepted."""
        rule = draft_check.review(draft, self.at(days)).rule
        member = self.member(draft.user, draft.seller)
        return file_claim.file_claim(
            draft_uuid=draft.uuid, membership=member, now=self.at(days), accepted_rule=rule.pk if rule else None
        )

    def claim(
        self,
        line: RefundLine | None = None,
        *,
        by: User | None = None,
        quantity: int = 1,
        reason: Reason = Reason.DIFFERENT,
        days: float = -5,
        text: str = STATEMENT,
    ) -> Claim:
        draft = self.draft(line, by=by, quantity=quantity, reason=reason, days=days, text=text)
        return self.file(draft, days=days)[0]

    # -- verbs

    def ask(
        self, claim: Claim, *, days: float = -4, slots: tuple[Slot, ...] = (Slot.SERIAL_PHOTO,), by: User | None = None
    ) -> SentMessage:
        sent = verbs.request_information(
            claim_pk=claim.pk,
            user=by or self._decider(claim),
            slots=slots,
            own_words=[],
            text="We can't make out the number.",
            now=self.at(days),
        )
        claim.refresh_from_db()
        return sent

    def reply_draft(self, claim: Claim, *, by: User | None = None, days: float = -3) -> Draft:
        member = self.member(by or self.alice, claim.seller)
        return drafts.begin_reply(membership=member, claim=claim, now=self.at(days))

    def reply(
        self, claim: Claim, *, by: User | None = None, days: float = -3, text: str = "Here it is."
    ) -> SentMessage:
        return self._write(verbs.reply, claim, by, days, text, Slot.SERIAL_PHOTO)

    def appeal(
        self, claim: Claim, *, by: User | None = None, days: float = -1, text: str = "Look again."
    ) -> SentMessage:
        lines = seller_actions.open_to_objection(claim)
        verb = partial(verbs.appeal, objections=[Objection(Ground.FACTS, line) for line in lines])
        return self._write(verb, claim, by, days, text, "")

    def message(
        self, claim: Claim, *, by: User | None = None, days: float = -1, text: str = "Thank you."
    ) -> SentMessage:
        return self._write(verbs.send_message, claim, by, days, text, None)

    def _write(
        self, verb: object, claim: Claim, by: User | None, days: float, text: str, slot: Slot | str | None
    ) -> SentMessage:
        assert callable(verb)
        draft = self.reply_draft(claim, by=by, days=days)
        if slot is not None:
            self.add_file(draft, slot, days=days)
        member = self.member(by or self.alice, claim.seller)
        sent: SentMessage = verb(
            claim_pk=claim.pk, membership=member, text=text, draft_uuid=draft.uuid, received_at=self.at(days)
        )
        claim.refresh_from_db()
        return sent

    def desk_message(self, claim: Claim, *, days: float = -1, text: str = "We have all we need.") -> SentMessage:
        sent = verbs.send_desk_message(claim_pk=claim.pk, user=self.hana, text=text, now=self.at(days))
        claim.refresh_from_db()
        return sent

    def decide(
        self,
        claim: Claim,
        amount_minor: int | None = None,
        *,
        days: float = -2,
        by: User | None = None,
        reasons: tuple[tuple[DecisionReason, dict[str, str]], ...] = ((DecisionReason.RETURN_IN_ORDER, {}),),
        words: str = "",
    ) -> SentMessage:
        """Give each line `amount_minor` (all that was claimed unless said); 0 denies."""
        lines = {}
        for line in claim.lines.all():
            amount = line.claimed_minor if amount_minor is None else amount_minor
            lines[line.pk] = LineDecision(amount, reasons if amount < line.claimed_minor else ())
        verb = Verb.GRANT if any(one.amount_minor for one in lines.values()) else Verb.DENY
        sent = verbs.decide(
            claim_pk=claim.pk,
            user=by or self._decider(claim),
            verb=verb,
            lines=lines,
            words=words,
            now=self.at(days),
        )
        claim.refresh_from_db()
        return sent

    def pay(
        self,
        claim: Claim,
        amount_minor: int | None = None,
        *,
        payment: str = "",
        at: datetime | None = None,
        reference: str = "",
    ) -> None:
        """The finance data names a payment of the claim: all that is granted unless said; negative: taken back."""
        told = match_payments.ReportedPayment(
            seller_id=claim.seller_id,
            source=match_payments.Source.FINANCES_V0,
            payment=payment or f"payment {next(self.numbers)}",
            amount_minor=claim.granted_minor if amount_minor is None else amount_minor,
            currency=claim.currency,
            at=at or self.now,
            claim_id=claim.claim_id,
            reference=reference,
        )
        match_payments.record(told, self.now)
        claim.refresh_from_db()

    def lapse(self, claim: Claim) -> None:
        """No reply comes: the claim lapses an hour after reply-by."""
        assert claim.reply_by is not None
        seller_actions.lapse(claim.pk, now=claim.reply_by + timedelta(hours=1))
        claim.refresh_from_db()

    def withdraw(self, claim: Claim, *, by: User | None = None, days: float = -1) -> None:
        actor = seller_actor(self.member(by or self.alice, claim.seller))
        seller_actions.withdraw(claim.pk, by=actor, now=self.at(days))
        claim.refresh_from_db()

    def import_claim(self, status: Status = Status.DENIED, *, order: Order | None = None, days: float = -3) -> Claim:
        """A claim that existed before the portal."""
        order = order or self.refund().order
        number = next(self.numbers)
        claim, _ = import_claims.import_claim(
            order=order,
            claim_id=f"10000-20000-{3000000 + number}",
            status=status,
            filed_at=self.at(days - 5),
            currency="USD",
            claimed_minor=5000,
            granted_minor=5000 if status is Status.GRANTED else 0,
            source="old-claims.csv",
            now=self.now,
            decided_at=self.at(days) if status in (Status.DENIED, Status.GRANTED) else None,
            reply_by=self.at(4) if status is Status.AWAITING_SELLER else None,
        )
        return claim

    def _decider(self, claim: Claim) -> User:
        return self.sam if claim.stage == Stage.APPEAL else self.hana

    # -- every position

    def claim_at(self, position: Position) -> Claim:
        """A claim that stands at `position`, walked there by the verbs."""
        claim = self.claim()
        if position.stage is Stage.APPEAL:
            first = 3000 if position.status is Status.GRANTED else 0
            self.decide(claim, first, days=-4)
            self.appeal(claim, days=-3)
        match position.status:
            case Status.AWAITING_SELLER:
                self.ask(claim, days=-2)
            case Status.GRANTED:
                self.decide(claim, 5000)
            case Status.DENIED:
                self.decide(claim, 0)
            case Status.WITHDRAWN:
                self.withdraw(claim)
        assert (claim.status, claim.stage) == (position.status, position.stage)
        return claim

    def in_every_position(self) -> Iterator[tuple[Position, Claim]]:
        for position in POSITIONS:
            yield position, self.claim_at(position)


POSITIONS = tuple(
    Position(status, stage)
    for stage in Stage
    for status in Status
    if not (stage is Stage.APPEAL and status is Status.WITHDRAWN)
)


@pytest.fixture
def world(db: None) -> World:
    return World()
