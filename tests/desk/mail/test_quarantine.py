"""Old e-mails at the desk: read, downloaded as they came, and put into the thread of a claim by a handler."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.groups import OPERATOR
from accounts.models import Membership, Role, User
from claims.files import store
from claims.models import Attachment, StatusChange, Unseen
from messaging import redact_message
from messaging.correspondence import quarantine
from messaging.correspondence.matcher import Side
from messaging.correspondence.quarantine import NotMatched
from messaging.models import Message, OriginalMail, OutgoingEmail
from tests.cast import World
from tests.claims.files.samples import png
from tests.desk.pages import made_from
from tests.html import CheckingClient, content_of
from tests.messaging.correspondence.mails import deep_multipart, mail, mbox, put_into, written
from tests.security.test_files import status

LIST = "/admin/messaging/originalmail/"
RAW = mail(
    text="The kite came back broken.\n\n<script>alert(1)</script>",
    subject="The kite",
    files={"kite.png": (png(), "image/png"), "run.exe": (b"MZ\x90\x00" + b"\x00" * 60, "application/octet-stream")},
)


@pytest.fixture
def world(world: World, settings: LazySettings) -> World:
    settings.DESK_ADDRESSES = ["safe-t@desk.example"]
    world.now = timezone.now()
    return world


def quarantined(folder: Path, *mails: bytes) -> list[OriginalMail]:
    with pytest.raises(SystemExit):
        call_command("import_correspondence", str(written(folder / "old.mbox", mbox(*mails))))
    return list(OriginalMail.objects.filter(state="QUARANTINED").order_by("pk"))


def page(original: OriginalMail) -> str:
    return f"/admin/desk/mail/{original.pk}/"


def test_a_handler_reads_the_e_mail_and_puts_it_into_the_thread(
    client: CheckingClient, world: World, tmp_path: Path
) -> None:
    claim = world.claim()
    (original,) = quarantined(tmp_path, RAW)
    before = (StatusChange.objects.count(), OutgoingEmail.objects.count(), Unseen.objects.count())
    client.force_login(world.hana)
    shown = client.get(page(original)).content.decode()
    assert "It names no claim and no order." in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "kite.png" in shown
    assert "run.exe is " in shown  # with why it isn't taken

    looked = client.post(page(original), {"claim_id": f" {claim.claim_id} ", "written_by": "SELLER"})
    assert looked.context["found"]["seller"] == "Blue Door Toys"
    assert Message.objects.filter(claim=claim).count() == 0
    done = client.post(page(original), {"claim_id": claim.claim_id, "written_by": "SELLER", "match": "1"})

    message = Message.objects.get(claim=claim)
    assert done["Location"] == f"/admin/desk/{claim.claim_id}/#e{message.position}"
    assert (message.text, message.party, message.origin) == (
        "The kite came back broken.\n\n<script>alert(1)</script>",
        "SELLER",
        "IMPORTED",
    )
    assert list(Attachment.objects.filter(claim=claim, position=message.position).values_list("name", flat=True)) == [
        "kite.png"
    ]
    original.refresh_from_db()
    assert (original.state, original.cause, original.claim, original.message, original.matched_by) == (
        "IMPORTED", "", claim, message, world.hana,
    )  # fmt: skip
    assert (StatusChange.objects.count(), OutgoingEmail.objects.count(), Unseen.objects.count()) == before
    call_command("import_correspondence", str(tmp_path / "old.mbox"))  # exit 0: it is there already
    assert Message.objects.filter(claim=claim).count() == 1


@pytest.mark.parametrize(
    ("claim_id", "sentence"),
    [
        ("", "Enter the id of the claim it belongs to."),
        ("99999-99999-9999999", "There is no claim with that id. It has 5, 5 and 7 digits."),
        ("\x00" + "9" * 5000, "There is no claim with that id. It has 5, 5 and 7 digits."),
        ("1 OR 1=1", "There is no claim with that id. It has 5, 5 and 7 digits."),
    ],
)
def test_what_is_no_claim_is_said_and_kept(
    client: CheckingClient, world: World, tmp_path: Path, claim_id: str, sentence: str
) -> None:
    (original,) = quarantined(tmp_path, RAW)
    client.force_login(world.hana)
    response = client.post(page(original), {"claim_id": claim_id, "written_by": "DESK", "match": "1"})
    assert (response.status_code, response.context["wrong"]) == (200, [sentence])
    assert (response.context["claim_id"], response.context["chosen"]) == (claim_id.strip("\x00")[:40], "DESK")
    assert not Message.objects.exists()


def test_made_up_side_only_looks_the_claim_up(client: CheckingClient, world: World, tmp_path: Path) -> None:
    claim, (original,) = world.claim(), quarantined(tmp_path, RAW)
    client.force_login(world.hana)
    response = client.post(page(original), {"claim_id": claim.claim_id, "written_by": "BUYER", "match": "1"})
    assert (response.status_code, Message.objects.count()) == (200, 0)


def test_mail_of_another_sellers_member_is_warned_of(client: CheckingClient, world: World, tmp_path: Path) -> None:
    claim = world.claim()
    person = User.objects.create_user("support@seller-a.example", "x", name="Support")
    Membership.objects.create(user=person, seller=world.lamps, role=Role.MEMBER)
    (original,) = quarantined(tmp_path, RAW)  # from support@seller-a.example
    client.force_login(world.hana)
    response = client.post(page(original), {"claim_id": claim.claim_id, "written_by": "SELLER"})
    assert "written by or to a member of another seller" in response.content.decode()


def test_ids_it_names_are_offered(client: CheckingClient, world: World, tmp_path: Path) -> None:
    one, two = world.claim(), world.claim()
    (original,) = quarantined(tmp_path, mail(subject=f"{one.claim_id} and {two.claim_id}"))
    client.force_login(world.hana)
    response = client.get(page(original))
    assert response.context["look"].ids == (one.claim_id, two.claim_id)
    assert response.context["claim_id"] == ""


def test_original_comes_down_byte_for_byte(client: CheckingClient, world: World, tmp_path: Path) -> None:
    (original,) = quarantined(tmp_path, RAW)
    client.force_login(world.hana)
    response = client.get(f"{page(original)}original/")
    assert b"".join(response.streaming_content) == RAW  # type: ignore[attr-defined]
    response.close()
    assert response["Content-Disposition"] == f'attachment; filename="e-mail-{original.pk}.eml"'
    assert (response["X-Content-Type-Options"], response["Content-Security-Policy"]) == (
        "nosniff", "default-src 'none'; sandbox",
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 30])
def test_an_entry_of_the_thread_leads_to_its_e_mail(
    client: CheckingClient, world: World, count: int, django_assert_num_queries: Any
) -> None:
    claim = world.claim()
    mails = [mail(text=f"Kite {n}", subject=f"Kite {n}", mail_id=f"<{n}@x>", files={}) for n in range(count)]
    originals = [put_into(claim, content) for content in mails]
    redacted = originals[-1].message
    client.force_login(world.hana)
    client.get(f"/admin/desk/{claim.claim_id}/")
    with django_assert_num_queries(27):  # one more than a thread without old mail
        shown = client.get(f"/admin/desk/{claim.claim_id}/").content.decode()
    for original, content in zip(originals, mails, strict=True):
        assert f'<a href="{page(original)}">Original e-mail</a>' in shown
        assert f'<a href="{page(original)}original/">Download it as it came</a>' in shown
        assert client.get(page(original)).context["state"] == "In a thread"
        response = client.get(f"{page(original)}original/")
        assert content_of(response) == content

    client.force_login(world.alice)
    seen = client.get(f"/claims/{claim.claim_id}/messages/").content.decode()
    assert ("Kite 0" in seen, "/admin/" in seen, "Original e-mail" in seen) == (True, False, False)

    redact_message.redact_message(
        claim.pk, position=redacted.position, by=world.sam, why="Another buyer's address.", now=world.now
    )
    client.force_login(world.hana)
    again = client.get(f"/admin/desk/{claim.claim_id}/").content.decode()
    assert (again.count("Original e-mail"), page(originals[-1]) in again) == (count - 1, False)


def test_bytes_that_are_gone_are_said(client: CheckingClient, world: World, tmp_path: Path) -> None:
    (original,) = quarantined(tmp_path, RAW)
    store.take_back(original.storage_key)
    client.force_login(world.hana)
    response = client.get(page(original))
    assert (response.status_code, response.context["waits"]) == (200, False)
    assert response.context["wrong"] == ["Its bytes are no longer in storage, so it can't be read. Tell an operator."]
    assert client.get(f"{page(original)}original/").status_code == 404


@pytest.mark.parametrize("name", ["ada", "olga"])
def test_who_is_no_handler_reads_and_matches_nothing(
    client: CheckingClient, world: World, tmp_path: Path, name: str
) -> None:
    olga = User.objects.create_user("olga@desk.example", "x", name="Olga", is_staff=True)
    olga.groups.add(Group.objects.get(name=OPERATOR))
    claim, (original,) = world.claim(), quarantined(tmp_path, RAW)
    client.force_login(olga if name == "olga" else world.ada)
    assert client.get(page(original)).context["waits"] is False
    response = client.post(page(original), {"claim_id": claim.claim_id, "written_by": "SELLER", "match": "1"})
    assert response.context["wrong"] == ["You can read this claim. Decisions belong to case handlers."]
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ["alice", "vera", "mallory", None])
def test_nobody_else_comes_near(client: CheckingClient, world: World, tmp_path: Path, name: str | None) -> None:
    (original,) = quarantined(tmp_path, RAW)
    if name:
        client.force_login(getattr(world, name))
    for address in (page(original), f"{page(original)}original/", LIST):
        response = client.get(address)
        assert response.status_code == 302
        assert "kite" not in response.content.decode()


def test_number_that_no_row_has_is_not_found(client: CheckingClient, world: World) -> None:
    client.force_login(world.hana)
    for pk in ("1", "9" * 30):
        assert client.get(f"/admin/desk/mail/{pk}/").status_code == 404
        assert client.get(f"/admin/desk/mail/{pk}/original/").status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_list_of_waiting_mail_costs_the_same_for_any_number(
    client: CheckingClient, world: World, tmp_path: Path, django_assert_num_queries: object, count: int
) -> None:
    quarantined(tmp_path, *[mail(text=f"Kite {n}", subject=f"Kite {n}", mail_id=f"<{n}@x>") for n in range(count)])
    client.force_login(world.hana)
    client.get(LIST)
    with django_assert_num_queries(8):  # type: ignore[operator]
        response = client.get(LIST)
    assert response.content.decode().count("/admin/desk/mail/") == count


@pytest.mark.django_db(transaction=True)
def test_two_handlers_at_once_put_it_into_one_thread(
    transactional_db: None, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DESK_ADDRESSES = ["safe-t@desk.example"]
    world = World(now=timezone.now())
    claims = [world.claim(), world.claim()]
    (original,) = quarantined(tmp_path, RAW)
    said: list[str] = []
    start = threading.Barrier(2)

    def match(claim_id: str, user: User) -> None:
        start.wait()
        try:
            quarantine.match(
                original_pk=original.pk, claim_id=claim_id, written_by=Side.SELLER, user=user, now=world.now
            )
            said.append("matched")
        except NotMatched as error:
            said.append(str(error.code))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=match, args=(claim.claim_id, user))
        for claim, user in zip(claims, (world.hana, world.sam), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["NOT_WAITING", "matched"]
    assert Message.objects.filter(origin="IMPORTED").count() == 1
    original.refresh_from_db()
    with store.read(original.storage_key) as kept:
        assert kept.read() == RAW


def imported_mail(folder: Path, world: World, **files: tuple[bytes, str]) -> OriginalMail:
    """An e-mail in the thread of a new claim, with these files."""
    raw = mail(
        text="See the files.", subject=f"Claim {world.claim().claim_id}",
        files={name.replace("_", "."): content for name, content in files.items()},
    )  # fmt: skip
    call_command("import_correspondence", str(written(folder / "old.eml", raw)))
    return OriginalMail.objects.get(state="IMPORTED")


def test_a_file_that_is_redacted_takes_the_original_along(
    client: CheckingClient, world: World, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    original = imported_mail(tmp_path, world, kite_png=(png(), "image/png"), note_txt=(b"Broken.", "text/plain"))
    client.force_login(world.sam)
    assert status(world.sam, f"{page(original)}original/") == 200
    other = OriginalMail.objects.create(sha256="0" * 64, storage_key="mail/none", size=1, state="QUARANTINED")
    assert original.claim is not None
    key, redact = original.storage_key, f"/admin/desk/{original.claim.claim_id}/redact/"
    file = Attachment.objects.get(claim=original.claim, name="kite.png")

    with django_capture_on_commit_callbacks(execute=False) as owed:
        form = {**made_from(client.get(redact)), "what": f"file:{file.pk}", "why": "A face in it."}
        answer = client.post(redact, form)
    assert answer.status_code == 302

    # From the commit on, whether or not a worker has been there.
    assert status(world.sam, f"{page(original)}original/") == 404
    shown = client.get(page(original)).content.decode()
    assert "kite.png" not in shown
    assert f"{page(original)}original/" not in shown
    for each in owed:
        each()
    with pytest.raises(FileNotFoundError):
        store.read(key)
    original.refresh_from_db()
    other.refresh_from_db()
    assert original.erased_at is not None
    assert other.erased_at is None
    thread = client.get(f"/admin/desk/{original.claim.claim_id}/").content.decode()
    assert "See the files." in thread
    assert "note.txt" in thread


def test_a_file_that_did_not_come_by_e_mail_takes_no_original_along(world: World, tmp_path: Path) -> None:
    original = imported_mail(tmp_path, world, kite_png=(png(), "image/png"))
    assert original.claim is not None
    filed = Attachment.objects.filter(claim=original.claim, slot="ITEM_PHOTO").get()
    redact_message.redact_file(original.claim.pk, attachment_pk=filed.pk, by=world.sam, why="A face.", now=world.now)
    original.refresh_from_db()
    assert original.erased_at is None


WARNINGS = {
    "PENDING": "The original has files that are still being checked for viruses: kite.png.",
    "INFECTED": "The original has a file that failed the virus check: kite.png. Don&#x27;t open it.",
    "NOT_SCANNED": "The original has files that were not scanned for viruses: kite.png.",
}


@pytest.mark.parametrize("scan", ["CLEAN", *WARNINGS])
def test_the_page_warns_of_what_the_original_still_has(
    client: CheckingClient, world: World, tmp_path: Path, scan: str
) -> None:
    original = imported_mail(tmp_path, world, kite_png=(png(), "image/png"))
    Attachment.objects.filter(name="kite.png").update(scan=scan)
    client.force_login(world.hana)
    shown = client.get(page(original)).content.decode()
    assert [words for words in WARNINGS.values() if words in shown] == ([WARNINGS[scan]] if scan in WARNINGS else [])
    # It stands before the link.
    assert scan == "CLEAN" or shown.index(WARNINGS[scan]) < shown.index(f"{page(original)}original/")


def test_files_the_thread_did_not_take_and_files_of_no_thread_are_unscanned(
    client: CheckingClient, world: World, tmp_path: Path
) -> None:
    original = imported_mail(tmp_path, world, run_exe=(b"MZ\x90\x00" + b"\x00" * 60, "application/octet-stream"))
    waiting = quarantined(tmp_path, RAW, mail(mail_id="<2@x>", subject="No files"))
    client.force_login(world.hana)
    says = [
        "not scanned for viruses: run.exe." in client.get(page(original)).content.decode(),
        "not scanned for viruses: kite.png, run.exe." in client.get(page(waiting[0])).content.decode(),
        "viruses" in client.get(page(waiting[1])).content.decode(),
    ]
    assert says == [True, True, False]


def test_an_e_mail_that_cannot_be_taken_apart_says_that_nobody_looked(client: CheckingClient, world: World) -> None:
    key = store.put(ContentFile(b"\x00 no e-mail"), folder="mail")
    refused = OriginalMail.objects.create(sha256="1" * 64, storage_key=key, size=11, state="REFUSED")
    with store.storage().open(key, "wb") as nested:
        nested.write(deep_multipart(100))
    client.force_login(world.hana)
    shown = client.get(page(refused)).content.decode()
    assert "can&#x27;t be opened, so nothing in it was scanned for viruses." in shown
