"""E-mails as operators see and mend them, and what became of each beside its entry in the thread."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.groups import OPERATOR
from accounts.models import User
from claims.models import Claim
from messaging import thread
from messaging.models import OutgoingEmail
from tests.cast import World
from tests.html import CheckingClient

State = OutgoingEmail.State
LIST = reverse("admin:messaging_outgoingemail_changelist")


@pytest.fixture
def world(db: None) -> World:
    return World(now=timezone.now())


@pytest.fixture
def operator(world: World) -> CheckingClient:
    otto = User.objects.create_user("otto@desk.example", name="Otto Brandt", is_staff=True)
    otto.groups.add(Group.objects.get_or_create(name=OPERATOR)[0])
    return client_of(otto)


def client_of(user: User) -> CheckingClient:
    client = CheckingClient()
    client.force_login(user)
    return client


def to(user: User, state: State, **fields: Any) -> OutgoingEmail:
    OutgoingEmail.objects.filter(user=user).update(state=state, **fields)
    return OutgoingEmail.objects.get(user=user)


def listed(client: CheckingClient, query: str = "") -> list[str]:
    page = client.get(LIST + query).content.decode()
    return re.findall(r'field-to">(?:<a[^>]*>)?([^<]*)', page)


def act(client: CheckingClient, action: str, *emails: OutgoingEmail, query: str = "") -> str:
    chosen = {"action": action, "_selected_action": [str(email.pk) for email in emails]}
    return client.post(LIST + query, chosen, follow=True).content.decode()


def test_what_bounced_or_was_given_up_is_what_is_shown_first(world: World, operator: CheckingClient) -> None:
    world.claim()
    page = operator.get(LIST).content.decode()
    assert "3 waiting; the oldest that has not gone out was owed" in page
    assert "Nothing to look at." in page
    to(world.vera, State.BOUNCED, cause="550 no such mailbox", attempts=1, address=world.vera.email)
    to(world.gus, State.FAILED, cause="451 come back later", attempts=30)
    assert listed(operator) == ["Gus Okafor · gus@agency.example", "Vera Lind · vera@seller-a.example"]
    page = operator.get(LIST).content.decode()
    assert "2 to look at" in page
    assert "550 no such mailbox" in page
    assert listed(operator, "?show=due") == ["Alice Moreno · alice@seller-a.example"]
    assert len(listed(operator, "?show=all")) == 3
    assert listed(operator, "?show=nonsense") == listed(operator)


@pytest.mark.parametrize(("cause", "words"), [
    ("NO_MEMBER", "No longer a member."), ("Switched off.", "Switched off."), ("550 no such box", "550 no such box"),
    ("NOT_WRITTEN: KeyError: 'a'", "Could not be written: KeyError: &#x27;a&#x27;"),
])  # fmt: skip
def test_why_an_email_is_not_sent_is_said_for_codes_and_quoted_for_servers(
    world: World, operator: CheckingClient, cause: str, words: str
) -> None:
    world.claim()
    to(world.vera, State.FAILED, cause=cause)
    assert f'field-why">{words}<' in operator.get(LIST).content.decode()


def test_an_operator_sends_again_and_it_is_on_record(world: World, operator: CheckingClient) -> None:
    world.claim()
    bounced = to(world.vera, State.BOUNCED, cause="550 no such mailbox", attempts=1)
    assert "1 e-mail is queued again." in act(operator, "send_again", bounced)
    bounced.refresh_from_db()
    assert (bounced.state, bounced.cause, bounced.attempts) == (State.QUEUED, "", 0)
    assert LogEntry.objects.get().get_change_message() == "Sent again."


def test_what_is_sent_is_not_sent_again(world: World, operator: CheckingClient) -> None:
    world.claim()
    sent = to(world.vera, State.SENT, sent_at=world.now)
    said = act(operator, "send_again", sent, query="?show=all")
    assert "0 e-mails are queued again. 1 are in another state by now and stay as they are." in said
    assert to(world.vera, State.SENT).state == State.SENT


def test_set_aside_leaves_the_list_and_is_found_again(world: World, operator: CheckingClient) -> None:
    world.claim()
    bounced = to(world.vera, State.BOUNCED, cause="550 no such mailbox")
    assert "1 e-mail is set aside." in act(operator, "set_them_aside", bounced)
    assert listed(operator) == []
    assert listed(operator, "?show=aside") == ["Vera Lind · vera@seller-a.example"]


def test_what_waits_can_be_tried_now(world: World, operator: CheckingClient) -> None:
    world.claim()
    later = to(world.vera, State.QUEUED, attempts=4, next_attempt_at=world.at(0.1), cause="451 later")
    assert listed(operator, "?show=again") == ["Vera Lind · vera@seller-a.example"]
    assert "1 e-mail is tried at once." in act(operator, "try_now", later, query="?show=again")
    assert listed(operator, "?show=again") == []


def test_a_handler_reads_and_sends_nothing_again(world: World) -> None:
    world.claim()
    bounced = to(world.vera, State.BOUNCED, cause="550 no such mailbox")
    hana = client_of(world.hana)
    assert "An operator can send them again." in hana.get(LIST).content.decode()
    act(hana, "send_again", bounced)
    bounced.refresh_from_db()
    assert bounced.state == State.BOUNCED


@pytest.mark.parametrize(
    ("typed", "found"),
    [("{claim}", 3), ("vera@seller-a.example", 1), (" VERA@seller-a.example ", 1), ("vera", 0), ("\x00", 0)],
)
def test_search_by_claim_or_address(world: World, operator: CheckingClient, typed: str, found: int) -> None:
    claim = world.claim()
    query = urlencode({"q": typed.format(claim=claim.claim_id)})
    assert len(listed(operator, f"?{query}")) == found
    page = operator.get(f"{LIST}?{query}").content.decode()
    if typed == "vera":
        assert "Search by a whole claim id (5-5-7 digits) or a whole e-mail address." in page


def test_the_list_costs_the_same_for_one_and_thirty(
    world: World, operator: CheckingClient, django_assert_num_queries: Any
) -> None:
    costs = []
    for claims in (1, 9):
        for _ in range(claims):
            world.claim()
        OutgoingEmail.objects.update(state=State.BOUNCED)
        operator.get(LIST)
        with django_assert_num_queries(9):
            operator.get(LIST)
        costs.append(len(listed(operator)))
    assert costs == [3, 30]


# -- beside the entries


def read(claim: Claim, **how: Any) -> list[tuple[str, bool] | None]:
    claim = Claim.objects.select_related("seller", "order").get(pk=claim.pk)
    page = thread.entries(claim, zone="America/New_York", now=timezone.now(), **how)
    return [(one.delivery.words, one.delivery.failed) if one.delivery else None for one in page.entries]


def test_a_seller_reads_what_became_of_their_own(world: World) -> None:
    claim = world.claim()
    own = {"viewer": "seller", "deliveries": thread.own(world.vera.pk, "America/New_York")}
    assert read(claim, **own) == [("An e-mail to you is on its way", False), None]
    to(world.vera, State.QUEUED, attempts=2, cause="451 greylisted")
    (late, _) = read(claim, **own)
    assert late == ("The e-mail to you is late: your mail server did not take it yet. It is tried again.", False)
    to(world.vera, State.BOUNCED, cause="550 secret.internal says no")
    (bounced, _) = read(claim, **own)
    assert bounced == ("The e-mail to you came back: your mail server refused it.", True)
    to(world.vera, State.SENT, sent_at=world.now)
    (sent, _) = read(claim, **own)
    assert sent and sent[0].startswith("E-mailed to you ")
    page = client_of(world.vera).get(f"/claims/{claim.claim_id}/messages/").content.decode()
    assert "E-mailed to you " in page


def test_the_desk_reads_what_became_of_all(world: World) -> None:
    claim = world.claim()
    to(world.vera, State.BOUNCED)
    to(world.gus, State.SENT, sent_at=world.now)
    desk = {"viewer": "desk", "deliveries": thread.everybodys()}
    assert read(claim, **desk) == [("E-mail: 1 of 3 sent, 1 waiting, 1 bounced", True), None]
    page = client_of(world.hana).get(reverse("desk:claim", args=[claim.claim_id])).content.decode()
    assert "E-mail: 1 of 3 sent, 1 waiting, 1 bounced" in page
