"""Old mailboxes into the threads of known claims: in small batches and constant memory, each e-mail accounted for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Max, Q

from accounts.models import Membership, Seller
from claims.models import Claim, InformationRequest, Order
from claims.rules.lifecycle import Status
from messaging.correspondence import store_mail
from messaging.correspondence.causes import Cause
from messaging.correspondence.matcher import (
    Candidate,
    MailKind,
    NamedIds,
    NamedOrder,
    Side,
    belongs_to_others,
    choose,
    counterparts,
    named,
    side,
)
from messaging.correspondence.parse import Mail, UnparsableMail, parse
from messaging.correspondence.reader import RawMail, Source, read_mails
from messaging.correspondence.store_mail import LeftOut
from messaging.models import Message, OriginalMail

_MAILS_AT_ONCE = 50
_BYTES_AT_ONCE = 4 * 1024 * 1024
_MOST_PEOPLE = 50
# Nothing of these can be kept: there are no bytes, or too many.
_NOT_KEPT = {Cause.TOO_LARGE, Cause.EMPTY, Cause.UNREADABLE}


class ImportResult(StrEnum):
    IMPORTED = "imported"
    ALREADY_THERE = "already_there"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


@dataclass(frozen=True)
class MailOutcome:
    """What became of one e-mail. `size` in bytes; `names` are the ids it names; `claim_id` where it is in a thread."""

    place: str
    size: int
    result: ImportResult
    cause: Cause | None = None
    claim_id: str = ""
    subject: str = ""
    names: tuple[str, ...] = ()
    files: int = 0
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class _Placed:
    """An e-mail whose claim is found and that is to be put into its thread."""

    raw: RawMail
    mail: Mail
    claim: Candidate
    ids: tuple[str, ...]


@dataclass
class Tally:
    """How many e-mails were read and what became of them: read = imported + already there + quarantined + refused."""

    results: Counter[ImportResult] = field(default_factory=Counter)
    files: int = 0
    files_left_out: int = 0

    def count(self, outcome: MailOutcome) -> None:
        self.results[outcome.result] += 1
        self.files += outcome.files
        self.files_left_out += len(outcome.left_out)

    @property
    def read(self) -> int:
        return self.results.total()


@dataclass
class Import:
    """One run over old mailboxes. `desk` are the desk's addresses; with `seller`, no other seller's thread is touched.

    A dry run reads, matches and checks the same and writes nothing.
    """

    desk: Sequence[str]
    now: datetime
    seller: Seller | None = None
    dry_run: bool = False
    _seen: set[bytes] = field(default_factory=set)
    _latest: dict[Side, dict[int, datetime | None]] = field(default_factory=lambda: {side: {} for side in Side})

    def run(self, sources: Iterable[Source]) -> Iterator[MailOutcome]:
        """Yield the outcome of every e-mail, in the order they are read."""
        for batch in _batches(raw for source in sources for raw in read_mails(source)):
            yield from self._take(batch)

    def waiting_claims(self) -> list[str]:
        """Return the claims that wait for the seller's reply though this archive has one, by claim id, after a run."""
        claim_ids = []
        keys = list(self._latest[Side.SELLER])
        for start in range(0, len(keys), 1000):
            claims = Claim.objects.filter(pk__in=keys[start : start + 1000], status=Status.AWAITING_SELLER)
            requests = InformationRequest.objects.filter(claim__in=claims, closed_at__isnull=True)
            asked = dict(requests.values_list("claim_id", "at"))
            claim_ids += [claim.claim_id for claim in claims if self._is_answered(claim.pk, asked.get(claim.pk))]
        return sorted(claim_ids)

    def _is_answered(self, claim_pk: int, asked_at: datetime | None) -> bool:
        """Whether the seller wrote after the desk asked. Where nobody asked here, the e-mails tell who wrote last."""
        if asked_at is None:
            asked = Message.objects.filter(claim=claim_pk, party=Message.Party.DESK).aggregate(at=Max("at"))["at"]
            moments = [at for at in (asked, self._latest[Side.DESK].get(claim_pk)) if at is not None]
            asked_at = max(moments, default=None)
        written_at = self._latest[Side.SELLER][claim_pk]
        return asked_at is None or written_at is None or written_at > asked_at

    def _take(self, batch: Sequence[RawMail]) -> Iterator[MailOutcome]:
        parsed = [(raw, UnparsableMail(raw.problem) if raw.problem else parse(raw.content)) for raw in batch]
        mails = [mail for _, mail in parsed if isinstance(mail, Mail)]
        context = _KnownToDatabase(mails, [raw for raw, _ in parsed], self.desk)
        outcomes: list[MailOutcome | _Placed] = []
        for raw, mail in parsed:
            outcomes.append(
                self._refuse(raw, mail.cause) if isinstance(mail, UnparsableMail) else self._place(raw, mail, context)
            )
        placed = [outcome for outcome in outcomes if isinstance(outcome, _Placed)]
        kept = iter(self._keep(placed))
        for outcome in outcomes:
            yield self._kept(outcome, next(kept)) if isinstance(outcome, _Placed) else outcome

    def _refuse(self, raw: RawMail, cause: Cause) -> MailOutcome:
        if not self.dry_run and cause not in _NOT_KEPT:
            seller_pk = self.seller.pk if self.seller else None
            store_mail.set_aside(raw, None, OriginalMail.State.REFUSED, cause, seller_pk, self.now)
        return MailOutcome(raw.place, len(raw.raw), ImportResult.REFUSED, cause)

    def _place(self, raw: RawMail, mail: Mail, context: _KnownToDatabase) -> MailOutcome | _Placed:
        names = named(mail)
        ids = names.ids if names else ()
        if there := context.imported.get(raw.digest):
            claim_pk, claim_id = there
            self._note(claim_pk, mail)
            return MailOutcome(raw.place, len(raw.raw), ImportResult.ALREADY_THERE, None, claim_id, mail.subject, ids)
        chosen = self._choose(mail, names, context)
        if isinstance(chosen, Candidate):
            return _Placed(raw, mail, chosen, ids)
        if not self.dry_run:
            seller_pk = self.seller.pk if self.seller else None
            store_mail.set_aside(raw, mail, OriginalMail.State.QUARANTINED, chosen, seller_pk, self.now)
        return MailOutcome(raw.place, len(raw.raw), ImportResult.QUARANTINED, chosen, "", mail.subject, ids)

    def _choose(self, mail: Mail, names: NamedIds | None, context: _KnownToDatabase) -> Candidate | Cause:
        chosen = choose(names, context.claims, context.orders, self.seller.pk if self.seller else None)
        if isinstance(chosen, Candidate):
            people = counterparts(mail, self.desk)[:_MOST_PEOPLE]
            if belongs_to_others(people, context.sellers_of, chosen.seller):
                return Cause.OTHER_PERSON
        return chosen

    def _keep(self, placed: Sequence[_Placed]) -> list[store_mail.ImportedMail]:
        if not self.dry_run:
            items = [
                store_mail.ForThread(item.raw, item.mail, side(item.mail, self.desk), item.claim.key) for item in placed
            ]
            return store_mail.import_mail(items, self.now) if items else []
        return [self._as_if_kept(item) for item in placed]

    def _as_if_kept(self, placed: _Placed) -> store_mail.ImportedMail:
        if (mark := bytes.fromhex(placed.raw.digest)[:16]) in self._seen:
            return store_mail.ImportedMail(new=False)
        self._seen.add(mark)
        accepted, left_out = store_mail.sort_files(placed.mail.files)
        return store_mail.ImportedMail(new=True, files=len(accepted), left_out=left_out)

    def _kept(self, placed: _Placed, kept: store_mail.ImportedMail) -> MailOutcome:
        self._note(placed.claim.key, placed.mail)
        return MailOutcome(
            placed.raw.place,
            len(placed.raw.raw),
            ImportResult.IMPORTED if kept.new else ImportResult.ALREADY_THERE,
            None,
            placed.claim.claim_id,
            placed.mail.subject,
            placed.ids,
            kept.files,
            kept.left_out,
        )

    def _note(self, claim_pk: int, mail: Mail) -> None:
        latest = self._latest[side(mail, self.desk)]
        moments = [at for at in (latest.get(claim_pk), mail.sent_at) if at is not None]
        latest[claim_pk] = max(moments, default=None)


class _KnownToDatabase:
    """What the database knows of the things a batch of e-mails names: one query each, however many e-mails."""

    def __init__(self, mails: Sequence[Mail], raws: Sequence[RawMail], desk: Sequence[str]) -> None:
        ids: dict[MailKind, set[str]] = {MailKind.CLAIM: set(), MailKind.ORDER: set()}
        people: set[str] = set()
        for mail in mails:
            if found := named(mail):
                ids[found.kind].update(found.ids)
            people.update(counterparts(mail, desk)[:_MOST_PEOPLE])
        self.claims = _claims(ids[MailKind.CLAIM])
        self.orders = _orders(ids[MailKind.ORDER])
        self.sellers_of = sellers_of(people)
        hashes = [raw.digest for raw in raws]
        rows = OriginalMail.objects.filter(sha256__in=hashes, state=OriginalMail.State.IMPORTED)
        self.imported = {
            digest: (pk, name) for digest, pk, name in rows.values_list("sha256", "claim_id", "claim__claim_id")
        }


def _claims(ids: set[str]) -> dict[str, Candidate]:
    rows = Claim.objects.filter(claim_id__in=ids).values_list("pk", "claim_id", "seller_id") if ids else []
    return {claim_id: Candidate(pk, claim_id, seller) for pk, claim_id, seller in rows}


def _orders(ids: set[str]) -> dict[str, NamedOrder]:
    if not ids:
        return {}
    claims = defaultdict(list)
    of_orders = Claim.objects.filter(order__order_id__in=ids).order_by("pk")
    for pk, claim_id, seller, order_id in of_orders.values_list("pk", "claim_id", "seller_id", "order__order_id"):
        claims[order_id].append(Candidate(pk, claim_id, seller))
    rows = Order.objects.filter(order_id__in=ids).values_list("order_id", "seller_id")
    return {order_id: NamedOrder(seller, claims[order_id]) for order_id, seller in rows}


def sellers_of(people: set[str]) -> dict[str, frozenset[int]]:
    """Return the sellers of those addresses that are members', whether or not the membership still runs."""
    sellers = defaultdict(set)
    if people:
        rows = Membership.objects.filter(Q(user__email__in=people)).values_list("user__email", "seller_id")
        for email, seller in rows:
            sellers[email].add(seller)
    return {email: frozenset(found) for email, found in sellers.items()}


def _batches(mails: Iterable[RawMail]) -> Iterator[list[RawMail]]:
    batch: list[RawMail] = []
    size = 0
    for raw in mails:
        batch.append(raw)
        size += len(raw.raw)
        if len(batch) == _MAILS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
