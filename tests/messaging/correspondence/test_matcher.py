import pytest

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
    is_desk,
    named,
    side,
)
from messaging.correspondence.parse import Mail

CLAIM, OTHER_CLAIM = "10000-20000-3000000", "10000-20000-3000001"
ORDER, OTHER_ORDER = "111-0000002-0000002", "111-0000003-0000003"
DESK = ("safe-t@desk.example", "@review.example")


def said(subject: str = "", text: str = "", quoted: str = "", senders=(), on_behalf=(), recipients=()) -> Mail:
    return Mail("", None, senders, on_behalf, recipients, subject, text, quoted, ())


@pytest.mark.parametrize(
    ("mail", "found"),
    [
        (said(subject=f"Re: SAFE-T claim {CLAIM}"), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(subject=f"claim {CLAIM} for order {ORDER}"), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(subject=f"{CLAIM}", text=f"{OTHER_CLAIM}"), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(text=f"{CLAIM}", quoted=f"{OTHER_CLAIM}"), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(text="yes", quoted=f"> {CLAIM}"), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(subject=f"order {ORDER}", text=f"claim {CLAIM}"), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(subject=f"order {ORDER}", text=f"order {OTHER_ORDER}"), NamedIds(MailKind.ORDER, (ORDER,))),
        (said(text=f"{CLAIM} and {OTHER_CLAIM}, {CLAIM}"), NamedIds(MailKind.CLAIM, (CLAIM, OTHER_CLAIM))),
        (said(text=f"({CLAIM})."), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(text=CLAIM.replace("-", "\u2011")), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(text=CLAIM.replace("-", "–")), NamedIds(MailKind.CLAIM, (CLAIM,))),
        (said(text=f"1{CLAIM}"), None),
        (said(text=f"{CLAIM}1"), None),
        (said(text=f"9-{CLAIM}"), None),
        (said(text=f"{CLAIM}-9"), None),
        (said(text="٠٠٠٠٠-٠٠٠٠٠-٠٠٠٠٠٠٠"), None),
        (said(subject="Invoice address", text="It has changed."), None),
    ],
)
def test_named(mail, found):
    assert named(mail) == found


MINE = Candidate(1, CLAIM, seller=7)
RIVALS = Candidate(2, OTHER_CLAIM, seller=8)


@pytest.mark.parametrize(
    ("found", "seller", "chosen"),
    [
        (None, None, Cause.NO_ID),
        (NamedIds(MailKind.CLAIM, (CLAIM,)), None, MINE),
        (NamedIds(MailKind.CLAIM, (CLAIM,)), 7, MINE),
        (NamedIds(MailKind.CLAIM, (OTHER_CLAIM,)), 7, Cause.OTHER_SELLER),
        (NamedIds(MailKind.CLAIM, ("99999-99999-9999999",)), None, Cause.UNKNOWN_CLAIM),
        (NamedIds(MailKind.CLAIM, (CLAIM, OTHER_CLAIM)), None, Cause.SEVERAL_CLAIMS),
        (NamedIds(MailKind.CLAIM, (CLAIM, "99999-99999-9999999")), None, Cause.SEVERAL_CLAIMS),
        (NamedIds(MailKind.ORDER, ("one",)), None, MINE),
        (NamedIds(MailKind.ORDER, ("two",)), None, Cause.ORDER_WITH_CLAIMS),
        (NamedIds(MailKind.ORDER, ("none",)), None, Cause.ORDER_WITHOUT_CLAIM),
        (NamedIds(MailKind.ORDER, ("rival",)), 7, Cause.OTHER_SELLER),
        (NamedIds(MailKind.ORDER, ("rival",)), None, RIVALS),
        (NamedIds(MailKind.ORDER, ("unknown",)), None, Cause.UNKNOWN_ORDER),
        (NamedIds(MailKind.ORDER, ("one", "rival")), None, Cause.SEVERAL_ORDERS),
    ],
)
def test_choose(found, seller, chosen):
    claims = {CLAIM: MINE, OTHER_CLAIM: RIVALS}
    orders = {
        "one": NamedOrder(7, [MINE]),
        "two": NamedOrder(7, [MINE, MINE]),
        "none": NamedOrder(7, []),
        "rival": NamedOrder(8, [RIVALS]),
    }

    assert choose(found, claims, orders, seller) == chosen


@pytest.mark.parametrize(
    ("senders", "on_behalf", "expected"),
    [
        (("safe-t@desk.example",), (), Side.DESK),
        (("anyone@review.example",), (), Side.DESK),
        (("safe-t@desk.example",), ("robot@review.example",), Side.DESK),
        (("safe-t@desk.example",), ("thief@x.example",), Side.SELLER),
        (("safe-t@desk.example", "thief@x.example"), (), Side.SELLER),
        (("a@seller.example",), (), Side.SELLER),
        (("safe-t@desk.example.evil.example",), (), Side.SELLER),
        (("x@notreview.example",), (), Side.SELLER),
        ((), (), Side.SELLER),
    ],
)
def test_side(senders, on_behalf, expected):
    assert side(said(senders=senders, on_behalf=on_behalf), DESK) == expected


def test_is_desk_in_any_case():
    assert is_desk("Safe-T@Desk.example", DESK)


def test_counterparts_are_the_people_on_the_sellers_side():
    to_desk = said(senders=("a@x.example",), recipients=("safe-t@desk.example", "b@x.example"))
    from_desk = said(senders=("safe-t@desk.example",), recipients=("a@x.example", "z@review.example"))

    assert counterparts(to_desk, DESK) == ("a@x.example",)
    assert counterparts(from_desk, DESK) == ("a@x.example",)


def test_belongs_to_others():
    sellers_of = {"alice": frozenset({7}), "mallory": frozenset({8}), "gus": frozenset({7, 8})}

    assert not belongs_to_others(["nobody"], sellers_of, 7)
    assert not belongs_to_others(["alice"], sellers_of, 7)
    assert not belongs_to_others(["gus"], sellers_of, 7)
    assert not belongs_to_others(["alice", "mallory"], sellers_of, 7)
    assert belongs_to_others(["mallory"], sellers_of, 7)
    assert belongs_to_others(["mallory", "nobody"], sellers_of, 7)
