"""Which claim an old e-mail belongs to, and which side wrote it. Plain functions over what was looked up before.

A claim is found by what the e-mail names, never by who says he sent it. Where that leaves a choice, nobody guesses:
the e-mail goes to quarantine with the cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounts.values import emails, ids
from messaging.correspondence.causes import Cause
from messaging.correspondence.parse import Mail


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
    """A claim an e-mail may belong to: its key, its claim id, its seller's key."""

    key: int
    claim_id: str
    seller: int


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
    names: NamedIds | None, claims: Mapping[str, Candidate], orders: Mapping[str, NamedOrder], seller: int | None = None
) -> Candidate | Cause:
    """Return the one claim that is named, or why there isn't one. With `seller`, claims of others are never chosen."""
    if names is None:
        return Cause.NO_ID
    if len(names.ids) > 1:
        return Cause.SEVERAL_CLAIMS if names.kind is MailKind.CLAIM else Cause.SEVERAL_ORDERS
    if names.kind is MailKind.CLAIM:
        claim = claims.get(names.ids[0])
        if claim is None:
            return Cause.UNKNOWN_CLAIM
    else:
        order = orders.get(names.ids[0])
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
    DESK = "DESK"
    SELLER = "SELLER"


def side(mail: Mail, desk: Sequence[str]) -> Side:
    """Return who the e-mail says wrote it: the desk only if its one From address, and Sender if any, are the desk's.

    An address proves nothing. The archive comes from the operator, and the thread marks the message "From e-mail".
    """
    from_desk = len(mail.senders) == 1 and is_desk(mail.senders[0], desk)
    return Side.DESK if from_desk and all(is_desk(address, desk) for address in mail.on_behalf) else Side.SELLER


def is_desk(address: str, desk: Sequence[str]) -> bool:
    """Whether the address is the desk's. An entry that begins with "@" stands for all addresses of that domain."""
    address = emails.normal(address)
    return any(address == entry or (entry.startswith("@") and address.endswith(entry)) for entry in desk)


def counterparts(mail: Mail, desk: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses on the seller's side: who wrote to the desk, or whom the desk wrote to."""
    people = mail.recipients if side(mail, desk) is Side.DESK else mail.senders
    return tuple(address for address in people if not is_desk(address, desk))


def belongs_to_others(people: Sequence[str], sellers_of: Mapping[str, frozenset[int]], seller: int) -> bool:
    """Whether known members of other sellers, and none of this one, are the seller's side of an e-mail.

    A claim id with one wrong digit is another seller's claim: words of one seller must not reach another by a slip.
    """
    known = [sellers_of[person] for person in people if person in sellers_of]
    return bool(known) and not any(seller in sellers for sellers in known)
