"""Which claim an old e-mail belongs to, and which side wrote it. Plain functions over what was looked up before.

A claim is found by what the e-mail names, never by who says he sent it. Where that leaves a choice, nobody guesses:
the e-mail goes to quarantine with the cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from accounts.values import emails, ids
from messaging.correspondence.automatic import Nature
from messaging.correspondence.causes import Cause
from messaging.correspondence.parse import Mail
from messaging.correspondence.unsent import Unsent


class MailKind(StrEnum):
    CLAIM = "claim"
    ORDER = "order"


@dataclass(frozen=True)
class NamedIds:
    """The ids an e-mail names in the first place where it names any, each once, in their order."""

    kind: MailKind
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """A claim an e-mail may belong to: its key, its claim id, its seller's key, and when it was filed."""

    key: int
    claim_id: str
    seller: int
    filed_at: datetime | None = None


@dataclass(frozen=True)
class NamedOrder:
    """A known order: its seller's key and its claims."""

    seller: int
    claims: Sequence[Candidate]


def named(mail: Mail) -> NamedIds | None:
    """Return what the e-mail names: claim ids before order ids, the subject before own words before quoted ones."""
    for kind, ids_in in ((MailKind.CLAIM, ids.claims_in), (MailKind.ORDER, ids.orders_in)):
        for place in (mail.subject, mail.text, mail.quoted):
            if named_there := ids_in(place):
                return NamedIds(kind, named_there)
    return None


def choose(
    found: NamedIds | None, claims: Mapping[str, Candidate], orders: Mapping[str, NamedOrder], seller: int | None = None
) -> Candidate | Cause:
    """Return the one claim that is named, or why there isn't one. With `seller`, claims of others are never chosen."""
    if found is None:
        return Cause.NO_ID
    if len(found.ids) > 1:
        return Cause.SEVERAL_CLAIMS if found.kind is MailKind.CLAIM else Cause.SEVERAL_ORDERS
    if found.kind is MailKind.CLAIM:
        claim = claims.get(found.ids[0])
        if claim is None:
            return Cause.UNKNOWN_CLAIM
    else:
        order = orders.get(found.ids[0])
        if order is None:
            return Cause.UNKNOWN_ORDER
        if seller is not None and order.seller != seller:
            return Cause.OTHER_SELLER
        if len(order.claims) != 1:
            return Cause.ORDER_WITH_CLAIMS if order.claims else Cause.ORDER_WITHOUT_CLAIM
        claim = order.claims[0]
    if seller is not None and claim.seller != seller:
        return Cause.OTHER_SELLER
    return claim


class Side(StrEnum):
    """Who an e-mail's words are. MACHINE: nobody's, they are an automatic reply, a delivery report, mail to a list."""

    DESK = "DESK"
    SELLER = "SELLER"
    MACHINE = "SYSTEM"


class Kind(StrEnum):
    """What an e-mail is, as it is kept with its original."""

    MAIL = "MAIL"
    AUTO_REPLY = "AUTO_REPLY"
    BOUNCE = "BOUNCE"
    LIST = "LIST"
    DRAFT = "DRAFT"


def kind(mail: Mail, desk: Sequence[str]) -> Kind:
    """Return what an e-mail is. What the desk's own programs and lists sent is mail: they speak for the desk."""
    match mail.nature:
        case Nature.BOUNCE:
            return Kind.BOUNCE
        case Nature.AUTO_REPLY:
            return Kind.AUTO_REPLY
        case Nature.GENERATED if not _all_desk(writers(mail, desk), desk):
            return Kind.AUTO_REPLY
        case Nature.LIST if not (_all_desk(writers(mail, desk), desk) or is_desks_list(mail, desk)):
            return Kind.LIST
    return Kind.DRAFT if mail.unsent is Unsent.DRAFT else Kind.MAIL


def is_desks_list(mail: Mail, desk: Sequence[str]) -> bool:
    """Whether an e-mail came through a list that is the desk's own mailbox, such as a group of its people."""
    dotted = {entry.lstrip("@").replace("@", ".") for entry in desk}
    return any(
        is_desk(one, desk) if "@" in one else any(one == entry or one.endswith("." + entry) for entry in dotted)
        for one in mail.lists
    )


def writers(mail: Mail, desk: Sequence[str]) -> tuple[str, ...]:
    """Return who wrote it: who is in its From field or, where a list has rewritten that, whom the list names.

    An answer that goes back to the desk's own list says nothing of who wrote.
    """
    if mail.rewritten and mail.original_senders:
        return mail.original_senders
    if mail.rewritten and len(mail.reply_to) == 1 and not is_desk(mail.reply_to[0], desk):
        return mail.reply_to
    return mail.senders


def side(mail: Mail, desk: Sequence[str]) -> Side:
    """Return who the e-mail says wrote it: the desk only if its one From address, and Sender if any, are the desk's.

    An address proves nothing. The archive comes from the operator, and the thread marks the message "From e-mail".
    """
    if kind(mail, desk) not in (Kind.MAIL, Kind.DRAFT):
        return Side.MACHINE
    people = writers(mail, desk)
    if not _all_desk(people, desk) or (people is mail.senders and not _none_but_desk(mail.on_behalf, desk)):
        return Side.SELLER
    return Side.DESK


def is_anybodys(mail: Mail, desk: Sequence[str]) -> bool:
    """Whether a list sent it on in the desk's name without saying who wrote it: no side can be told."""
    if not mail.rewritten or writers(mail, desk) is not mail.senders:
        return False
    return any(is_desk(address, desk) for address in mail.senders) or is_desks_list(mail, desk)


def _all_desk(people: Sequence[str], desk: Sequence[str]) -> bool:
    return len(people) == 1 and is_desk(people[0], desk)


def _none_but_desk(people: Sequence[str], desk: Sequence[str]) -> bool:
    return all(is_desk(address, desk) for address in people)


def is_desk(address: str, desk: Sequence[str]) -> bool:
    """Whether the address is the desk's. An entry that begins with "@" stands for all addresses of that domain."""
    address = emails.normal(address)
    return any(address == entry or (entry.startswith("@") and address.endswith(entry)) for entry in desk)


def counterparts(mail: Mail, desk: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses on the seller's side: who wrote to the desk, or whom the desk wrote to, or did not reach."""
    people = mail.bounced or (mail.recipients if side(mail, desk) is Side.DESK else writers(mail, desk))
    return tuple(address for address in people if not is_desk(address, desk))


def belongs_to_others(people: Sequence[str], sellers_of: Mapping[str, frozenset[int]], seller: int) -> bool:
    """Whether known members of other sellers, and none of this one, are the seller's side of an e-mail.

    A claim id with one wrong digit is another seller's claim: words of one seller must not reach another by a slip.
    """
    known = [sellers_of[person] for person in people if person in sellers_of]
    return bool(known) and not any(seller in sellers for sellers in known)
