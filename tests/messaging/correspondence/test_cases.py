"""E-mails and mailboxes as they are found, each alone through the real command: what is in the thread afterwards.

The second table of docs/correspondence.md is this test's own: `UPDATE_DOCS=1` writes what really happens. What
happened before is kept here, for the record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from claims.models import Attachment, Claim
from claims.rules.lifecycle import Status
from messaging.models import Message, OriginalMail
from tests.adopted import imported_claim
from tests.messaging.correspondence.test_import_correspondence import run, said
from tests.tables import DocsTable

CASES = Path(__file__).parent / "cases"
DESK = ["safe-t@desk.example", "safe-t@marketplace.example"]
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """A file and the claim it names. `words` and `quoted` are how the entry's begin, `last` how its words end.

    `party` is whose words they are, `kind` what the e-mail is; `before` is what became of it in earlier versions.
    """

    file: str
    claim: str
    words: str
    quoted: str = ""
    last: str = ""
    party: str = "SELLER"
    kind: str = "MAIL"
    mails: int = 1
    files: tuple[tuple[str, int], ...] = ()
    left_out: tuple[str, ...] = ()
    day: str = "2026-10-12"
    before: str = "the same"


NOT_READ = "not read"
JOINED = "the two e-mails were one entry"
UNFOLDED = "what is quoted was read as the writer's own"
UNMATCHED = "in quarantine: it names no claim"
CASES_OF_MAIL = (
    Case("forms/12345.emlx", "85563-63873-4611842", "fifth, an emlx of Apple Mail", day="2026-11-03", before=NOT_READ),
    Case("forms/bounce.eml", "60247-51304-1810621", "Your message could not be delivered: mailbox full.",
         quoted="From: safe-t@desk.example\nTo: someone@shop.example", party="SYSTEM", kind="BOUNCE",
         files=(("SAFE-T claim.eml", 91),), day="2026-11-29", before="the seller's words, and maybe the reply"),
    Case("forms/cr-only.eml", "28775-98507-5593962", "The box was empty.", last="Sam", quoted="________"),
    Case("forms/docx-only.eml", "79994-80414-9000245", "", left_out=("proof-of-posting.docx",), day="2026-10-13",
         before="an entry that nobody could see"),
    Case("forms/forward-as-attachment.eml", "92246-17433-4420769", "see the attached e-mail of the buyer",
         files=(("buyer.eml", 596),), before="the file was not byte for byte what was sent"),
    Case("forms/gmail-html-reply.eml", "59420-33459-7191098", "The box was empty.", last="Sam", quoted="On Mon, Oct 5"),
    Case("forms/gmail-show-original-blank-line.eml", "28775-98507-5593962", "The box was empty.", last="Sam",
         quoted="________", before=NOT_READ),
    Case("forms/id_encoded_subject.eml", "85563-63873-4611842", "see subject", day="2026-11-03"),
    Case("forms/id_fullwidth.eml", "85563-63873-4611842", "We answer on claim number", day="2026-11-03",
         before=UNMATCHED),
    Case("forms/id_spaced.eml", "85563-63873-4611842", "We answer on claim number", day="2026-11-03", before=UNMATCHED),
    Case("forms/id_wrapped.eml", "85563-63873-4611842", "We answer on claim number", day="2026-11-03",
         before=UNMATCHED),
    Case("forms/latin1-label-utf8-late.eml", "40583-34001-6223827", "The parcel was refused by the buyer.",
         last="Größe übergroß", before="the last words were read in the wrong charset"),
    Case("forms/meta-charset-only.eml", "30711-53705-2848369", "Zażółć gęślą jaźń", before="“Za¿ó³æ gê¶l± ja¼ñ”"),
    Case("forms/named-body.eml", "19766-67622-1783586", "The buyer returned an empty box, photos follow.",
         before="no words, and a file message.txt"),
    Case("forms/old.mbox.gz", "85563-63873-4611842", "x", day="2026-11-03", before=NOT_READ),
    Case("forms/out-of-office.eml", "85428-49057-5790502", "I am out of the office until 2 November.", party="SYSTEM",
         kind="AUTO_REPLY", day="2026-11-29", before="the seller's words, and maybe the reply"),
    Case("forms/outlook-html-reply.eml", "36448-54992-3343753", "The box was empty.", last="Regards, Sam",
         quoted="From: SAFE-T"),
    Case("forms/past-date-received.eml", "60247-51304-1810621", "A PC whose battery is dead.", day="2026-10-13",
         before="of 1 January 1980"),
    Case("forms/pre-html.eml", "17423-32821-9278855", "Hello desk,\n\nline one\nline two\n    item   qty\n    A      3",
         before="“line one line two item qty A 3”"),
    Case("forms/quote-apple.eml", "62793-78722-5099928", "The box was empty.", last="Sent from my iPhone",
         quoted="> On 5 Oct 2026"),
    Case("forms/quote-de.eml", "65035-65479-9026535", "Danke, das Paket kam nie an.", last="Jürgen", quoted="Von: "),
    Case("forms/quote-es.eml", "60412-55071-2250031", "El paquete volvió vacío.", quoted="De: "),
    Case("forms/quote-fr.eml", "95104-69871-0836220", "Le colis est revenu vide.", quoted="De : "),
    Case("forms/quote-gm-de.eml", "40583-34001-6223827", "Danke.", quoted="Am Mo., 5. Okt. 2026"),
    Case("forms/quote-gm-es.eml", "19766-67622-1783586", "Gracias.", quoted="El lun, 5 oct 2026"),
    Case("forms/quote-gm-fr.eml", "91823-80126-4888895", "Merci.", quoted="Le lun. 5 oct. 2026"),
    Case("forms/quote-gm-it.eml", "03384-03749-9373098", "Grazie.", quoted="Il giorno lun 5 ott 2026"),
    Case("forms/quote-gm-ja.eml", "44168-82542-1943355", "ありがとう。", quoted="2026年10月5日"),
    Case("forms/quote-gm-nl.eml", "92246-17433-4420769", "Bedankt.", quoted="Op ma 5 okt 2026", before=UNFOLDED),
    Case("forms/quote-gm-pt.eml", "85428-49057-5790502", "Obrigado.", quoted="SAFE-T <safe-t@desk.example> escreveu",
         before=UNFOLDED),
    Case("forms/quote-gm-sv.eml", "52790-56708-9593942", "Tack.", quoted="Den mån 5 okt. 2026"),
    Case("forms/quote-inline.eml", "71603-96216-1515167", "> Did you ship it?\nYes, on Monday.", last="Blue Door Toys"),
    Case("forms/quote-ja.eml", "17423-32821-9278855", "箱は空でした。", quoted="差出人: ", before=UNFOLDED),
    Case("forms/quote-ol-en.eml", "28775-98507-5593962", "The box was empty.", last="Sam", quoted="________"),
    Case("forms/quote-pl.eml", "60423-81106-2250057", "Paczka była pusta.", quoted="Od: ", before=UNFOLDED),
    Case("forms/quote-sv.eml", "60399-10428-2250018", "Paketet var tomt.", quoted="Från: "),
    Case("forms/quote-zh.eml", "30711-53705-2848369", "箱子是空的。", quoted="发件人: "),
    Case("forms/stub-alternative.eml", "91823-80126-4888895", "We deny the claim because the tracking number 1Z999",
         before="“This message is in HTML format.”"),
    Case("forms/takeout.mbox", "85563-63873-4611842", "first of takeout", mails=2, day="2026-11-03"),
    Case("forms/utf16.eml", "28775-98507-5593962", "The box was empty.", last="Sam", quoted="________",
         before=NOT_READ),
    Case("forms/uuencode.eml", "38675-95760-0313560", "See file.", last="See file.", files=(("note.txt", 3),),
         before="the file was read as words"),
    Case("forms/uuencoded.eml", "85563-63873-4611842", "photo below", last="photo below", left_out=("photo.jpg",),
         day="2026-11-03", before="the file was read as words"),
    Case("forms/yahoo_flowed.eml", "85563-63873-4611842",
         "The box came back with the seal cut, we think the buyer kept the camera and sent a stone", day="2026-11-03",
         before="each line by itself"),
    Case("mail_clock/past_clock.eml", "43222-39003-0616670", "Here is the answer you asked for", day="2026-11-30",
         before="of 1 January 2018"),
    Case("mail_ooo/ooo.eml", "87538-89673-7807330", "Thank you for your message. I am away", party="SYSTEM",
         kind="AUTO_REPLY", day="2026-11-30", before="the seller's words, and maybe the reply"),
    Case("mail_stub/stub.eml", "58502-42223-6288567", "The box weighed 0.3 kg when it came back", day="2026-11-30",
         before="“To read this message, please use a mail program that shows HTML.”"),
    *(
        Case(f"mbox_separators/{name}.mbox", "39601-71474-0852377", f"words of mail {first}", mails=2, day="2026-11-03",
             before=before)
        for name, first, before in (
            ("bare", 0, JOINED), ("cr_only", 12, "refused"), ("dash", 2, JOINED), ("eudora", 4, "the same"),
            ("german", 10, JOINED), ("iso", 8, JOINED), ("takeout", 16, "the same"), ("tb_double", 14, "the same"),
            ("tb_year_first", 6, "the same"),
        )
    ),
)  # fmt: skip
_WHOSE = {"SELLER": "the seller's", "DESK": "the desk's", "SYSTEM": "nobody's"}


def table(base_dir: Path) -> DocsTable:
    names = tuple(case.file for case in CASES_OF_MAIL)
    return DocsTable(base_dir / "docs/correspondence.md", ("file", "before", "now"), names, of="cases")


@pytest.fixture(autouse=True)
def desk(settings: Any) -> None:
    settings.DESK_ADDRESSES = DESK


@pytest.mark.parametrize("case", CASES_OF_MAIL, ids=lambda case: case.file)
def test_a_mailbox_as_found_is_read_right(case: Case, db: None, base_dir: Path) -> None:
    claim = imported_claim(case.claim)

    code, summary, _notes = run(CASES / case.file, "--seller", "seller-a")

    assert (code, summary) == (0, said(case.mails, imported=case.mails))
    messages = list(Message.objects.filter(claim=claim, origin="IMPORTED").order_by("position"))
    originals = list(OriginalMail.objects.filter(claim=claim).order_by("message__position"))
    assert len(messages) == len(originals) == case.mails
    message, original = messages[0], originals[0]
    assert message.text.startswith(case.words)
    assert message.text.endswith(case.last)
    assert bool(message.text) == bool(case.words)
    assert message.quoted.startswith(case.quoted)
    assert bool(message.quoted) == bool(case.quoted)
    assert (message.party, original.kind) == (case.party, case.kind)
    assert str(message.at.date()) == case.day
    files = Attachment.objects.filter(claim=claim).order_by("pk")
    assert tuple(files.values_list("name", "size")) == case.files
    assert tuple(original.notes.get("left_out", ())) == case.left_out
    assert original.written_by
    table(base_dir).compare(case.file, case.before, _in_words(messages, originals, files))


def _in_words(messages: list[Message], originals: list[OriginalMail], files: Any) -> str:
    message, original = messages[0], originals[0]
    first = re.split(r"\n", message.text)[0]
    shown = first if len(first) <= 60 else first[:59] + "…"
    words = [f"“{shown}”" if shown else "No words, shown with its subject"]
    whose = original.get_kind_display().lower() if original.kind != "MAIL" else ""
    words.append(_WHOSE[message.party] + (f" ({whose})" if whose else ""))
    if len(messages) > 1:
        words.append(f"{len(messages)} entries")
    if message.quoted:
        words.append("what is quoted is folded")
    words += [f"{file.name} ({file.size} bytes)" for file in files]
    words += [f"{name} named, in the original" for name in original.notes.get("left_out", ())]
    if original.dated_at:
        words.append(f"of {message.at.date()}, its own date {original.dated_at.date()} is said")
    return "; ".join(words).replace("|", "")


def test_docs_name_every_file_of_the_cases(base_dir: Path) -> None:
    table(base_dir).compare_names()
    told = {case.file for case in CASES_OF_MAIL} | {"forms/draft-takeout.eml", "mbox_separators/two_sellers_bare.mbox"}
    kept = {str(file.relative_to(CASES)) for file in CASES.rglob("*") if file.is_file()}
    assert kept - told == {name for name in kept if name.startswith("folder-of-kinds/")}


def test_nothing_of_one_seller_is_in_the_thread_of_another(db: None) -> None:
    ours = imported_claim("39601-71474-0852377")
    theirs = imported_claim("94339-29340-0310517", "111-0000003-0000003", "seller-b")

    code, summary, _notes = run(CASES / "mbox_separators/two_sellers_bare.mbox")

    assert (code, summary) == (0, said(2, imported=2))
    told = Message.objects.filter(origin="IMPORTED").values_list("claim", "text", "quoted")
    assert sorted(told) == sorted(
        [
            (ours.pk, "Thank you for the payment.", ""),
            (theirs.pk, "Our purchase price for this lamp is 31.20 EUR; keep this between us.", ""),
        ]
    )


def test_a_draft_is_left_out_counted_and_taken_where_asked_for(db: None) -> None:
    claim = imported_claim("62793-78722-5099928", status=Status.AWAITING_SELLER, reply_by=NOW)
    path = CASES / "forms/draft-takeout.eml"

    code, summary, notes = run(path)

    assert (code, summary) == (
        0, "Read 1 e-mail: 0 imported, 0 already there, 0 in quarantine, 0 refused, 1 left out as draft or deleted."
    )  # fmt: skip
    assert notes == ["1 e-mail is a draft or was deleted and was left out; --with-drafts takes it too."]
    assert not OriginalMail.objects.exists()

    assert run(path, "--with-drafts")[:2] == (0, said(1, imported=1))
    assert OriginalMail.objects.get().kind == "DRAFT"
    assert Claim.objects.get(pk=claim.pk).mail_reply_at is None  # what was never sent is no reply
