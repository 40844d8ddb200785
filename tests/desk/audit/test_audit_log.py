"""View as seller and the record: who may look, that looking changes nothing, and that nothing gets past the record."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.groups import AUDITOR, OPERATOR
from accounts.models import Invitation, Membership, User
from claims.models import Attachment, Visit
from claims.records import read_marks
from desk.models import Record
from messaging.models import ExtraAddress
from tests.cast import World
from tests.html import CheckingClient, content_of


@pytest.fixture
def world_now(world: World) -> World:
    world.now = timezone.now()
    return world


class TestTheRecord:
    def test_what_staff_see_and_do_is_on_it(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        client.force_login(world_now.hana)
        client.get(f"/admin/desk/{claim.claim_id}/")
        client.post(f"/admin/desk/{claim.claim_id}/take/", {"version": claim.version})
        client.post(f"/admin/desk/{claim.claim_id}/here/")
        of = Record.objects.filter(user=world_now.hana).order_by("pk")
        assert list(of.values_list("action", "what", "claim_id")) == [
            ("SAW", "desk:claim", claim.claim_id),
            ("DID", "assign", claim.claim_id),
            ("DID", "desk:take", claim.claim_id),
        ]

    def test_whose_claim_it_was_is_on_it_for_pages_and_files(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        file = Attachment.objects.filter(claim=claim).first()
        assert file is not None
        client.force_login(world_now.hana)
        client.get(f"/admin/desk/{claim.claim_id}/")
        content_of(client.get(f"/admin/desk/files/{file.uuid}/"))
        client.get("/admin/desk/00000-00000-0000000/")
        of = Record.objects.filter(user=world_now.hana, what__startswith="desk:").order_by("pk")
        assert list(of.values_list("what", "seller_id", "claim_id")) == [
            ("desk:claim", world_now.toys.pk, claim.claim_id),
            ("desk:file", world_now.toys.pk, claim.claim_id),
            ("desk:claim", None, "00000-00000-0000000"),
        ]

    def test_what_happens_to_a_claim_is_on_it_whoever_writes(self, world_now: World) -> None:
        claim = world_now.claim()
        world_now.decide(claim, 3000, by=world_now.hana)
        world_now.pay(claim)
        rows = Record.objects.filter(claim_id=claim.claim_id).exclude(what="assign").order_by("pk")
        assert list(rows.values_list("action", "what", "user")) == [
            ("DID", "FILE", world_now.alice.pk),
            ("DID", "CLAIMED", None),
            ("DID", "decision", world_now.hana.pk),
            ("DID", "GRANTED", None),
            ("DID", "GRANT", world_now.hana.pk),
            ("DID", "PAID", None),
        ]

    def test_what_changes_in_accounts_is_on_it_without_secrets(self, world_now: World) -> None:
        world_now.gus.set_password("another one")
        world_now.gus.name = "Gus O."
        world_now.gus.save()
        member = world_now.member(world_now.gus)
        member.role = "viewer"
        member.save()
        Membership.objects.filter(pk=member.pk).update(is_active=False)
        rows = [row.detail["changed"] for row in Record.objects.filter(action="CHANGED").order_by("-pk")[:3]]
        assert rows[2] == {"name": "changed", "password": "changed"}
        assert rows[1]["role"][1] == "viewer"
        assert rows[0]["is_active"] == [True, False]
        kept = json.dumps([row.detail for row in Record.objects.all()])
        assert [word for word in ("another one", "Gus", "gus@agency.example") if word in kept] == []

    def test_a_sign_in_is_on_it_once_it_is_complete(self, client: CheckingClient, world_now: World) -> None:
        def post(address: str, **typed: str) -> None:
            client.post(address, typed)

        who = world_now.alice.email
        post("/accounts/login/", login=who, password="wrong")
        secret = generate_totp_secret()
        TOTP.activate(world_now.sam, secret)
        post("/accounts/login/", login=world_now.sam.email, password="demo")
        signed_in = Record.objects.filter(what="sign in")
        assert not signed_in.exists()
        counter = next(totp.yield_hotp_counters_from_time())
        post("/accounts/2fa/authenticate/", code=totp.format_hotp_value(totp.hotp_value(secret, counter)))
        post("/accounts/logout/")
        post("/accounts/login/", login=who, password="demo")
        rows = signed_in.order_by("pk").values_list("action", "user", "detail")
        assert list(rows) == [("DID", world_now.sam.pk, {}), ("DID", world_now.alice.pk, {})]

    def test_what_the_admin_changes_is_on_it(self, client: CheckingClient, world_now: World) -> None:
        client.force_login(world_now.ada)
        group = Group.objects.get(name=OPERATOR)
        client.post(f"/admin/accounts/user/{world_now.hana.pk}/change/", {"name": "Hana S.", "groups": [group.pk]})
        assert Record.objects.filter(user=world_now.ada, what="admin:accounts_user_change").exists()

    def test_it_is_append_only(self, world_now: World) -> None:
        world_now.claim()
        for statement in ("UPDATE desk_record SET user_id = 1", "DELETE FROM desk_record"):
            with pytest.raises(DatabaseError, match="pgtrigger: Cannot"), transaction.atomic():
                connection.cursor().execute(statement)

    @pytest.mark.parametrize(
        ("group", "superuser", "status"),
        [(AUDITOR, False, 200), (OPERATOR, False, 200), (None, True, 200), (None, False, 403)],
    )
    def test_who_reads_it(
        self, client: CheckingClient, world_now: World, group: str | None, superuser: bool, status: int
    ) -> None:
        reader = User.objects.create_user("r@desk.example", "demo", is_staff=True, is_superuser=superuser)
        reader.groups.add(Group.objects.get_or_create(name=group or "case handler")[0])
        claim = world_now.claim()
        client.force_login(reader)
        for query in ("", f"?q={claim.claim_id}", "?q=alice@seller-a.example", "?q=%00", "?action__exact=DID"):
            assert client.get(f"/admin/desk/record/{query}").status_code == status
        if status == 200:
            assert claim.claim_id in client.get(f"/admin/desk/record/?q={claim.claim_id}").content.decode()

    @pytest.mark.parametrize("count", [1, 30])
    def test_its_list_costs_the_same_at_any_length(
        self, client: CheckingClient, world_now: World, django_assert_num_queries: Any, count: int
    ) -> None:
        for _ in range(count):
            world_now.refund()
            Record.objects.create(action="SAW", user=world_now.hana, what="desk:claim")
        client.force_login(world_now.ada)
        client.get("/admin/desk/record/")
        with django_assert_num_queries(5):
            client.get("/admin/desk/record/?action__exact=SAW")


class TestWhoChangedAnAccount:
    """What an owner changes through the pages is on record with who did it, and without names, addresses or secrets."""

    def changes(self) -> list[tuple[int | None, int | None, str]]:
        rows = Record.objects.filter(action="CHANGED").order_by("pk")
        return list(rows.values_list("user", "seller_id", "what"))

    def test_members_roles_and_invitations(self, client: CheckingClient, world_now: World) -> None:
        client.force_login(world_now.alice)
        start = len(self.changes())
        gus = world_now.member(world_now.gus)
        alice, toys, of = world_now.alice.pk, world_now.toys.pk, {"seller": "seller-a"}
        client.post(f"/people/{gus.pk}/role/", {"role": "viewer", **of})
        client.post("/people/invite/", {"email": "new@person.example", "role": "member", **of})
        invitation = Invitation.objects.get()
        client.post(f"/people/invitations/{invitation.pk}/revoke/", of)
        client.post(f"/people/{gus.pk}/remove/", of)
        assert self.changes()[start:] == [
            (alice, toys, "accounts_membership"),
            (alice, toys, "accounts_invitation"),
            (alice, toys, "accounts_invitation"),
            (alice, toys, "accounts_membership"),
        ]
        kept = json.dumps([row.detail for row in Record.objects.all()])
        assert [secret for secret in ("new@person.example", str(invitation.uuid)) if secret in kept] == []

    def test_settings_extra_addresses_and_the_calendar(self, client: CheckingClient, world_now: World) -> None:
        client.force_login(world_now.alice)
        start = len(self.changes())
        alice, toys = world_now.alice.pk, world_now.toys.pk
        client.post("/settings/", {"name": "Alice M.", "zone": "Europe/Paris", "theme": "dark"})
        client.post("/settings/email/addresses/", {"email": "books@keeper.example", "seller": "seller-a"})
        extra = ExtraAddress.objects.get()
        client.post(f"/settings/email/addresses/{extra.pk}/remove/", {"seller": "seller-a"})
        client.post("/settings/email/calendar/", {"do": "make"})
        assert [row[2] for row in self.changes()[start:]][:3] == [
            "accounts_user", "messaging_extraaddress", "messaging_extraaddress",
        ]  # fmt: skip
        assert {row[0] for row in self.changes()[start:]} == {alice}
        assert self.changes()[start + 1][:2] == (alice, toys)
        kept = json.dumps([row.detail for row in Record.objects.all()])
        assert [secret for secret in ("keeper.example", str(extra.uuid), "Alice M.") if secret in kept] == []

    def test_second_factor_and_password(self, client: CheckingClient, world_now: World) -> None:
        client.force_login(world_now.alice)
        start = len(self.changes())
        secret = generate_totp_secret()
        TOTP.activate(world_now.alice, secret)
        Authenticator.objects.update(last_used_at=timezone.now())
        Authenticator.objects.all().delete()
        typed = {"oldpassword": "demo", "password1": "Quiet-Otter-71", "password2": "Quiet-Otter-71"}
        client.post("/accounts/password/change/", typed)
        rows = Record.objects.filter(action="CHANGED").order_by("pk")[start:]
        on, off, password = [row.detail["changed"] for row in rows]
        assert (on["type"], off["type"]) == ([None, "totp"], ["totp", None])
        assert on["user_id"] == [None, world_now.alice.pk] and "data" not in on | off
        assert (password, rows[2].user) == ({"password": "changed"}, world_now.alice)
        assert secret not in json.dumps([row.detail for row in Record.objects.all()])

    def test_a_group_taken_away_is_on_it(self, world_now: World) -> None:
        world_now.sam.groups.clear()
        last = Record.objects.filter(what="accounts_user_groups").latest("pk").detail["changed"]
        assert last["user_id"] == [world_now.sam.pk, None]

    def test_nobody_is_named_for_what_comes_after(self, client: CheckingClient, world_now: World) -> None:
        client.force_login(world_now.alice)
        client.post("/settings/", {"name": "A", "zone": "", "theme": ""})
        Membership.objects.filter(user=world_now.gus).update(role="viewer")
        assert {row[0] for row in self.changes()[-2:]} == {None}


class TestWhatMembersSaw:
    def saw(self) -> list[tuple[int | None, str, str]]:
        rows = Record.objects.filter(action="SAW").order_by("pk")
        return list(rows.values_list("user", "claim_id", "what"))

    def test_opening_a_claim_and_taking_files_away_is_on_it_once_a_day(
        self, client: CheckingClient, world_now: World
    ) -> None:
        claim, alice = world_now.claim(), world_now.alice.pk
        file = Attachment.objects.filter(claim=claim).first()
        assert file is not None
        client.force_login(world_now.alice)
        here = f"/claims/{claim.claim_id}/messages/"
        client.get(f"{here}live/?since=0")
        client.head(here)
        client.get(here, headers={"sec-purpose": "prefetch"})
        assert self.saw() == []
        for _again in range(2):
            client.get(here)
            client.get(f"/claims/{claim.claim_id}/")
            for page in ("", "look/", "preview/0/"):
                answer = client.get(f"/attachments/{file.uuid}/{page}")
                content_of(answer)
        assert self.saw() == [(alice, claim.claim_id, "claim"), (alice, claim.claim_id, "file")]
        client.force_login(world_now.vera)
        client.get(f"/claims/{claim.claim_id}/")
        assert self.saw()[2:] == [(world_now.vera.pk, claim.claim_id, "claim")]
        assert set(Record.objects.filter(action="SAW").values_list("seller_id", flat=True)) == {world_now.toys.pk}

    def test_another_day_is_another_line(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        yesterday = timezone.now().date() - timedelta(days=1)
        Visit.objects.create(user=world_now.alice, seller=world_now.toys, claim=claim, day=yesterday, what="claim")
        client.force_login(world_now.alice)
        client.get(f"/claims/{claim.claim_id}/")
        client.get(f"/claims/{claim.claim_id}/messages/")
        assert len(self.saw()) == 2

    def test_a_rivals_claim_leaves_no_line(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        client.force_login(world_now.mallory)
        assert client.get(f"/claims/{claim.claim_id}/").status_code == 404
        assert self.saw() == []

    def test_a_pack_taken_away_is_on_it(self, client: CheckingClient, world_now: World) -> None:
        claim = world_now.claim()
        read_marks.downloaded(
            claim_pk=claim.pk, seller_id=claim.seller_id, user_id=world_now.vera.pk, what=Visit.What.PACK
        )
        assert self.saw() == [(world_now.vera.pk, claim.claim_id, "pack")]


@pytest.mark.parametrize(
    "path", ["/admin/x%00y/", "/admin/desk/macro/%00/change/", "/admin/desk/macro/?verb__exact=%00",
             "/admin/desk/record/?action__exact=%00", "/admin/messaging/outgoingemail/?state=%00"],
)  # fmt: skip
def test_an_address_with_a_character_that_nothing_holds_is_answered_and_on_record(
    client: CheckingClient, world_now: World, path: str
) -> None:
    client.force_login(world_now.ada)
    before = Record.objects.count()
    assert client.get(path).status_code in (302, 404)
    assert Record.objects.count() == before + 1


class TestExport:
    def export(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
        call_command("export_record", *arguments)
        return capsys.readouterr().out

    def test_it_is_filtered_and_comes_as_csv_or_json(
        self, world_now: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        claim, other = world_now.claim(), world_now.claim()
        Record.objects.create(action="SAW", user=world_now.hana, what="=cmd()", claim_id=claim.claim_id)
        rows = list(csv.DictReader(io.StringIO(self.export(capsys, "--claim", claim.claim_id))))
        assert [row["what"] for row in rows] == ["FILE", "CLAIMED", "'=cmd()"]
        assert rows[2]["seller"] == ""
        assert {row["claim_id"] for row in rows} == {claim.claim_id}
        alices = ("--user", "alice@seller-a.example", "--action", "DID", "--seller", "seller-a")
        lines = self.export(capsys, "--json", *alices)
        told = [json.loads(line) for line in lines.splitlines()]
        assert [(one["claim_id"], one["what"]) for one in told] == [(claim.claim_id, "FILE"), (other.claim_id, "FILE")]
        assert told[0]["detail"]["to_status"] == "UNDER_INVESTIGATION"
        assert self.export(capsys, "--json", "--to", "2020-01-01") == ""

    @pytest.mark.parametrize(
        "wrong", [("--user", "x"), ("--seller", "\0"), ("--from", "soon"), ("--from", "2026-11-24T10:00:00")]
    )
    def test_a_wrong_call_says_so(self, world_now: World, wrong: tuple[str, str]) -> None:
        with pytest.raises(CommandError):
            call_command("export_record", *wrong)
