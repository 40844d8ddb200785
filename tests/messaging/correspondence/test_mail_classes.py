"""Every class of old e-mail through the real command. The table of docs/correspondence.md is this test's own.

What really happens is put into words here, and each class compared with its row. `UPDATE_DOCS=1` writes it instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Membership, Role, User
from messaging.correspondence.causes import Cause, cause_words
from messaging.models import Message, OriginalMail
from tests.adopted import CLAIM, ORDER, imported_claim
from tests.claims.files.samples import png
from tests.claims.files.test_everywhere import ACCEPTED
from tests.messaging.correspondence import packets
from tests.messaging.correspondence.mails import (
    DESK,
    deep_forwards,
    deep_multipart,
    folded_header,
    long_header,
    mail,
    many_parts,
    with_fields,
    written,
)
from tests.messaging.correspondence.test_import_correspondence import OTHER_CLAIM, run, said
from tests.tables import DocsTable


@dataclass(frozen=True)
class MailClass:
    """`words` is what docs call it, `make` gives its bytes. `result` is the tally's word for it, `why` the cause."""

    words: str
    make: Callable[[], bytes]
    result: str = "imported"
    why: Cause | None = None
    files: int = 0
    left_out: int = 0
    is_cut_off: bool = False


def outlook() -> bytes:
    packed = packets.packet((packets.BODY, b"Said in Outlook.\x00"))
    return mail(text="", files={"winmail.dat": (packed, "application/ms-tnef")})


def of_a_rivals_member() -> bytes:
    return mail(sender="Mallory <mallory@seller-b.example>")


CLASSES = (
    MailClass("Plain text", mail),
    MailClass("HTML only", lambda: with_fields(content="Content-Type: text/html", body=b"<p>Hello.<script>1</script>")),
    MailClass("From the desk's address", lambda: mail(sender="SAFE-T <safe-t@desk.example>")),
    MailClass("With a picture and a program", lambda: mail(files={
        "box.png": (png(), "image/png"), "run.exe": (b"MZ\x90\x00" + bytes(60), "application/octet-stream"),
    }), files=1, left_out=1),
    MailClass("`winmail.dat` of Outlook", outlook),
    MailClass("Without date and Message-ID", lambda: mail(date="", mail_id="")),
    MailClass("Charset nobody knows", lambda: with_fields(content="Content-Type: text/plain; charset=x-nosuch")),
    MailClass("Cut off in the middle of a part", lambda: many_parts(3)[:-40], files=1, is_cut_off=True),
    MailClass("Header of 1 MB in one line", long_header),
    MailClass("Header of 1 MB, folded", folded_header),
    MailClass("1,000 parts", lambda: many_parts(999), files=998),
    MailClass("10,000 parts", lambda: many_parts(10_000), "refused", Cause.TOO_MANY_PARTS),
    MailClass("Multiparts 50 deep", lambda: deep_multipart(50)),
    MailClass("Multiparts 100 deep", lambda: deep_multipart(100), "refused", Cause.NESTED_TOO_DEEP),
    MailClass("Forwards 100 deep (`message/rfc822`)", lambda: deep_forwards(100), files=1),
    MailClass("Names no claim and no order", lambda: mail(subject="Hello"), "quarantined", Cause.NO_ID),
    MailClass("Names two claims", lambda: mail(subject=f"{CLAIM}, {OTHER_CLAIM}"), "quarantined", Cause.SEVERAL_CLAIMS),
    MailClass("Names a claim that isn't here", lambda: mail(subject="11111-22222-3333333"), "quarantined",
              Cause.UNKNOWN_CLAIM),
    MailClass("Names the order of the claim alone", lambda: mail(subject=f"Order {ORDER}")),
    MailClass("Names a claim of another seller", lambda: mail(subject=OTHER_CLAIM), "quarantined", Cause.OTHER_SELLER),
    MailClass("Written by a member of another seller", of_a_rivals_member, "quarantined", Cause.OTHER_PERSON),
    MailClass("No e-mail at all", lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "refused", Cause.NOT_AN_EMAIL),
    MailClass("Empty", lambda: b"", "refused", Cause.EMPTY),
    MailClass("Over 60 MB", lambda: with_fields(body=b"a line of text\n" * (60 * 70_000)), "refused", Cause.TOO_LARGE),
)  # fmt: skip
_TALLIED = {"imported": "In the thread", "quarantined": "In quarantine", "refused": "Refused"}


def table(base_dir: Path) -> DocsTable:
    names = tuple(given.words for given in CLASSES)
    return DocsTable(base_dir / "docs/correspondence.md", ("e-mail", "what happens", "files", "the original"), names)


@pytest.mark.parametrize("given", CLASSES, ids=lambda given: given.words)
def test_what_happens_to_a_class_of_mail_is_what_docs_say(
    given: MailClass, db: None, settings: Any, tmp_path: Path, base_dir: Path
) -> None:
    settings.DESK_ADDRESSES = list(DESK)
    claim = imported_claim()
    rivals = imported_claim(OTHER_CLAIM, "111-0000003-0000003", "seller-b")
    mallory = User.objects.create_user("mallory@seller-b.example", "x")
    Membership.objects.create(user=mallory, seller=rivals.seller, role=Role.OWNER)
    # In a folder, as it would be found: what a person names as an archive and is none stops the command instead.
    written(tmp_path / "old" / "one.eml", given.make())

    code, summary, notes = run(tmp_path / "old", "--seller", "seller-a")

    assert summary == said(**{given.result: 1})
    assert code == (0 if given.result == "imported" else 1)
    end = "Refused." if given.result == "refused" else "In quarantine."
    causes = [f"old/one.eml: {cause_words(given.why)} {end}"] if given.why else []
    files = [note for note in notes if note.endswith("The original e-mail has it.")]
    tally = f"{given.left_out} file stayed in its e-mail's original."
    cut_off = ["old/one.eml: It is cut off: its end is missing."] if given.is_cut_off else []
    assert notes == [*files, *causes, *cut_off, *([tally] if files else [])]
    assert len(files) == given.left_out
    assert claim.attachments.count() == given.files
    messages = Message.objects.filter(origin="IMPORTED")
    assert [each.claim for each in messages] == ([claim] if given.result == "imported" else [])
    kept = OriginalMail.objects.values_list("state", flat=True)
    nothing_to_keep = given.why in (Cause.EMPTY, Cause.TOO_LARGE)
    assert list(kept) == ([] if nothing_to_keep else [given.result.upper()])

    what = _TALLIED[given.result]
    if given.result == "imported":
        sides = {"DESK": "as the desk's", "SELLER": "as the seller's"}
        [message] = messages
        assert message.text
        what += f", {sides[message.party]}{'' if message.date_known else ', date unknown'}"
        what += ", and that it is cut off" if given.is_cut_off else ""
    else:
        what += f": {cause_words(str(given.why))}"
    taken = f"{given.files} accepted" if given.files else ""
    left = [note.split(": ", 1)[1].replace(ACCEPTED, "") for note in files]
    cells = "; ".join(part for part in (taken, *left) if part) or "–"
    table(base_dir).compare(given.words, what, cells, "not kept" if nothing_to_keep else "kept")


def test_docs_name_every_class_and_no_other(base_dir: Path) -> None:
    table(base_dir).compare_names()
