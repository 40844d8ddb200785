"""Each reason why something may not be done: when it is given, to whom, and to the microsecond when a date ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from claims.rules.lifecycle import SYSTEM, Actor, ClaimFacts, Party, Refusal, Stage, Status, Verb, refusals

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
OWNER, VIEWER = Actor(Party.SELLER, 1), Actor(Party.SELLER, 2, may_act=False)
HANA, SAM = Actor(Party.DESK, 11), Actor(Party.DESK, 12, is_senior=True)
READER = Actor(Party.DESK, 13, may_act=False)
ADA = Actor(Party.DESK, 14, may_act=False, is_superuser=True)
STRAY = Actor(Party.OUTSIDE, 21)

OPEN = ClaimFacts(Status.UNDER_INVESTIGATION, Stage.FIRST)
AWAITED = ClaimFacts(Status.AWAITING_SELLER, Stage.FIRST, reply_by=NOW)
DENIED = ClaimFacts(Status.DENIED, Stage.FIRST, appeal_by=NOW, decided_by=frozenset({11}))
GRANTED = replace(DENIED, status=Status.GRANTED)
IN_FULL = replace(GRANTED, granted_in_full=True)
WITHDRAWN = ClaimFacts(Status.WITHDRAWN, Stage.FIRST)
APPEALED = ClaimFacts(Status.UNDER_INVESTIGATION, Stage.APPEAL, decided_by=frozenset({11}))
APPEAL_AWAITED = replace(APPEALED, status=Status.AWAITING_SELLER, reply_by=NOW)
FINAL = ClaimFacts(Status.DENIED, Stage.APPEAL, decided_by=frozenset({11, 12}))
FINAL_GRANT = replace(FINAL, status=Status.GRANTED)
R = Refusal

Row = tuple[Verb, ClaimFacts, Actor, tuple[Refusal, ...]]

SELLERS: list[Row] = [
    (Verb.REPLY, AWAITED, OWNER, ()),
    (Verb.REPLY, replace(AWAITED, reply_by=None), OWNER, ()),
    (Verb.REPLY, APPEAL_AWAITED, OWNER, ()),
    (Verb.REPLY, replace(AWAITED, reply_by=NOW - TICK), OWNER, (R.REPLY_BY_PASSED,)),
    (Verb.REPLY, AWAITED, VIEWER, (R.ROLE_VIEWER,)),
    (Verb.REPLY, replace(AWAITED, reply_by=NOW - TICK), VIEWER, (R.ROLE_VIEWER, R.REPLY_BY_PASSED)),
    (Verb.REPLY, AWAITED, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.REPLY, OPEN, OWNER, (R.NOT_ASKED,)),
    (Verb.REPLY, DENIED, OWNER, (R.RESOLVED,)),
    (Verb.REPLY, WITHDRAWN, OWNER, (R.WITHDRAWN,)),
    (Verb.APPEAL, DENIED, OWNER, ()),
    (Verb.APPEAL, GRANTED, OWNER, ()),
    (Verb.APPEAL, replace(DENIED, appeal_by=NOW - TICK), OWNER, (R.APPEAL_BY_PASSED,)),
    (Verb.APPEAL, replace(DENIED, appeal_by=None), OWNER, (R.NO_APPEAL_DATE,)),
    (Verb.APPEAL, IN_FULL, OWNER, (R.GRANTED_IN_FULL,)),
    (Verb.APPEAL, DENIED, VIEWER, (R.ROLE_VIEWER,)),
    (Verb.APPEAL, DENIED, SAM, (R.NOT_ALLOWED_NOW,)),
    (Verb.APPEAL, FINAL, OWNER, (R.ALREADY_APPEALED,)),
    (Verb.APPEAL, APPEALED, OWNER, (R.ALREADY_APPEALED,)),
    (Verb.APPEAL, OPEN, OWNER, (R.NOT_ALLOWED_NOW,)),
    (Verb.APPEAL, WITHDRAWN, OWNER, (R.WITHDRAWN,)),
    (Verb.WITHDRAW, OPEN, OWNER, ()),
    (Verb.WITHDRAW, replace(AWAITED, reply_by=NOW - TICK), OWNER, ()),
    (Verb.WITHDRAW, OPEN, VIEWER, (R.ROLE_VIEWER,)),
    (Verb.WITHDRAW, OPEN, SYSTEM, (R.NOT_ALLOWED_NOW,)),
    (Verb.WITHDRAW, DENIED, OWNER, (R.RESOLVED,)),
    (Verb.WITHDRAW, APPEALED, OWNER, (R.APPEAL_STAGE,)),
    (Verb.WITHDRAW, WITHDRAWN, OWNER, (R.WITHDRAWN,)),
    (Verb.SEND_MESSAGE, OPEN, OWNER, ()),
    (Verb.SEND_MESSAGE, DENIED, OWNER, ()),
    (Verb.SEND_MESSAGE, OPEN, VIEWER, (R.ROLE_VIEWER,)),
    (Verb.SEND_MESSAGE, AWAITED, OWNER, (R.NOT_ALLOWED_NOW,)),
    (Verb.SEND_MESSAGE, AWAITED, HANA, ()),
    (Verb.SEND_MESSAGE, OPEN, READER, (R.NOT_A_HANDLER,)),
    (Verb.SEND_MESSAGE, WITHDRAWN, OWNER, (R.WITHDRAWN,)),
    (Verb.SEND_MESSAGE, WITHDRAWN, HANA, (R.WITHDRAWN,)),
]
PORTALS: list[Row] = [
    (Verb.LAPSE, replace(AWAITED, reply_by=NOW - TICK), SYSTEM, ()),
    (Verb.LAPSE, replace(APPEAL_AWAITED, reply_by=NOW - TICK), SYSTEM, ()),
    (Verb.LAPSE, AWAITED, SYSTEM, (R.NOT_ALLOWED_NOW,)),
    (Verb.LAPSE, replace(AWAITED, reply_by=None), SYSTEM, (R.NOT_ALLOWED_NOW,)),
    (Verb.LAPSE, replace(AWAITED, reply_by=NOW - TICK), SAM, (R.NOT_ALLOWED_NOW,)),
    (Verb.LAPSE, replace(OPEN, reply_by=NOW - TICK), SYSTEM, (R.NOT_ALLOWED_NOW,)),
    (Verb.EXTEND, AWAITED, SYSTEM, ()),
    (Verb.EXTEND, replace(AWAITED, reply_by=NOW - TICK), HANA, ()),
    (Verb.EXTEND, DENIED, HANA, ()),
    (Verb.EXTEND, IN_FULL, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.EXTEND, replace(DENIED, appeal_by=None), HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.EXTEND, OPEN, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.EXTEND, AWAITED, READER, (R.NOT_A_HANDLER,)),
    (Verb.EXTEND, AWAITED, OWNER, (R.NOT_ALLOWED_NOW,)),
    (Verb.EXTEND, AWAITED, VIEWER, (R.NOT_ALLOWED_NOW,)),
    (Verb.EXTEND, AWAITED, STRAY, (R.NOT_ALLOWED_NOW,)),
    (Verb.EXTEND, replace(WITHDRAWN, reply_by=NOW), HANA, (R.WITHDRAWN,)),
]
DESKS: list[Row] = [
    *[(verb, OPEN, HANA, ()) for verb in (Verb.GRANT, Verb.DENY, Verb.REQUEST_INFORMATION, Verb.TAKE, Verb.ADD_NOTE)],
    *[(verb, OPEN, READER, (R.NOT_A_HANDLER,)) for verb in (Verb.GRANT, Verb.DENY, Verb.TAKE, Verb.ADD_NOTE)],
    *[(verb, OPEN, OWNER, (R.NOT_ALLOWED_NOW,)) for verb in (Verb.GRANT, Verb.DENY, Verb.TAKE, Verb.ADD_NOTE)],
    (Verb.REQUEST_INFORMATION, AWAITED, HANA, ()),
    (Verb.GRANT, AWAITED, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.GRANT, DENIED, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.DENY, WITHDRAWN, HANA, (R.WITHDRAWN,)),
    (Verb.GRANT, replace(OPEN, assigned_to=11), HANA, ()),
    (Verb.GRANT, replace(OPEN, assigned_to=12), HANA, (R.ASSIGNED_TO_OTHER,)),
    (Verb.TAKE, replace(OPEN, assigned_to=12), HANA, ()),
    (Verb.TAKE, DENIED, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.TAKE, WITHDRAWN, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.ASSIGN, DENIED, SAM, (R.NOT_ALLOWED_NOW,)),
    (Verb.ASSIGN, WITHDRAWN, SAM, (R.NOT_ALLOWED_NOW,)),
    (Verb.RELEASE, replace(DENIED, assigned_to=11), HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.RELEASE, replace(OPEN, assigned_to=11), HANA, ()),
    (Verb.RELEASE, replace(OPEN, assigned_to=12), HANA, (R.ASSIGNED_TO_OTHER,)),
    (Verb.ASSIGN, OPEN, SAM, ()),
    (Verb.ASSIGN, OPEN, HANA, (R.SENIOR_ASSIGNS,)),
    (Verb.ADD_NOTE, WITHDRAWN, HANA, ()),
    (Verb.ACCEPT_MAIL, replace(AWAITED, mail_reply_at=NOW), HANA, ()),
    (Verb.ACCEPT_MAIL, AWAITED, HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.ACCEPT_MAIL, replace(OPEN, mail_reply_at=NOW), HANA, (R.NOT_ALLOWED_NOW,)),
    (Verb.ACCEPT_MAIL, replace(AWAITED, mail_reply_at=NOW), READER, (R.NOT_A_HANDLER,)),
    (Verb.ACCEPT_MAIL, replace(AWAITED, mail_reply_at=NOW), OWNER, (R.NOT_ALLOWED_NOW,)),
    (Verb.ACCEPT_MAIL, replace(AWAITED, mail_reply_at=NOW), VIEWER, (R.NOT_ALLOWED_NOW,)),
]
APPEALS: list[Row] = [
    (Verb.GRANT, APPEALED, SAM, ()),
    (Verb.TAKE, APPEALED, SAM, ()),
    (Verb.ADD_NOTE, APPEALED, HANA, ()),
    (Verb.GRANT, APPEALED, HANA, (R.OWN_DECISION, R.NEEDS_SENIOR)),
    (Verb.TAKE, APPEALED, HANA, (R.OWN_DECISION, R.NEEDS_SENIOR)),
    (Verb.GRANT, replace(APPEALED, decided_by=frozenset({12})), SAM, (R.OWN_DECISION,)),
    (Verb.GRANT, replace(APPEALED, decided_by=frozenset({12})), HANA, (R.NEEDS_SENIOR,)),
    (Verb.GRANT, replace(APPEALED, decided_by=frozenset({12}), appeal_needs_senior=False), HANA, ()),
    (Verb.GRANT, replace(APPEALED, released_to=frozenset({11})), HANA, ()),
    (Verb.GRANT, replace(APPEALED, released_to=frozenset({99})), HANA, (R.OWN_DECISION, R.NEEDS_SENIOR)),
    (Verb.GRANT, replace(APPEALED, others_can_decide=False), HANA, (R.NO_SECOND_HANDLER,)),
    (Verb.GRANT, replace(APPEALED, others_can_decide=False), SAM, ()),
    (Verb.GRANT, replace(OPEN, decided_by=frozenset({11})), HANA, ()),
    (Verb.RELEASE_APPEAL, replace(APPEALED, others_can_decide=False), ADA, ()),
    (Verb.RELEASE_APPEAL, APPEALED, ADA, (R.OTHERS_CAN_DECIDE,)),
    (Verb.RELEASE_APPEAL, replace(APPEALED, others_can_decide=False), SAM, (R.SUPERUSER_RELEASES,)),
    (Verb.RELEASE_APPEAL, replace(OPEN, others_can_decide=False), ADA, (R.NOT_ALLOWED_NOW,)),
    (Verb.RELEASE_APPEAL, replace(FINAL, others_can_decide=False), ADA, (R.NOT_ALLOWED_NOW,)),
    (Verb.RELEASE_APPEAL, replace(APPEALED, others_can_decide=False), OWNER, (R.NOT_ALLOWED_NOW,)),
]
SECONDS: list[Row] = [
    *[(verb, replace(OPEN, proposed_by=12), HANA, ()) for verb in (Verb.CONFIRM, Verb.SEND_BACK)],
    *[(verb, OPEN, HANA, (R.NOT_ALLOWED_NOW,)) for verb in (Verb.CONFIRM, Verb.SEND_BACK)],
    *[(verb, replace(OPEN, proposed_by=11), HANA, (R.NEEDS_SECOND,)) for verb in (Verb.CONFIRM, Verb.SEND_BACK)],
    (Verb.CONFIRM, replace(OPEN, proposed_by=12), READER, (R.NOT_A_HANDLER,)),
    (Verb.CONFIRM, replace(OPEN, proposed_by=12, decided_by=frozenset({11})), HANA, ()),
    (Verb.CONFIRM, replace(APPEALED, proposed_by=12), HANA, (R.OWN_DECISION,)),
    (Verb.CONFIRM, replace(APPEALED, proposed_by=11), HANA, (R.NEEDS_SECOND, R.OWN_DECISION)),
    (Verb.CONFIRM, replace(APPEALED, proposed_by=12, decided_by=frozenset({99})), HANA, ()),
    (Verb.CONFIRM, replace(APPEALED, proposed_by=12, released_to=frozenset({11})), HANA, ()),
]
REPAIRS: list[Row] = [
    (Verb.CORRECT, DENIED, SAM, ()),
    (Verb.CORRECT, GRANTED, SAM, ()),
    (Verb.CORRECT, DENIED, HANA, (R.SENIOR_CORRECTS,)),
    (Verb.CORRECT, IN_FULL, SAM, (R.NOTHING_TO_RAISE,)),
    (Verb.CORRECT, IN_FULL, HANA, (R.NOTHING_TO_RAISE, R.SENIOR_CORRECTS)),
    (Verb.CORRECT, FINAL, SAM, (R.APPEALED,)),
    (Verb.CORRECT, FINAL_GRANT, SAM, (R.APPEALED,)),
    (Verb.CORRECT, APPEALED, SAM, (R.NOT_ALLOWED_NOW,)),
    (Verb.CORRECT, OPEN, SAM, (R.NOT_ALLOWED_NOW,)),
    (Verb.CORRECT, WITHDRAWN, SAM, (R.WITHDRAWN,)),
    (Verb.CORRECT, DENIED, replace(SAM, may_act=False), (R.NOT_A_HANDLER,)),
    (Verb.CORRECT, DENIED, OWNER, (R.NOT_ALLOWED_NOW,)),
    (Verb.REDACT, OPEN, SAM, ()),
    (Verb.REDACT, WITHDRAWN, ADA, ()),
    (Verb.REDACT, OPEN, HANA, (R.SENIOR_REDACTS,)),
    (Verb.REDACT, OPEN, replace(SAM, may_act=False), (R.SENIOR_REDACTS,)),
    (Verb.REDACT, OPEN, OWNER, (R.NOT_ALLOWED_NOW,)),
]


@pytest.mark.parametrize(("verb", "claim", "actor", "why"), [*SELLERS, *PORTALS, *DESKS, *APPEALS, *SECONDS, *REPAIRS])
def test_every_reason_why_not_is_given_and_no_other(
    verb: Verb, claim: ClaimFacts, actor: Actor, why: tuple[Refusal, ...]
) -> None:
    assert refusals(verb, claim, actor, NOW) == why
