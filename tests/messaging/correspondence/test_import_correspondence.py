import base64
import json
import os
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail as outbox
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from accounts.models import Membership, Role, Seller, User
from claims.files import store
from claims.models import Attachment, Claim, Redaction, StatusChange, Unseen
from claims.rules.lifecycle import Status
from messaging.models import Message, OriginalMail, OutgoingEmail
from messaging.notifications import template_values
from messaging.packs import contents
from tests.adopted import CLAIM, FILED_AT, ORDER, imported_claim
from tests.claims.files.samples import png
from tests.messaging.correspondence.mails import mail, mbox, written

OTHER_CLAIM, OTHER_ORDER = "10000-20000-3000001", "111-0000003-0000003"
FROM_DESK = {"sender": "SAFE-T <safe-t@desk.example>", "to": "Seller A <support@seller-a.example>"}


def run(*args) -> tuple[int, str, list[str]]:
    """The command's exit code, its last line, and the lines before it."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_correspondence", *map(str, args), stdout=out, stderr=err)
        code = 0
    except SystemExit as stopped:
        code = stopped.code
    return code, out.getvalue().strip(), err.getvalue().splitlines()


def said(read=1, imported=0, there=0, quarantined=0, refused=0) -> str:
    mails = "e-mail" if read == 1 else "e-mails"
    return (
        f"Read {read} {mails}: {imported} imported, {there} already there, "
        f"{quarantined} in quarantine, {refused} refused."
    )


def stored_files() -> set[str]:
    place = Path(storages["attachments"].location)
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def no_files_left_over(db):
    """Of the files this test stored, each is named by a row at its end."""
    before = stored_files()
    yield
    named = set(Attachment.objects.values_list("storage_key", flat=True))
    named |= set(OriginalMail.objects.values_list("storage_key", flat=True))
    assert stored_files() - before == named


OLD_MAILBOX = mbox(
    mail(text=f"Your SAFE-T claim {CLAIM} is registered.", subject=f"Claim {CLAIM}", mail_id="<r1@desk>", **FROM_DESK),
    mail(
        text="Please send a photo.",
        mail_id="<r2@desk>",
        date="Fri, 22 Aug 2025 08:00:00 +0000",
        **FROM_DESK,
    ),
    mail(
        text="Here it is.\n\nOn Fri, 22 Aug 2025 at 08:00, SAFE-T wrote:\n> Please send a photo.\n",
        files={"Etikett größer.png": (png(), "image/png")},
    ),
    mail(
        text="Granted.",
        html='<p><b>Granted.</b><img src="http://tracker.example/p.gif"></p>',
        subject=f"Update on order {ORDER}",
        date="Mon, 25 Aug 2025 09:00:00 +0000",
        mail_id="<r3@desk>",
        **FROM_DESK,
    ),
    mail(text=f"About {CLAIM} and {OTHER_CLAIM}: when are they paid?", subject="Two questions", mail_id="<s2@x>"),
    mail(text="Our invoice address has changed.", subject="Invoice address", mail_id="<s3@x>"),
)


def test_mailbox_is_brought_into_the_thread(db, tmp_path, no_files_left_over):
    claim = imported_claim()
    path = written(tmp_path / "old.mbox", OLD_MAILBOX)

    code, summary, notes = run(path, "--seller", "seller-a")

    assert (code, summary) == (1, said(6, imported=4, quarantined=2))
    assert notes == [
        "old.mbox, e-mail 5: It names several claims. In quarantine.",
        "old.mbox, e-mail 6: It names no claim and no order. In quarantine.",
    ]
    thread = Message.objects.filter(claim=claim).order_by("position")
    assert [(m.position, m.at, m.party, m.text, m.quoted) for m in thread] == [
        (2, datetime(2025, 8, 22, 9, 30, tzinfo=UTC), "DESK", f"Your SAFE-T claim {CLAIM} is registered.", ""),
        (3, datetime(2025, 8, 22, 8, 0, tzinfo=UTC), "DESK", "Please send a photo.", ""),
        (
            4,
            datetime(2025, 8, 22, 9, 30, tzinfo=UTC),
            "SELLER",
            "Here it is.",
            "On Fri, 22 Aug 2025 at 08:00, SAFE-T wrote:\n> Please send a photo.",
        ),
        (5, datetime(2025, 8, 25, 9, 0, tzinfo=UTC), "DESK", "Granted.", ""),
    ]
    assert {(m.origin, m.purpose, m.author, m.date_known, m.seller) for m in thread} == {
        ("IMPORTED", "MESSAGE", None, True, claim.seller)
    }
    claim.refresh_from_db()
    assert claim.next_position == 6


def test_file_goes_through_the_pipeline_and_is_shown_with_its_message(db, tmp_path):
    claim = imported_claim()

    run(written(tmp_path / "old.mbox", OLD_MAILBOX))

    file = Attachment.objects.get()
    assert (file.claim, file.seller, file.position, file.party) == (claim, claim.seller, 4, "SELLER")
    assert (file.name, file.media_type, file.size) == ("Etikett größer.png", "image/png", len(png()))
    assert file.shown_at is not None
    with store.read(file.storage_key) as kept:
        assert kept.read() == png()


def test_original_is_kept_byte_for_byte(db, tmp_path):
    imported_claim()
    original = mail(text="From here on.\r\n").replace(b"\n", b"\r\n")

    run(written(tmp_path / "one.eml", original))

    row = OriginalMail.objects.get()
    assert (row.state, row.size, row.mail_id, row.source) == (
        "IMPORTED",
        len(original),
        "s1@seller-a.example",
        "one.eml",
    )
    with store.read(row.storage_key) as kept:
        assert kept.read() == original


def test_quarantined_mail_is_kept_with_its_cause(db, tmp_path):
    claim = imported_claim()

    run(written(tmp_path / "old.mbox", OLD_MAILBOX), "--seller", "seller-a")

    rows = OriginalMail.objects.filter(state="QUARANTINED").order_by("id")
    assert [(row.cause, row.subject, row.source, row.seller, row.claim, row.message) for row in rows] == [
        ("SEVERAL_CLAIMS", "Two questions", "old.mbox, e-mail 5", claim.seller, None, None),
        ("NO_ID", "Invoice address", "old.mbox, e-mail 6", claim.seller, None, None),
    ]


def test_nothing_is_sent_moved_or_unread(db, tmp_path, django_capture_on_commit_callbacks):
    claim = imported_claim()
    alice = User.objects.create_user("alice@seller-a.example")
    Membership.objects.create(user=alice, seller=claim.seller, role=Role.OWNER)
    before = Claim.objects.filter(pk=claim.pk).values().get()
    changes = StatusChange.objects.count()

    with django_capture_on_commit_callbacks(execute=True):
        run(written(tmp_path / "old.mbox", OLD_MAILBOX))

    after = Claim.objects.filter(pk=claim.pk).values().get()
    assert {name for name in after if after[name] != before[name]} == {"next_position"}
    assert (StatusChange.objects.count(), Unseen.objects.count(), OutgoingEmail.objects.count()) == (changes, 0, 0)
    assert outbox.outbox == []


@pytest.mark.parametrize("status", [Status.GRANTED, Status.DENIED, Status.WITHDRAWN, Status.AWAITING_SELLER])
def test_claims_of_any_status_are_served(db, tmp_path, status):
    reply_by = datetime(2026, 2, 1, tzinfo=UTC) if status is Status.AWAITING_SELLER else None
    claim = imported_claim(status=status, reply_by=reply_by)

    assert run(written(tmp_path / "one.eml", mail()))[:2] == (0, said(imported=1))
    assert Message.objects.get().claim == claim


def test_again_adds_nothing(db, tmp_path, no_files_left_over):
    imported_claim()
    path = written(tmp_path / "old.mbox", OLD_MAILBOX)
    run(path)

    code, summary, notes = run(path)

    assert (code, summary) == (1, said(6, there=4, quarantined=2))
    assert len(notes) == 2
    assert (Message.objects.count(), OriginalMail.objects.count(), Attachment.objects.count()) == (4, 6, 1)


def test_same_mail_in_another_form_is_already_there(db, tmp_path):
    imported_claim()
    one = mail(text="Hello,\n\nFrom Berlin it went to Rome.\n")
    run(written(tmp_path / "old.mbox", mbox(one)))

    assert run(written(tmp_path / "one.eml", one.replace(b"\n", b"\r\n")))[:2] == (0, said(there=1))


def test_same_mail_twice_in_one_mailbox_is_one_message(db, tmp_path):
    imported_claim()
    path = written(tmp_path / "old.mbox", mbox(mail(), mail()))

    assert run(path, "--dry-run")[1] == said(2, imported=1, there=1)
    assert run(path)[1] == said(2, imported=1, there=1)


def test_same_message_id_with_other_bytes_is_another_mail(db, tmp_path):
    imported_claim()
    path = written(tmp_path / "old.mbox", mbox(mail(text="One."), mail(text="Two.")))

    assert run(path)[1] == said(2, imported=2)
    assert list(Message.objects.order_by("position").values_list("text", flat=True)) == ["One.", "Two."]


def test_dry_run_writes_nothing(db, tmp_path):
    imported_claim()
    before = stored_files()
    path = written(tmp_path / "old.mbox", OLD_MAILBOX)

    code, summary, notes = run(path, "--dry-run")

    assert (code, summary, notes[-1]) == (
        1,
        said(6, imported=4, quarantined=2),
        "Dry run: nothing was written.",
    )
    assert (Message.objects.count(), OriginalMail.objects.count(), Attachment.objects.count()) == (0, 0, 0)
    assert stored_files() == before


def test_dry_run_of_what_is_there_says_so(db, tmp_path):
    imported_claim()
    path = written(tmp_path / "old.mbox", OLD_MAILBOX)
    run(path)

    assert run(path, "--dry-run")[1] == said(6, there=4, quarantined=2)


def test_quarantined_mail_goes_in_when_its_claim_is_known(db, tmp_path, no_files_left_over):
    path = written(tmp_path / "one.eml", mail())
    Seller.objects.create(slug="seller-a", name="Seller A", marketplace="US")
    assert run(path)[1:] == (said(quarantined=1), ["one.eml: It names a claim that isn't here. In quarantine."])
    superseded = OriginalMail.objects.get().storage_key
    claim = imported_claim()

    assert run(path)[:2] == (0, said(imported=1))

    row = OriginalMail.objects.get()
    assert (row.state, row.cause, row.claim, row.message.claim) == ("IMPORTED", "", claim, claim)
    store.take_back(superseded)  # on commit, which this test's transaction never reaches


def test_another_sellers_claim_is_not_written_to(db, tmp_path):
    imported_claim()
    theirs = imported_claim(OTHER_CLAIM, OTHER_ORDER, seller="seller-b")
    path = written(
        tmp_path / "old.mbox",
        mbox(
            mail(subject=f"Re: claim {OTHER_CLAIM}", text="Secret of A."),
            mail(subject=f"Order {OTHER_ORDER}", text="Secret of A."),
        ),
    )

    code, summary, notes = run(path, "--seller", "seller-a")

    assert (code, summary) == (1, said(2, quarantined=2))
    assert notes == [
        f"old.mbox, e-mail {n}: It names a claim or an order of another seller. In quarantine." for n in (1, 2)
    ]
    assert not Message.objects.filter(claim=theirs).exists()
    assert set(OriginalMail.objects.values_list("seller__slug", "claim")) == {("seller-a", None)}


def test_mail_of_a_rivals_member_does_not_reach_a_mistyped_claim(db, tmp_path):
    imported_claim()
    imported_claim(OTHER_CLAIM, OTHER_ORDER, seller="seller-b")
    alice = User.objects.create_user("alice@seller-a.example")
    Membership.objects.create(user=alice, seller=Seller.objects.get(slug="seller-a"), role=Role.OWNER)
    wrong = f"Re: claim {OTHER_CLAIM}"
    path = written(
        tmp_path / "old.mbox",
        mbox(
            mail(subject=wrong, sender="Alice@Seller-A.example"),
            mail(subject=wrong, sender="safe-t@desk.example", to="alice@seller-a.example"),
            mail(sender="alice@seller-a.example"),
        ),
    )

    code, summary, notes = run(path)

    assert (code, summary) == (1, said(3, imported=1, quarantined=2))
    assert notes == [
        f"old.mbox, e-mail {n}: It was written by or to a member of another seller. In quarantine." for n in (1, 2)
    ]
    assert Message.objects.get().claim.claim_id == CLAIM


def test_order_with_two_claims_or_none(db, tmp_path):
    first = imported_claim()
    imported_claim(OTHER_CLAIM, ORDER)
    imported_claim("10000-20000-3000002", OTHER_ORDER)
    Claim.objects.get(claim_id=CLAIM)
    path = written(tmp_path / "old.mbox", mbox(mail(subject=f"Order {ORDER}"), mail(subject=f"Order {OTHER_ORDER}")))

    _, summary, notes = run(path)

    assert summary == said(2, imported=1, quarantined=1)
    assert notes == ["old.mbox, e-mail 1: It names an order that has several claims. In quarantine."]
    assert not Message.objects.filter(claim=first).exists()


@pytest.mark.parametrize("date", ["", "nonsense", "Fri, 22 Aug 2125 11:30:00 +0200"])
def test_mail_without_a_date_follows_the_one_before(db, tmp_path, date):
    claim = imported_claim()
    path = written(tmp_path / "old.mbox", mbox(mail(text="One."), mail(text="Two.", date=date)))

    assert run(path)[:2] == (0, said(2, imported=2))

    one, two = Message.objects.filter(claim=claim).order_by("at", "position")
    assert (two.text, two.at, two.date_known) == ("Two.", one.at, False)


def test_mail_without_date_and_id_comes_first_where_nothing_was_before(db, tmp_path):
    imported_claim()

    run(written(tmp_path / "one.eml", mail(date="", mail_id="")))

    message = Message.objects.get()
    assert (message.at, message.date_known, OriginalMail.objects.get(message=message).mail_id) == (FILED_AT, False, "")


def test_file_that_is_not_accepted_stays_in_the_original(db, tmp_path):
    imported_claim()
    program = b"MZ\x90\x00" + bytes(100)
    path = written(
        tmp_path / "one.eml",
        mail(
            files={"photo.png": (program, "image/png"), "..\\empty.txt": (b"", "text/plain"), "ok.png": (png(), "x/y")}
        ),
    )

    code, summary, notes = run(path)

    assert (code, summary) == (0, said(imported=1))
    assert notes == [
        "one.eml: photo.png is a program, whatever its name says. "
        "PNG, JPEG, WebP, HEIC, PDF, text, CSV, EML, MP4 and MOV are accepted. "
        "The original e-mail has it.",
        "one.eml: empty.txt is empty (0 bytes). Choose it again; on a phone, wait until the photo is saved. "
        "The original e-mail has it.",
        "2 files stayed in their e-mails' originals.",
    ]
    assert list(Attachment.objects.values_list("name", "media_type")) == [("ok.png", "image/png")]
    with store.read(OriginalMail.objects.get().storage_key) as kept:
        parts = message_from_bytes(kept.read()).get_payload()
        assert base64.b64decode(parts[1].get_payload()) == program


def test_mail_of_a_file_alone(db, tmp_path):
    imported_claim()

    run(written(tmp_path / "one.eml", mail(text="", files={"a.png": (png(), "image/png")})))

    assert Message.objects.get().text == ""
    assert Attachment.objects.count() == 1


def test_refused_mail_is_kept_and_listed(db, tmp_path, no_files_left_over):
    imported_claim()
    parts = b"".join(b"--x\nContent-Type: text/plain\n\n.\n" for _ in range(1001))
    path = tmp_path / "mails"
    written(path / "1.eml", b"%PDF-1.7")
    written(path / "2.eml", b"")
    written(path / "3.eml", b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + parts)
    written(path / "4.eml", mail())

    code, summary, notes = run(path)

    assert (code, summary) == (1, said(4, imported=1, refused=3))
    assert notes == [
        "mails/1.eml: It isn't an e-mail that can be read. Refused.",
        "mails/2.eml: It is empty. Refused.",
        "mails/3.eml: It has more than 1,000 parts. Refused.",
    ]
    assert list(OriginalMail.objects.filter(state="REFUSED").order_by("id").values_list("source", "cause")) == [
        ("mails/1.eml", "NOT_AN_EMAIL"),
        ("mails/3.eml", "TOO_MANY_PARTS"),
    ]
    assert run(path)[:2] == (1, said(4, there=1, refused=3))


def test_unusable_paths_stop_everything(db, tmp_path):
    imported_claim()
    good = written(tmp_path / "one.eml", mail())
    bad = written(tmp_path / "old.mbox", b"%PDF-1.7")

    with pytest.raises(CommandError) as stopped:
        run(good, bad)

    assert str(stopped.value) == f"{bad}: not an mbox and not an e-mail. It starts with: %PDF-1.7"
    assert stopped.value.returncode == 2
    assert OriginalMail.objects.count() == 0


def test_unknown_seller(db, tmp_path):
    with pytest.raises(CommandError) as stopped:
        run(written(tmp_path / "one.eml", mail()), "--seller", "shop-x")

    assert (str(stopped.value), stopped.value.returncode) == ('Seller "shop-x" doesn\'t exist.', 2)


def test_without_desk_addresses_nothing_is_guessed(db, tmp_path, settings):
    imported_claim()
    settings.DESK_ADDRESSES = []

    with pytest.raises(CommandError) as stopped:
        run(written(tmp_path / "one.eml", mail()))

    assert stopped.value.returncode == 2
    assert Message.objects.count() == 0


def test_json_accounts_for_every_mail(db, tmp_path):
    imported_claim()
    path = written(tmp_path / "old.mbox", OLD_MAILBOX)

    code, out, notes = run(path, "--json")

    report = json.loads(out)
    assert (code, notes) == (1, [])
    mails = report.pop("mails")
    assert report == {
        "read": 6,
        "imported": 4,
        "already_there": 0,
        "quarantined": 2,
        "refused": 0,
        "not_sent": 0,
        "files": 1,
        "files_left_out": 0,
        "files_not_read": 0,
        "automatic": 0,
        "claims_waiting_for_a_reply": [],
        "claims_with_automatic_mail": [],
        "dry_run": False,
    }
    assert [mail["result"] for mail in mails] == ["imported"] * 4 + ["quarantined"] * 2
    assert mails[4] == {
        "place": "old.mbox, e-mail 5",
        "size": mails[4]["size"],
        "result": "quarantined",
        "cause": "SEVERAL_CLAIMS",
        "why": "It names several claims.",
        "subject": "Two questions",
        "names": [CLAIM, OTHER_CLAIM],
    }


def test_claim_that_waits_though_the_mailbox_has_the_reply(db, tmp_path):
    reply_by = datetime(2026, 2, 1, tzinfo=UTC)
    imported_claim(status=Status.AWAITING_SELLER, reply_by=reply_by)
    asked = mail(text="Send a photo.", date="Fri, 22 Aug 2025 08:00:00 +0000", mail_id="<1@x>", **FROM_DESK)
    replied = mail(text="Here.", date="Fri, 22 Aug 2025 09:00:00 +0000", mail_id="<2@x>")
    asked_again = mail(text="Another.", date="Fri, 22 Aug 2025 10:00:00 +0000", mail_id="<3@x>", **FROM_DESK)
    note = f"1 claim waits for a reply, but the imported mail has one: {CLAIM}"

    answered = written(tmp_path / "answered.mbox", mbox(asked, replied))
    assert run(answered, "--dry-run")[2] == [note, "Dry run: nothing was written."]
    assert run(answered)[2] == [note]
    assert run(answered)[2] == [note]
    # Only a handler ends the hold: as long as it lasts the command says so, as the pages do.
    assert run(written(tmp_path / "more.mbox", mbox(replied, asked_again)))[2] == [note]
    assert Claim.objects.get().status == Status.AWAITING_SELLER


@pytest.mark.parametrize("name", ["a" * 400 + ".png", "x\u202egnp.exe", "a/../../b.png", "nul\x00.png", ""])
def test_hostile_file_names(db, tmp_path, name):
    imported_claim()
    raw = mail(files={"placeholder.png": (png(), "image/png")})
    encoded = "=?utf-8?b?" + base64.b64encode(name.encode()).decode() + "?="

    code, summary, _ = run(written(tmp_path / "one.eml", raw.replace(b"placeholder.png", encoded.encode())))

    assert (code, summary) == (0, said(imported=1))
    kept = Attachment.objects.get().name
    assert len(kept) <= 120
    assert not set("/\\\x00\u202e") & set(kept)
    assert kept.endswith(".png")


def test_nul_and_other_controls_anywhere_are_dropped(db, tmp_path):
    imported_claim()
    raw = f"From: a@b.example\nSubject: claim {CLAIM} \x00\x07\nMessage-ID: <a\x00b>\n\nHel\x00lo\n".encode()

    assert run(written(tmp_path / "old.mbox", mbox(raw)))[:2] == (0, said(imported=1))
    assert Message.objects.get().text == "Hello"


def test_mails_cost_few_queries_each(db, tmp_path, django_assert_max_num_queries):
    imported_claim()
    path = written(tmp_path / "old.mbox", mbox(*[mail(text=f"Mail {n}.", mail_id=f"<{n}@x>") for n in range(100)]))

    with django_assert_max_num_queries(100 * 11 + 20):
        assert run(path)[1] == said(100, imported=100)
    with django_assert_max_num_queries(20):
        assert run(path)[1] == said(100, there=100)


def test_progress_is_not_written_where_nobody_looks(db, tmp_path, capfd):
    imported_claim()

    run(written(tmp_path / "old.mbox", OLD_MAILBOX))

    assert capfd.readouterr() == ("", "")


def test_positions_follow_what_is_in_the_thread(db, tmp_path):
    claim = imported_claim()
    Claim.objects.filter(pk=claim.pk).update(next_position=40)

    run(written(tmp_path / "one.eml", mail()))

    assert Message.objects.get().position == 40


def test_mail_from_tomorrow_is_believed_but_not_from_next_week(db, tmp_path):
    imported_claim()
    now = datetime.now(UTC)
    dates = [(now + timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S +0000") for hours in (20, 24 * 7)]
    path = written(tmp_path / "old.mbox", mbox(*[mail(date=date, mail_id="") for date in dates]))

    run(path)

    assert list(Message.objects.order_by("position").values_list("date_known", flat=True)) == [True, False]


def test_unreadable_file_in_a_folder_is_refused(db, tmp_path):
    imported_claim()
    written(tmp_path / "mails" / "a.eml", mail())
    os.symlink(tmp_path / "nowhere", tmp_path / "mails" / "b.eml")

    code, summary, notes = run(tmp_path / "mails")

    assert (code, summary) == (1, said(2, imported=1, refused=1))
    assert notes == ["mails/b.eml: The file can't be read. Refused."]


@pytest.mark.parametrize("name", [b"R\xfcckfrage.eml", b"two\nlines.eml"])
def test_file_whose_name_is_no_text_of_ours_is_read_like_any(db, tmp_path, name):
    imported_claim()
    folder = tmp_path / "mails"
    written(folder / "a.eml", mail(subject="No id"))
    os.rename(folder / "a.eml", os.fsencode(folder) + b"/" + name)

    code, summary, notes = run(folder)

    shown = {b"R": "mails/Rückfrage.eml", b"t": "mails/two lines.eml"}[name[:1]]
    assert (code, summary) == (1, said(quarantined=1))
    assert notes == [f"{shown}: It names no claim and no order. In quarantine."]
    assert OriginalMail.objects.get().source == shown


def test_file_of_an_old_mail_is_of_the_day_it_was_sent(db, tmp_path):
    claim = imported_claim()
    run(written(tmp_path / "old.mbox", OLD_MAILBOX))
    file, sent_at = Attachment.objects.get(), datetime(2025, 8, 22, 9, 30, tzinfo=UTC)

    assert [one.at for one in contents.read(claim, with_notes=False, now=FILED_AT).files] == [sent_at]

    row = Redaction.objects.create(
        seller=claim.seller, claim=claim, position=99, of_position=file.position, attachment=file,
        what=Redaction.What.FILE, at=FILED_AT, by=User.objects.create_user("sam@desk.example"), why="An address.",
    )  # fmt: skip
    email = OutgoingEmail(kind=OutgoingEmail.Kind.REDACTED, claim=claim, params={"redaction": row.pk})
    assert template_values.of_claim(email, claim, "UTC", FILED_AT).values["day"] == "Aug 22, 2025"
