"""Words of a form that couldn't be sent: every form's come back to their person; nobody else reads or writes any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import resolve
from django.utils import timezone

from accounts import unsent
from accounts.models import UNSENT_BYTES, UnsentWords, User
from claims.models import Claim, Draft, PolicyRule
from claims.rules.lifecycle import Verb
from messaging.models import InternalNote, Message
from safet_portal.tasks import clear_sessions, purge_unsent_words
from tests.cast import World
from tests.desk.decisions.test_corrections import decided, raised, two_pairs_of_eyes
from tests.desk.macros.test_macros import macro
from tests.desk.money.test_money import told
from tests.forms import Form, forms_of
from tests.html import CheckingClient
from tests.test_isolation import TwoSellers, addresses, two_sellers  # noqa: F401 (a fixture)

WORDS = "An hour of work, with 1 < 2 & more."
NOT_OURS = ("/admin/mfa/", "/admin/account/")
"""The sign-in library's tables: what is typed there are secrets and addresses, not words."""
SAID = "That page was too old to send from. Nothing was sent"


@pytest.fixture
def world(world: World) -> World:
    world.now = timezone.now()
    return world


def client_of(user: User, **options: Any) -> CheckingClient:
    client = CheckingClient(**options)
    client.force_login(user)
    return client


def end_session(client: CheckingClient) -> None:
    Session.objects.filter(pk=client.session.session_key).delete()


def pages(world: World) -> Iterator[tuple[User, str]]:
    """A page for each form with words that the portal has, open to who may send it."""
    asked, decided_one, appealed, denied = world.claim(), decided(world), decided(world), decided(world, 0)
    filed = world.claim()
    world.ask(asked)
    world.appeal(appealed)
    two_pairs_of_eyes()
    proposed = decided(world)
    raised(world, proposed, 8999)
    desk = "/admin/desk/{}/{}".format
    draft = world.draft()
    yield from ((world.alice, f"/claims/{each.claim_id}/messages/") for each in (asked, denied, filed))
    yield world.alice, f"/claims/new/{draft.uuid}/proof/"
    for verb in ("", "message/", "note/", "decide/", "request/"):
        yield world.hana, desk(filed.claim_id, verb)
    yield world.hana, desk(proposed.claim_id, "confirm/")
    yield world.sam, desk(decided_one.claim_id, "correct/")
    yield world.hana, desk(asked.claim_id, "extend/")
    yield world.sam, desk(filed.claim_id, "redact/")
    yield world.ada, desk(appealed.claim_id, "release-appeal/")
    yield world.sam, desk(filed.claim_id, "view-as/")
    rule = PolicyRule.objects.latest("pk")
    yield world.sam, "/admin/desk/macro/add/"
    yield world.sam, f"/admin/desk/macro/{macro().pk}/change/"
    yield world.ada, f"/admin/claims/policyrule/{rule.pk}/change/"
    yield world.ada, "/admin/claims/clockrule/add/"
    told(world, filed)
    yield world.ada, "/admin/desk/payments/"


def with_words(html: str) -> list[Form]:
    return [form for form in forms_of(html) if form.method == "post" and form.boxes]


def test_words_and_choices_of_every_form_come_back_after_the_sign_in(world: World) -> None:
    seen = set()
    for user, page in pages(world):
        html = client_of(user).get(page).content.decode()
        found = with_words(html) or [form for form in forms_of(html) if "settle" in form.action or "why" in form.lines]
        assert found, page
        for form in found:
            comes_back(user, page, form)
            seen.add(resolve(form.action or page).view_name)
    assert seen == {
        "messaging:thread", "claims:new_step", "desk:message", "desk:note", "desk:decide", "desk:request",
        "desk:confirm", "desk:correct", "desk:extend", "desk:redact", "desk:release_appeal", "desk:view_as",
        "desk:settle_payment", "admin:desk_macro_add", "admin:desk_macro_change", "admin:claims_policyrule_change",
        "admin:claims_clockrule_add",
    }  # fmt: skip


def comes_back(user: User, page: str, form: Form) -> None:
    client = client_of(user)
    sent = form.filled(WORDS)
    before = Message.objects.count(), InternalNote.objects.count()
    end_session(client)
    answer = client.post(form.action or page, sent)
    assert answer.status_code == 302, page
    where = urlsplit(answer["Location"])
    assert where.path == "/accounts/login/", page
    assert "Your text is kept; sign in to go on." in client.get(answer["Location"]).content.decode()
    client.force_login(user)
    html = client.get(parse_qs(where.query)["next"][0]).content.decode()
    assert SAID in html, page
    (again,) = [each for each in forms_of(html) if set(form.boxes + form.lines) <= each.names and each.method == "post"]
    for name in [*form.boxes, *form.lines, *form.choices]:
        if name not in ("macro", "confirm", "kind"):
            assert again.values.get(name) == sent[name], f"{page} {name}"
    assert (Message.objects.count(), InternalNote.objects.count()) == before, page


def test_every_form_with_a_box_for_words_carries_its_proof(two_sellers: TwoSellers) -> None:  # noqa: F811
    found = set()
    for user in (two_sellers.world.alice, two_sellers.world.hana, two_sellers.world.sam, two_sellers.world.ada):
        client = client_of(user)
        for route, address in addresses(two_sellers.ours.ids):
            if address.startswith(NOT_OURS):
                continue
            response = client.get(address)
            if response.streaming or response.status_code != 200 or "html" not in response["Content-Type"]:
                for close in response._resource_closers:  # response.close() would also end the test's connection
                    close()
                continue
            for form in with_words(response.content.decode()):
                found.add(route.name)
                assert unsent.FIELD in form.values, address
    assert {"thread", "new_step", "claim", "decide", "request", "message", "note", "desk_macro_add"} <= found


def test_note_that_keeps_the_words_of_an_overtaken_decision_has_them_again(world: World) -> None:
    claim = world.claim()
    client = client_of(world.hana)
    page = f"/admin/desk/{claim.claim_id}/decide/"
    (form,) = with_words(client.get(page).content.decode())
    world.message(claim, days=0)
    (form,) = with_words(client.post(page, {**form.filled(WORDS), "send": "1"}).content.decode())
    end_session(client)
    note = f"/admin/desk/{claim.claim_id}/note/"
    assert client.post(note, {**form.filled(WORDS), "keep": "words"})["Location"] == f"/accounts/login/?next={note}"
    client.force_login(world.hana)
    (again,) = with_words(client.get(note).content.decode())
    assert again.values["note"] == [WORDS]


def test_decision_that_comes_back_shows_what_happened_meanwhile(world: World) -> None:
    claim = world.claim()
    client = client_of(world.hana)
    page = f"/admin/desk/{claim.claim_id}/decide/"
    (form,) = with_words(client.get(page).content.decode())
    end_session(client)
    client.post(page, form.filled(WORDS))
    world.message(claim, days=0, text="The box turned up after all.")
    client.force_login(world.hana)
    html = client.get(page).content.decode()
    assert "Changed since you opened this page" in html
    assert "The box turned up after all." in html


def test_statement_does_not_take_the_place_of_a_newer_draft(world: World) -> None:
    draft = world.draft(text="First words of the statement.")
    page = f"/claims/new/{draft.uuid}/proof/"
    client, other = client_of(world.alice), client_of(world.alice)
    (form,) = with_words(client.get(page).content.decode())
    end_session(client)
    client.post(page, form.filled(WORDS))
    other.post(page, {"statement": "Newer words, from another device.", "stay": "1"})
    client.force_login(world.alice)
    (again,) = with_words(client.get(page).content.decode())
    assert again.values["statement"] == [WORDS]
    assert Draft.objects.get().text == "Newer words, from another device."


# -- strangers --------------------------------------------------------------------------------------------------------


def sent_by(client: CheckingClient, claim: Claim, proof: str, text: str = WORDS) -> Any:
    return client.post(f"/claims/{claim.claim_id}/messages/", {"act": "send", "text": text, unsent.FIELD: proof})


def proofs(world: World, claim: Claim) -> dict[str, str]:
    page = f"/claims/{claim.claim_id}/messages/"
    with_other_key = signing.dumps([world.alice.pk, page, page], key="x" * 50, salt="accounts.unsent")
    return {
        "none": "",
        "rubbish": "x" * 5000,
        "made with another key": with_other_key,
        "of another form": unsent.proof(world.alice.pk, f"/claims/{claim.claim_id}/withdraw/"),
        "of nobody": unsent.proof(10**9, page),
    }


@pytest.mark.parametrize("which", ["none", "rubbish", "made with another key", "of another form", "of nobody"])
def test_stranger_without_a_proof_writes_no_row(world: World, which: str) -> None:
    claim = world.claim()
    stranger = CheckingClient()
    answer = sent_by(stranger, claim, proofs(world, claim)[which], "x" * 50_000)
    assert answer["Location"] == f"/accounts/login/?next=/claims/{claim.claim_id}/messages/"
    assert "sessionid" not in answer.cookies
    assert (UnsentWords.objects.count(), Session.objects.count()) == (0, 0)


def test_many_posts_with_a_proof_leave_one_row_of_64_kb(world: World) -> None:
    claim = world.claim()
    proof = unsent.proof(world.alice.pk, f"/claims/{claim.claim_id}/messages/")
    stranger = CheckingClient()
    for n in range(5):
        assert sent_by(stranger, claim, proof, str(n) * 50_000).status_code == 302
    row = UnsentWords.objects.get()
    assert len(row.fields.encode()) <= UNSENT_BYTES
    assert "4" * 50_000 in row.fields
    assert Session.objects.count() == 0


def test_words_beyond_64_kb_are_not_kept_and_it_says_so(world: World) -> None:
    claim = world.claim()
    client = client_of(world.alice)
    client.get(f"/claims/{claim.claim_id}/messages/")
    proof = unsent.proof(world.alice.pk, f"/claims/{claim.claim_id}/messages/")
    end_session(client)
    answer = sent_by(client, claim, proof, "x" * 70_000)
    assert answer.status_code == 413
    assert "this is more than can be kept for you. Nothing was sent." in answer.content.decode()
    assert not UnsentWords.objects.exists()


def test_proof_of_an_old_page_keeps_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = world.claim()
    moment = timezone.now().timestamp() - unsent.LASTS.total_seconds() - 60
    with monkeypatch.context() as then:
        then.setattr("time.time", lambda: moment)
        proof = unsent.proof(world.alice.pk, f"/claims/{claim.claim_id}/messages/")
    sent_by(CheckingClient(), claim, proof)
    assert not UnsentWords.objects.exists()


def test_nobody_else_reads_them_on_the_same_browser(world: World) -> None:
    claim = world.claim()
    page = f"/claims/{claim.claim_id}/messages/"
    client = client_of(world.alice)
    end_session(client)
    sent_by(client, claim, unsent.proof(world.alice.pk, page))
    for other in (world.gus, world.vera, world.mallory, world.hana):
        client.force_login(other)
        assert WORDS.split(",")[0] not in client.get(page).content.decode()
    client.force_login(world.alice)
    assert "An hour of work" in client.get(page).content.decode()


def test_somebody_signed_in_writes_nothing_for_another(world: World) -> None:
    claim = world.claim()
    page = f"/claims/{claim.claim_id}/messages/"
    client = client_of(world.mallory, enforce_csrf_checks=True)
    assert sent_by(client, claim, unsent.proof(world.alice.pk, page)).status_code == 403
    assert not UnsentWords.objects.exists()


@pytest.mark.parametrize("verb", ["decide", "note", "message", "request"])
def test_form_whose_token_was_renewed_by_a_sign_in_elsewhere_keeps_its_words(world: World, verb: str) -> None:
    claim = world.claim()
    page = f"/admin/desk/{claim.claim_id}/{verb}/"
    client = client_of(world.hana, enforce_csrf_checks=True)
    (form,) = with_words(client.get(page).content.decode())
    del form.values["csrfmiddlewaretoken"]
    answer = client.post(page, form.filled(WORDS))
    assert (answer.status_code, answer["Location"]) == (302, page)
    (again,) = with_words(client.get(page).content.decode())
    assert all(again.values[box] == [WORDS] for box in form.boxes)


def test_files_are_said_to_be_gone_and_written_nowhere(world: World) -> None:
    claim = world.claim()
    page = f"/admin/desk/{claim.claim_id}/message/"
    client = client_of(world.hana)
    (form,) = with_words(client.get(page).content.decode())
    end_session(client)
    large = SimpleUploadedFile("photo.png", b"x" * 3_000_000)
    assert client.post(page, {**form.filled(WORDS), "files": large}).status_code == 302
    client.force_login(world.hana)
    html = client.get(page).content.decode()
    assert "Choose the files again." in html
    assert "An hour of work" in html


# -- how long ---------------------------------------------------------------------------------------------------------


def test_words_stay_for_a_reload_and_go_when_the_form_is_sent(world: World) -> None:
    claim = world.claim()
    page = f"/admin/desk/{claim.claim_id}/note/"
    client = client_of(world.hana)
    (form,) = with_words(client.get(page).content.decode())
    end_session(client)
    client.post(page, form.filled(WORDS))
    client.force_login(world.hana)
    client.get(page)
    (again,) = with_words(client.get(page).content.decode())
    assert again.values["note"] == [WORDS]
    client.post(page, {**again.values})
    assert InternalNote.objects.get().text == WORDS
    assert not UnsentWords.objects.exists()
    (empty,) = with_words(client.get(page).content.decode())
    assert empty.values["note"] == [""]


def test_schedule_purges_old_words_and_ended_sessions(world: World) -> None:
    now = timezone.now()
    people = (world.alice, world.gus, world.hana, world.sam)
    for user, kept, shown in zip(people, (-15, -13, -1, -1), (None, None, -2, -0.5), strict=True):
        UnsentWords.objects.create(
            user=user, action="/", page="/", fields="{}", kept_at=now + timedelta(days=kept),
            shown_at=None if shown is None else now + timedelta(hours=shown),
        )  # fmt: skip
    client_of(world.alice)
    client_of(world.gus)
    Session.objects.filter(pk=Session.objects.first().pk).update(expire_date=now - timedelta(minutes=1))
    assert (purge_unsent_words.apply().get(), clear_sessions.apply().get()) == (2, 1)
    assert set(UnsentWords.objects.values_list("user", flat=True)) == {world.gus.pk, world.sam.pk}
    assert Session.objects.count() == 1


def test_every_verb_with_words_of_the_desk_is_one_of_these(world: World) -> None:
    """A verb of the desk that is new is walked above, or has no words."""
    without = {Verb.TAKE, Verb.RELEASE, Verb.ASSIGN, Verb.ACCEPT_MAIL, Verb.CONFIRM}
    walked = {
        Verb.REQUEST_INFORMATION, Verb.GRANT, Verb.DENY, Verb.SEND_BACK, Verb.SEND_MESSAGE, Verb.ADD_NOTE,
        Verb.CORRECT, Verb.EXTEND, Verb.REDACT, Verb.RELEASE_APPEAL,
    }  # fmt: skip
    sellers = {Verb.FILE, Verb.REPLY, Verb.APPEAL, Verb.WITHDRAW}
    assert set(Verb) - sellers - without - walked <= {Verb.LAPSE, *(each for each in Verb if each.name == "IMPORT")}


def test_words_of_another_page_that_wait_meanwhile_stay(world: World) -> None:
    first, second = (f"/admin/desk/{world.claim().claim_id}/note/" for _ in range(2))
    one, two = client_of(world.hana), client_of(world.hana)
    forms = [with_words(client.get(page).content.decode())[0] for client, page in ((one, first), (two, second))]
    end_session(one)
    one.post(first, forms[0].filled("The first words."))
    one = client_of(world.hana)
    (restored,) = with_words(one.get(first).content.decode())
    end_session(two)
    two.post(second, forms[1].filled("The second words."))
    one.post(first, restored.filled("The first words."))
    assert UnsentWords.objects.get().page == second
    assert "The second words." in client_of(world.hana).get(second).content.decode()


def test_words_wait_on_where_the_database_fails_before_they_are_in_the_draft(world: World) -> None:
    claim = world.claim()
    world.ask(claim)
    page = f"/claims/{claim.claim_id}/messages/"
    client = client_of(world.alice)
    (form,) = with_words(client.get(page).content.decode())
    end_session(client)
    client.post(page, form.filled(WORDS))
    client = client_of(world.alice, raise_request_exception=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;"
            "CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON claims_draft FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    assert client.get(page).status_code == 500
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER fail ON claims_draft")
    assert WORDS in unescape(client.get(page).content.decode())
    assert (Draft.objects.get().text, UnsentWords.objects.count()) == (WORDS, 0)
