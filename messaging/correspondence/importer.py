"""Old mailboxes into the threads of known claims: in small batches and constant memory, each e-mail accounted for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from accounts.models import Membership, Seller
from claims.models import Claim, Order
from claims.rules.lifecycle import Status
from claims.workflow.reply_by_email import NewestMail, may_be_answered
from messaging.correspondence import store_mail
from messaging.correspondence.causes import Cause
from messaging.correspondence.matcher import (
    Candidate,
    Kind,
    MailKind,
    NamedIds,
    NamedOrder,
    Side,
    belongs_to_others,
    choose,
    counterparts,
    is_anybodys,
    kind,
    named,
    side,
)
from messaging.correspondence.parse import Mail, UnparsableMail, parse
from messaging.correspondence.reader import RawMail, Source, Unread, read_mails
from messaging.correspondence.store_mail import LeftOut
from messaging.correspondence.when import Written, written
from messaging.models import OriginalMail

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
    NOT_SENT = "not_sent"
    NOT_READ = "not_read"


@dataclass(frozen=True)
class MailOutcome:
    """What became of one e-mail. `size` in bytes; `names` are the ids it names; `claim_id` where it is in a thread.

    `kind` is given where it is no ordinary e-mail; `cut_off` where its end is missing. A file that holds no e-mail is
    NOT_READ, with the sentence why.
    """

    place: str
    size: int
    result: ImportResult
    cause: Cause | None = None
    claim_id: str = ""
    subject: str = ""
    names: tuple[str, ...] = ()
    files: int = 0
    left_out: tuple[LeftOut, ...] = ()
    kind: str = ""
    cut_off: bool = False
    sentence: str = ""


@dataclass(frozen=True)
class _Placed:
    """An e-mail whose claim is found and that is to be put into its thread."""

    raw: RawMail
    mail: Mail
    claim: Candidate
    ids: tuple[str, ...]
    names_claim: bool


@dataclass
class Tally:
    """How many e-mails were read and what became of them.

    read = imported + already there + quarantined + refused + not sent; files that hold no e-mail are counted apart.
    """

    results: Counter[ImportResult] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    files: int = 0
    files_left_out: int = 0
    files_not_read: int = 0

    def count(self, outcome: MailOutcome) -> None:
        if outcome.result is ImportResult.NOT_READ:
            self.files_not_read += 1
            return
        self.results[outcome.result] += 1
        if outcome.kind:
            self.kinds[outcome.kind] += 1
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
    with_drafts: bool = False
    _seen: set[bytes] = field(default_factory=set)
    _newest: dict[int, NewestMail] = field(default_factory=dict)
    _desk_at: dict[int, datetime] = field(default_factory=dict)
    _automatic: set[int] = field(default_factory=set)

    def run(self, sources: Iterable[Source]) -> Iterator[MailOutcome]:
        """Yield the outcome of every e-mail and of every file that holds none, in the order they are read."""
        for batch in _batches(raw for source in sources for raw in read_mails(source)):
            yield from self._take(batch)
            batch.clear()  # a large one is not to be kept while the next is read

    def waiting_claims(self) -> list[str]:
        """Return the claims that wait for the seller's reply though this archive may have it, by claim id, after a run.

        They are the very ones that are held: each that wasn't yet, because its e-mails came before its question, is.
        """
        found: list[str] = []
        keys = list(self._newest)
        for start in range(0, len(keys), 1000):
            part = keys[start : start + 1000]
            if self.dry_run:
                held = may_be_answered(self._with_known(part))
                claims = Claim.objects.filter(pk__in=part, status=Status.AWAITING_SELLER)
                claims = claims.filter(Q(pk__in=held) | Q(mail_reply_at__isnull=False))
            else:
                store_mail.hold(part)
                claims = Claim.objects.filter(pk__in=part, status=Status.AWAITING_SELLER, mail_reply_at__isnull=False)
            found += claims.values_list("claim_id", flat=True)
        return sorted(found)

    def claims_with_automatic_mail(self) -> list[str]:
        """Return the claims that wait for the seller's reply and of which this archive has automatic e-mails."""
        waiting = Claim.objects.filter(pk__in=self._automatic, status=Status.AWAITING_SELLER)
        return sorted(waiting.values_list("claim_id", flat=True))

    def _with_known(self, claim_pks: Sequence[int]) -> dict[int, NewestMail]:
        """Return the newest e-mails of this archive together with those that are in the threads already."""
        known = store_mail.newest_of(claim_pks)
        found = {}
        for pk in claim_pks:
            ours, theirs = self._newest[pk], known.get(pk)
            desk = [at for at in (self._desk_at.get(pk), theirs.desk_at if theirs else None) if at]
            found[pk] = NewestMail(
                max(ours.seller_at, theirs.seller_at) if theirs else ours.seller_at,
                max(ours.seller_latest, theirs.seller_latest) if theirs else ours.seller_latest,
                max(desk, default=None),
            )
        return found

    def _take(self, batch: Sequence[RawMail | Unread]) -> Iterator[MailOutcome]:
        read = [(raw, self._parse(raw)) for raw in batch if isinstance(raw, RawMail)]
        mails = [mail for _, mail in read if isinstance(mail, Mail)]
        context = _KnownToDatabase(mails, [raw for raw, _ in read], self.desk)
        parsed = iter(read)
        outcomes: list[MailOutcome | _Placed] = []
        for one in batch:
            if isinstance(one, Unread):
                outcomes.append(MailOutcome(one.place, 0, ImportResult.NOT_READ, sentence=one.words))
                continue
            raw, mail = next(parsed)
            outcomes.append(
                self._refuse(raw, mail.cause) if isinstance(mail, UnparsableMail) else self._place(raw, mail, context)
            )
        placed = [outcome for outcome in outcomes if isinstance(outcome, _Placed)]
        kept = iter(self._keep(placed))
        for outcome in outcomes:
            yield self._kept(outcome, next(kept)) if isinstance(outcome, _Placed) else outcome

    @staticmethod
    def _parse(raw: RawMail) -> Mail | UnparsableMail:
        return UnparsableMail(raw.problem) if raw.problem else parse(raw.raw)

    def _refuse(self, raw: RawMail, cause: Cause) -> MailOutcome:
        if not self.dry_run and cause not in _NOT_KEPT:
            seller_pk = self.seller.pk if self.seller else None
            store_mail.set_aside(raw, None, OriginalMail.State.REFUSED, cause, seller_pk, self.now)
        return MailOutcome(raw.place, len(raw.raw), ImportResult.REFUSED, cause)

    def _place(self, raw: RawMail, mail: Mail, context: _KnownToDatabase) -> MailOutcome | _Placed:
        unsent = mail.unsent or raw.unsent
        if unsent and mail.unsent is None:
            mail = replace(mail, unsent=unsent)
        if unsent and not self.with_drafts:
            return MailOutcome(raw.place, len(raw.raw), ImportResult.NOT_SENT, subject=mail.subject, kind=unsent.value)
        names = named(mail)
        ids = names.ids if names else ()
        if there := context.imported.get(raw.digest):
            claim_pk, claim_id = there
            self._note(claim_pk, mail, written(mail, self.now))
            return MailOutcome(raw.place, len(raw.raw), ImportResult.ALREADY_THERE, None, claim_id, mail.subject, ids)
        chosen = self._choose(mail, names, context)
        if isinstance(chosen, Candidate):
            return _Placed(raw, mail, chosen, ids, names is not None and names.kind is MailKind.CLAIM)
        if not self.dry_run:
            seller_pk = self.seller.pk if self.seller else None
            store_mail.set_aside(raw, mail, OriginalMail.State.QUARANTINED, chosen, seller_pk, self.now)
        return MailOutcome(raw.place, len(raw.raw), ImportResult.QUARANTINED, chosen, "", mail.subject, ids)

    def _choose(self, mail: Mail, names: NamedIds | None, context: _KnownToDatabase) -> Candidate | Cause:
        if mail.several:
            return Cause.SEVERAL_MAILS
        if mail.nameless:
            return Cause.SENDER_UNKNOWN
        if is_anybodys(mail, self.desk):
            return Cause.SENDER_REWRITTEN
        chosen = choose(names, context.claims, context.orders, self.seller.pk if self.seller else None)
        if isinstance(chosen, Candidate):
            people = counterparts(mail, self.desk)[:_MOST_PEOPLE]
            if belongs_to_others(people, context.sellers_of, chosen.seller):
                return Cause.OTHER_PERSON
        return chosen

    def _keep(self, placed: Sequence[_Placed]) -> list[store_mail.ImportedMail]:
        if not self.dry_run:
            items = [
                store_mail.ForThread(
                    one.raw,
                    one.mail,
                    side(one.mail, self.desk),
                    one.claim.key,
                    kind(one.mail, self.desk),
                    one.names_claim,
                )
                for one in placed
            ]
            return store_mail.import_mail(items, self.now) if items else []
        return [self._as_if_kept(one) for one in placed]

    def _as_if_kept(self, placed: _Placed) -> store_mail.ImportedMail:
        if (mark := bytes.fromhex(placed.raw.digest)[:16]) in self._seen:
            return store_mail.ImportedMail(new=False)
        self._seen.add(mark)
        accepted, left_out = store_mail.sort_files(placed.mail.files)
        return store_mail.ImportedMail(new=True, files=len(accepted), left_out=left_out)

    def _kept(self, placed: _Placed, kept: store_mail.ImportedMail) -> MailOutcome:
        not_before = placed.claim.filed_at if placed.names_claim else None
        self._note(placed.claim.key, placed.mail, written(placed.mail, self.now, not_before))
        what = kind(placed.mail, self.desk)
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
            "" if what is Kind.MAIL else what.value,
            placed.mail.cut_off or placed.raw.cut_off,
        )

    def _note(self, claim_pk: int, mail: Mail, found: Written) -> None:
        """Keep in mind what may be a reply, and what the desk wrote, for what is said at the end."""
        what, who = kind(mail, self.desk), side(mail, self.desk)
        if what not in (Kind.MAIL, Kind.DRAFT):
            self._automatic.add(claim_pk)
        elif what is Kind.MAIL and who is Side.SELLER:
            at = found.at or self.now
            latest = self.now if found.unsure else at
            before = self._newest.get(claim_pk)
            self._newest[claim_pk] = NewestMail(
                max(at, before.seller_at) if before else at, max(latest, before.seller_latest) if before else latest
            )
        elif who is Side.DESK and found.at and not found.unsure:
            self._desk_at[claim_pk] = max(found.at, self._desk_at.get(claim_pk, found.at))


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
    rows = Claim.objects.filter(claim_id__in=ids).values_list("pk", "claim_id", "seller_id", "filed_at") if ids else []
    return {claim_id: Candidate(pk, claim_id, seller, filed_at) for pk, claim_id, seller, filed_at in rows}


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


def _batches(mails: Iterable[RawMail | Unread]) -> Iterator[list[RawMail | Unread]]:
    batch: list[RawMail | Unread] = []
    size = 0
    for raw in mails:
        batch.append(raw)
        size += len(raw.raw) if isinstance(raw, RawMail) else 0
        del raw  # else the last one of a batch is kept while the first of the next is read
        if len(batch) == _MAILS_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
