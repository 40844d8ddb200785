"""What becomes of a kept file: checked, shown, or redacted again."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from claims.files import previews, publish, scan_queue, store
from claims.filing import draft_check
from claims.models import Attachment, Claim, EvidencePack, FileRefusal
from claims.records import redact
from claims.signals import attachment_quarantined
from messaging import packs
from messaging.compose import verbs
from messaging.compose.verbs import NotSent
from messaging.thread import entries
from tests.cast import World, picture
from tests.claims.files.samples import pdf
from tests.servers import EICAR, free_port

Scan, Making = Attachment.Scan, Attachment.Making


@pytest.fixture
def told():
    """The quarantine signals that were sent, as (name, claim id, position)."""
    heard = []

    def hear(attachment, claim, position, at, **_):
        heard.append((attachment.name, claim.claim_id, position))

    attachment_quarantined.connect(hear)
    yield heard
    attachment_quarantined.disconnect(hear)


def check(file: Attachment, world: World) -> Attachment:
    scan_queue.check_file(file.pk, now=world.now)
    file.refresh_from_db()
    return file


def test_a_file_waits_until_the_scanner_has_passed_it(clamd, world):
    claim = world.claim()
    file = claim.attachments.order_by("pk")[0]
    assert (file.scan, file.making) == (Scan.PENDING, Making.PENDING)

    check(file, world)

    assert (file.scan, file.threat, file.scanned_at) == (Scan.CLEAN, "", world.now)
    assert (file.making, file.previews, file.served_type) == (Making.MADE, 1, "image/png")


def test_without_a_scanner_a_file_says_so(world):
    file = world.claim().attachments.order_by("pk")[0]
    assert check(file, world).scan == Scan.NOT_SCANNED


def test_an_infected_file_of_a_claim_leaves_a_line_and_is_told(clamd, world, told):
    claim = world.claim()
    draft = world.reply_draft(claim)
    bad = world.add_file(draft, name="agreement.txt", data=EICAR.encode())
    verbs.send_message(
        claim_pk=claim.pk, membership=world.member(world.alice), text="See the file.", draft_uuid=draft.uuid,
        received_at=world.at(-3),
    )  # fmt: skip

    check(bad, world)
    check(bad, world)

    claim.refresh_from_db()
    line = FileRefusal.objects.get()
    assert (bad.scan, bad.threat, bad.making) == (Scan.INFECTED, "Test.Eicar.UNOFFICIAL", Making.NOTHING)
    assert (line.attachment, line.claim, line.position) == (bad, claim, claim.next_position - 1)
    assert told == [("agreement.txt", claim.claim_id, line.position)]
    for viewer in ("seller", "desk"):
        page = entries(claim, viewer=viewer, zone="UTC", now=world.now)
        said = [entry.words for entry in page.entries if line.position in entry.anchors]
        assert said == ["A file was not accepted: agreement.txt, it failed the virus check."]
        [chip] = [file for entry in page.entries for file in entry.files if file.name == "agreement.txt"]
        assert (chip.href, chip.is_refused, chip.state) == ("", True, "Not accepted: it failed the virus check")


def test_an_infected_file_of_a_draft_fills_no_slot(clamd, world, told):
    draft = world.draft()
    for file in draft.attachments.all():
        publish.scanned(file.pk, threat="Test.Eicar", now=world.now)

    missing = [problem.field for problem in draft_check.review(draft, world.at(-5)).problems]

    assert missing == ["slot-ITEM_PHOTO", "slot-LABEL_PHOTO"]
    assert (FileRefusal.objects.count(), told) == (0, [])


def test_an_infected_file_alone_is_nothing_to_send(clamd, world):
    claim = world.claim()
    draft = world.reply_draft(claim)
    check(world.add_file(draft, name="note.txt", data=EICAR.encode()), world)
    with pytest.raises(NotSent, match="EMPTY"):
        verbs.send_message(
            claim_pk=claim.pk, membership=world.member(world.alice), text=" ", draft_uuid=draft.uuid,
            received_at=world.at(-3),
        )  # fmt: skip


def test_an_infected_file_sent_along_is_told_at_once(clamd, world, told):
    claim = world.claim()
    draft = world.reply_draft(claim)
    bad = check(world.add_file(draft, name="note.txt", data=EICAR.encode()), world)

    sent = verbs.send_message(
        claim_pk=claim.pk, membership=world.member(world.alice), text="See the file.", draft_uuid=draft.uuid,
        received_at=world.at(-3),
    )  # fmt: skip

    bad.refresh_from_db()
    assert (bad.claim, bad.position) == (claim, sent.message.position)
    assert told == [("note.txt", claim.claim_id, sent.message.position + 1)]


def test_scanner_down_keeps_the_file_waiting_until_a_sweep_finds_it_up(clamd_url, settings, world):
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    file = check(world.claim().attachments.order_by("pk")[0], world)
    assert (file.scan, file.making) == (Scan.PENDING, Making.MADE)
    swept = scan_queue.sweep(now=world.now)
    assert (swept.scanned, swept.waiting) == (0, 1)

    settings.CLAMD_URL = clamd_url
    swept = scan_queue.sweep(now=world.now)

    file.refresh_from_db()
    assert (file.scan, swept.scanned, swept.infected, swept.made) == (Scan.CLEAN, 2, 0, 0)


def test_a_sweep_goes_past_a_file_without_a_verdict(clamd, world):
    claim = world.claim()
    first, second = claim.attachments.order_by("pk")
    store.take_back(first.storage_key)

    swept = scan_queue.sweep(now=world.now)

    second.refresh_from_db()
    assert (swept.scanned, swept.waiting, second.scan, second.making) == (1, 1, Scan.CLEAN, Making.MADE)


def test_a_sweep_twice_does_nothing_more(clamd, world):
    world.claim()
    assert scan_queue.sweep(now=world.now).scanned == 2
    again = scan_queue.sweep(now=world.now)
    assert (again.scanned, again.made, again.waiting) == (0, 0, 0)


def test_previews_are_made_once(world):
    file = world.claim().attachments.order_by("pk")[0]
    assert (previews.make(file), previews.make(file)) == (True, False)
    file.refresh_from_db()
    assert [storages["attachments"].exists(key) for key in previews.keys_of(file)] == [True] * 4


def test_what_the_workshop_cannot_open_is_marked(world):
    draft = world.reply_draft(world.claim())
    file = world.add_file(draft, name="two.pdf", data=pdf())
    with store.storage().open(file.storage_key, "wb") as spoiled:
        spoiled.write(b"%PDF-1.7 nothing")
    assert check(file, world).making == Making.FAILED


def test_the_same_file_on_an_earlier_claim_is_said_to_both(world):
    first, second = world.claim(), world.claim()
    unlike = world.reply_draft(second)
    world.add_file(unlike, data=picture("#123456"))
    verbs.send_message(
        claim_pk=second.pk, membership=world.member(world.alice), text="More.", draft_uuid=unlike.uuid,
        received_at=world.at(-3),
    )  # fmt: skip

    assert list(first.attachments.order_by("pk").values_list("also_on", flat=True)) == ["", ""]
    also = [first.claim_id, first.claim_id, ""]
    assert list(second.attachments.order_by("pk").values_list("also_on", flat=True)) == also
    for viewer in ("seller", "desk"):
        page = entries(second, viewer=viewer, zone="UTC", now=world.now)
        assert {chip.also_on for chip in page.files} == {f"Also sent with claim {first.claim_id}", ""}


def test_a_rivals_same_file_is_nothing_to_say(world):
    world.claim(world.refund(seller=world.lamps), by=world.mallory)
    claim = world.claim()
    assert list(claim.attachments.values_list("also_on", flat=True)) == ["", ""]


def run(*args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_files", *args, stdout=out)
    except SystemExit as stopped:
        return int(stopped.code or 0), out.getvalue().strip()
    return 0, out.getvalue().strip()


def test_command_takes_up_files_from_before_the_scanner(world, settings, clamd_url):
    claim = world.claim()
    assert run("--dry-run") == (0, "0 files wait for the scanner, 2 for previews. Nothing was changed.")
    with pytest.raises(CommandError, match="CLAMD_URL isn't set"):
        call_command("check_files", "--not-scanned")

    settings.CLAMD_URL = clamd_url
    assert run("--not-scanned", "--dry-run", "--json") == (0, '{"to_scan": 2, "to_make": 2}')
    said = "Scanned 2 files, 0 of them infected; made previews of 2. 0 still wait."
    assert run("--not-scanned") == (0, said)

    assert set(claim.attachments.values_list("scan", "making")) == {(Scan.CLEAN, Making.MADE)}
    assert run("--json") == (0, '{"scanned": 0, "infected": 0, "previews": 0, "waiting": 0}')


def test_command_says_what_still_waits(world, settings):
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    world.claim()
    said = "Scanned 0 files, 0 of them infected; made previews of 2. 2 still wait."
    assert run() == (1, said)


def test_files_that_never_get_a_verdict_hold_up_none_that_would(clamd, world, monkeypatch):
    monkeypatch.setattr(scan_queue, "SWEEP", 2)
    for file in world.claim().attachments.all():
        store.take_back(file.storage_key)
    good = world.claim().attachments.order_by("pk")[0]

    first = scan_queue.sweep(now=world.at(-2))
    second = scan_queue.sweep(now=world.at(-1))

    good.refresh_from_db()
    assert (first.scanned, first.waiting, first.made) == (0, 2, 0)
    assert (second.scanned, second.made, good.scan, good.making) == (2, 2, Scan.CLEAN, Making.MADE)
    third = scan_queue.sweep(now=world.now)
    assert (third.scanned, third.waiting) == (0, 2)


def test_those_tried_longest_ago_come_first(world, monkeypatch):
    """One file a sweep, and each gets its turn."""
    monkeypatch.setattr(scan_queue, "SWEEP", 1)
    draft = world.reply_draft(world.claim())
    for number in range(3):
        world.add_file(draft, name=f"{number}.png", data=picture(f"#00000{number}"))
    mine = Attachment.objects.filter(draft=draft)
    for days, file in zip((-1, -3, -2), mine.order_by("pk"), strict=True):
        Attachment.objects.filter(pk=file.pk).update(make_tried_at=world.at(days))
    Attachment.objects.filter(claim__isnull=False).update(making=Making.NOTHING)
    made = []
    for _ in range(3):
        scan_queue.sweep(now=world.now)
        made += mine.filter(making=Making.MADE).exclude(name__in=made).values_list("name", flat=True)
    assert made == ["1.png", "2.png", "0.png"]


def test_those_tried_since_a_moment_are_left_out(world):
    draft = world.reply_draft(world.claim())
    for number in range(3):
        world.add_file(draft, name=f"{number}.png", data=picture(f"#00000{number}"))
    mine = Attachment.objects.filter(draft=draft)
    for days, file in zip((-1, -3, -2), mine.order_by("pk"), strict=True):
        Attachment.objects.filter(pk=file.pk).update(make_tried_at=world.at(days))
    Attachment.objects.filter(claim__isnull=False).update(making=Making.NOTHING)
    scan_queue.sweep(now=world.now, not_since=world.at(-2))
    assert list(mine.filter(making=Making.MADE).values_list("name", flat=True)) == ["1.png"]


def test_command_goes_past_more_files_without_a_verdict_than_a_sweep_takes(world, settings, clamd_url, monkeypatch):
    monkeypatch.setattr(scan_queue, "SWEEP", 1)
    settings.CLAMD_URL = clamd_url
    for file in world.claim().attachments.all():
        store.take_back(file.storage_key)
    good = world.claim()
    said = "Scanned 2 files, 0 of them infected; made previews of 2. 4 still wait."
    assert run() == (1, said)
    assert set(good.attachments.values_list("scan", "making")) == {(Scan.CLEAN, Making.MADE)}


def ready_packs(claim: Claim, world: World) -> list[str]:
    """Packs of both sides, made after the commit; the keys of their bytes."""
    for reader in EvidencePack.Reader:
        packs.ask(claim, reader=reader, user_id=world.alice.pk, now=world.now)
    made = EvidencePack.objects.filter(claim=claim, state=EvidencePack.State.READY)
    keys = list(made.values_list("storage_key", flat=True))
    assert len(keys) == 2
    return keys


@pytest.mark.django_db(transaction=True)
def test_a_virus_found_late_takes_the_packs_along_that_hold_the_file(transactional_db):
    world = World()
    claim, other = world.claim(), world.claim()
    file = claim.attachments.order_by("pk")[0]
    for each in Attachment.objects.all():
        check(each, world)
    keys, others = ready_packs(claim, world), ready_packs(other, world)
    assert [storages["attachments"].exists(key) for key in keys] == [True, True]

    publish.scanned(file.pk, threat="Test.Eicar", now=world.now)

    assert EvidencePack.objects.filter(claim=claim).count() == 0
    assert [storages["attachments"].exists(key) for key in keys] == [False, False]
    assert [storages["attachments"].exists(key) for key in others] == [True, True]


@pytest.mark.parametrize("threat", ["", "Test.Eicar"])
def test_a_verdict_on_a_file_that_was_redacted_meanwhile_changes_and_tells_nothing(clamd, world, told, threat):
    claim = world.claim()
    file = claim.attachments.order_by("pk")[0]
    redact.redact_file(claim.pk, attachment_pk=file.pk, by=world.sam, why="A name.", now=world.now)
    as_it_was, position = Attachment.objects.values().get(pk=file.pk), Claim.objects.get(pk=claim.pk).next_position

    assert not publish.scanned(file.pk, threat=threat, now=world.now)

    assert (Attachment.objects.values().get(pk=file.pk), told) == (as_it_was, [])
    assert Claim.objects.get(pk=claim.pk).next_position == position


@pytest.mark.django_db(transaction=True)
def test_files_that_are_to_be_scanned_after_all_take_their_packs_along(transactional_db):
    world = World()
    claim = world.claim()
    for each in Attachment.objects.all():
        check(each, world)
    keys = ready_packs(claim, world)

    assert scan_queue.scan_again() == 2

    assert EvidencePack.objects.filter(claim=claim).count() == 0
    assert [storages["attachments"].exists(key) for key in keys] == [False, False]


def test_a_pack_that_is_being_made_when_a_virus_is_found_is_not_handed_over(world, monkeypatch):
    claim = world.claim()
    file = claim.attachments.order_by("pk")[0]
    for each in claim.attachments.all():
        check(each, world)
    pack = packs.ask(claim, reader=EvidencePack.Reader.SELLER, user_id=world.alice.pk, now=world.now)
    put, found = store.put, []

    def found_meanwhile(content, folder="files"):
        found.append(publish.scanned(file.pk, threat="Test.Eicar", now=world.now))
        return put(content, folder)

    monkeypatch.setattr(store, "put", found_meanwhile)
    assert not packs.make(pack.pk, now=world.now)
    assert (found, EvidencePack.objects.count()) == ([True], 0)
