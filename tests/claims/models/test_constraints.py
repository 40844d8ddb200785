"""What the database refuses, whoever writes: raw SQL against a claim that the verbs walked through all it can have."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Membership, User
from claims.decisions.checks import Contradiction, NotDecided
from claims.imports import import_claims
from claims.models import Claim
from claims.records import read_marks, redact
from claims.refunds import limits
from claims.rules.lifecycle import Position, Stage, Status
from messaging.compose import verbs
from tests.cast import World

pytestmark = pytest.mark.django_db

APPEND_ONLY = [
    ("claims_statuschange", "at = now()"),
    ("claims_decision", "granted_minor = 1"),
    ("claims_decisionline", "amount_minor = 1"),
    ("claims_decisionlinereason", "code = 'DUPLICATE'"),
    ("claims_appeal", "at = now()"),
    ("claims_appealground", "code = 'POLICY'"),
    ("claims_ledgerentry", "amount_minor = 1"),
    ("claims_redaction", "why = 'Another one.'"),
    ("claims_appealrelease", "why = 'Another one.'"),
    ("claims_visit", "day = '2020-01-01'"),
    ("claims_policyrule", "closes_after = 365"),
    ("claims_clockrule", "reply_days = 1"),
    ("messaging_message", "text = 'something else'"),
    ("messaging_internalnote", "text = 'something else'"),
]
SAME_SELLER = [
    "claims_claimline",
    "claims_statuschange",
    "claims_decision",
    "claims_appeal",
    "claims_informationrequest",
    "claims_ledgerentry",
    "claims_redaction",
    "claims_appealrelease",
    "claims_visit",
    "messaging_message",
    "messaging_internalnote",
]


def run(sql: str, *params: int) -> int:
    """Run it in a savepoint with all constraints at once; return how many rows it touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, params)
        return cursor.rowcount


def refused(sql: str, *params: int) -> str:
    with pytest.raises(DatabaseError) as error:
        run(sql, *params)
    return str(error.value)


@pytest.fixture
def history(world: World) -> Claim:
    """A claim with a row in every table that is kept for good."""
    claim = world.claim()
    verbs.add_note(claim_pk=claim.pk, user=world.hana, text="Seen the photos.", now=world.at(-5))
    world.ask(claim)
    world.reply(claim)
    world.decide(claim, 3000, words="In part.")
    world.appeal(claim)
    redact.redact_statement(claim.pk, by=world.sam, why="A buyer's name.", now=world.at(-1))
    User.objects.filter(pk=world.sam.pk).update(is_active=False)
    redact.release_appeal(claim.pk, by=world.ada, to=world.hana, why="Sam is away.", now=world.at(-1))
    read_marks.open_claim(claim, world.alice.pk)
    claim.refresh_from_db()
    return claim


@pytest.mark.parametrize(("table", "change"), APPEND_ONLY)
def test_history_is_append_only(history: Claim, table: str, change: str) -> None:
    assert refused(f"UPDATE {table} SET {change}").startswith("pgtrigger: Cannot update ")
    deleting = refused(f"DELETE FROM {table}").splitlines()[0]
    assert deleting.removeprefix("pgtrigger: Cannot ").removeprefix("update or ") == f"delete rows from {table} table"


@pytest.mark.parametrize(
    ("table", "erase"),
    [
        ("messaging_message", "text = '', quoted = '', erased_at = now()"),
        ("claims_decision", "words = '', erased_at = now()"),
    ],
)
def test_words_may_be_erased_once(history: Claim, table: str, erase: str) -> None:
    one = f"UPDATE {table} SET {erase} WHERE id = (SELECT min(id) FROM {table})"
    assert "Cannot update" in refused(one.replace("now()", "NULL"))
    assert "Cannot update" in refused(one.replace("erased_at", "seller_id = seller_id + 1, erased_at"))
    assert run(one) == 1
    assert "Cannot update" in refused(one)


@pytest.mark.parametrize("table", SAME_SELLER)
def test_child_of_another_seller_is_refused(world: World, history: Claim, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND table_name = %s AND column_name NOT IN ('id', 'seller_id')",
            [table],
        )
        columns = cursor.fetchone()[0]
    # A copy of a row that is there, but for its seller and what is unique in it.
    other = {'"position"': '"position" + 1000', "to_id": "by_id", "number": "number + 100", "draft_uuid": "NULL"}
    other["day"] = "day + 1"
    if table in ("claims_claimline", "claims_ledgerentry"):
        other |= {"refund_line_id": "NULL", "kind": "'PAID'", "payment": "'p-1'"}
    values = ", ".join(other.get(each, each) for each in columns.split(", "))
    copy = f"INSERT INTO {table} (seller_id, {columns}) SELECT %s, {values} FROM {table} WHERE claim_id = %s LIMIT 1"
    assert f"{table}_claim_same_seller" in refused(copy, world.lamps.pk, history.pk)
    assert run(copy, world.toys.pk, history.pk) == 1


@pytest.mark.parametrize(
    ("status", "change", "constraint"),
    [
        (Status.GRANTED, "granted_minor = claimed_minor + 1", "claim_granted_within_claimed"),
        (Status.GRANTED, "granted_minor = 0", "claim_granted_has_amount"),
        (Status.DENIED, "granted_minor = 1", "claim_denied_has_no_amount"),
        (Status.AWAITING_SELLER, "reply_by = NULL", "claim_reply_by_while_awaiting"),
        (Status.UNDER_INVESTIGATION, "reply_by = now()", "claim_reply_by_while_awaiting"),
        (Status.UNDER_INVESTIGATION, "appeal_by = now()", "claim_appeal_by_after_first_decision"),
        (Status.UNDER_INVESTIGATION, "status = 'PENDING'", "claim_status_known"),
        (Status.UNDER_INVESTIGATION, "claim_id = '1-2-3'", "claim_id_5_5_7"),
    ],
)
def test_claim_that_contradicts_itself_is_refused(world: World, status: Status, change: str, constraint: str) -> None:
    claim = world.claim_at(Position(status, Stage.FIRST))
    assert constraint in refused(f"UPDATE claims_claim SET {change} WHERE id = %s", claim.pk)


def test_line_granted_more_than_claimed_is_refused(history: Claim) -> None:
    more = "UPDATE claims_claimline SET granted_minor = claimed_minor + 1 WHERE claim_id = %s"
    assert "claimline_granted_within_claimed" in refused(more, history.pk)


def test_staff_hold_no_membership(world: World) -> None:
    join = (
        "INSERT INTO accounts_membership SELECT (jsonb_populate_record(m, jsonb_build_object("
        "'id', 9999, 'user_id', %s::int))).* FROM accounts_membership m WHERE id = %s"
    )
    gus = Membership.objects.get(user=world.gus, seller=world.toys)
    assert "staff hold no membership" in refused(join, world.hana.pk, gus.pk)
    assert "does not work at the desk" in refused("UPDATE accounts_user SET is_staff = true WHERE id = %s", gus.user_id)


BOOK = (
    "INSERT INTO claims_ledgerentry (seller_id, claim_id, claim_line_id, decision_id, kind, amount_minor, currency, at,"
    " payment, reference, created_at)"
    " SELECT seller_id, claim_id, {line}, {decision}, '{kind}', {amount}, {currency}, at,"
    " {payment}, '', now() FROM claims_ledgerentry WHERE claim_id = %s AND kind = 'GRANTED' LIMIT 1"
)


def book(kind: str, amount: int, **other: str) -> str:
    told = kind in ("PAID", "REVERSED")
    values = {
        "line": "NULL" if told else "claim_line_id",
        "decision": "NULL" if told else "decision_id",
        "currency": "currency",
        "payment": "'p-9'" if told else "NULL",
        **other,
    }
    return BOOK.format(kind=kind, amount=amount, **values)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (book("GRANTED", 1), "ledger_granted_once"),
        (book("CLAIMED", 1), "ledger_claimed_once"),
        (book("APPEAL_DELTA", 1), "of 3000 granted"),
        (book("CORRECTION", 5999), "of 3000 granted"),
        (book("GRANTED", -1), "ledger_sign_is_its_kind"),
        (book("PAID", 0), "ledger_sign_is_its_kind"),
        (book("REVERSED", 5), "ledger_sign_is_its_kind"),
        (book("PAID", 5, payment="NULL"), "ledger_payment_named"),
        (book("REVERSED", -1), "claim_paid_not_negative"),
        (book("PAID", 5, currency="'EUR'"), "a booking in EUR on a claim in USD"),
        (book("CORRECTION", 5, line="NULL"), "a booking of kind CORRECTION needs its line"),
        ("UPDATE claims_claimline SET granted_minor = 3001 WHERE claim_id = %s", "of 3001 granted"),
        ("UPDATE claims_claimline SET granted_minor = 2999 WHERE claim_id = %s", "of 2999 granted"),
        ("UPDATE claims_claimline SET claimed_minor = 8998 WHERE claim_id = %s", "of 8998 claimed"),
        ("UPDATE claims_claim SET paid_minor = -1 WHERE id = %s", "claim_paid_not_negative"),
    ],
)
def test_a_ledger_that_does_not_add_up_is_refused(history: Claim, statement: str, constraint: str) -> None:
    assert constraint in refused(statement, history.pk)


def test_payments_are_summed_by_the_database(history: Claim) -> None:
    assert run(book("PAID", 5), history.pk) == 1
    assert run(book("REVERSED", -5, payment="'p-10'"), history.pk) == 1
    history.refresh_from_db()
    assert history.paid_minor == 0
    assert "claim_paid_not_negative" in refused(book("REVERSED", -1, payment="'p-11'"), history.pk)


def test_a_line_of_another_claim_is_not_booked_on(world: World, history: Claim) -> None:
    (other,) = world.claim().lines.all()
    booking = book("CORRECTION", 5, line=str(other.pk))
    with pytest.raises(DatabaseError, match="a booking on a line of another claim"), transaction.atomic():
        connection.cursor().execute(booking, [history.pk])  # at once, before the sums of the line are asked for


def test_an_imported_claim_is_granted_no_more_than_it_holds_of_its_refund(world: World) -> None:
    claim = world.import_claim(Status.UNDER_INVESTIGATION, order=world.refund(amount_minor=4000).order)
    import_claims.attach_imported([claim.order_id])
    (line,) = claim.lines.all()
    assert (line.claimed_minor, line.held_minor) == (5000, 4000)
    grant = "UPDATE claims_claimline SET granted_minor = %s WHERE id = %s"
    assert "granted more than the claim holds of its refund" in refused(grant, 4001, line.pk)
    with pytest.raises(NotDecided) as wrong:
        world.decide(claim, 5000, days=-1)
    assert [(one.code, one.params) for one in wrong.value.problems] == [(Contradiction.BEYOND_REFUND, {"max": 4000})]
    assert limits.most_grantable(claim, [line]).lines[line.pk].minor == 4000, "what the form says at most"
    world.decide(claim, 4000, days=-1)


def test_a_payment_waits_or_says_what_became_of_it(history: Claim) -> None:
    keep = (
        "INSERT INTO claims_unmatchedpayment (seller_id, source, payment, claim_id, order_id, sku, amount_minor,"
        " currency, at, reference, matched_at, outcome, why, created_at)"
        " SELECT seller_id, 'SETTLEMENT', 'x', '', '', '', {amount}, 'USD', now(), '', {at}, '{outcome}', '', now()"
        " FROM claims_claim WHERE id = %s"
    )
    for at, outcome in (("now()", ""), ("NULL", "BOOKED"), ("now()", "SAME"), ("now()", "SET_ASIDE")):
        assert "payment_settled_or_waiting" in refused(keep.format(amount=5, at=at, outcome=outcome), history.pk)
    assert "payment_not_zero" in refused(keep.format(amount=0, at="NULL", outcome=""), history.pk)
    assert run(keep.format(amount=5, at="NULL", outcome=""), history.pk) == 1
