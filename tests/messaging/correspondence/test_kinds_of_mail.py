"""What kind of e-mail one is, who wrote it, when, and what in it are its words, by what the e-mail itself says."""

from __future__ import annotations

import base64
import struct
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messaging.correspondence import cms, header_blocks, matcher, rtf, unsent, uuencode
from messaging.correspondence.causes import KeptBack
from messaging.correspondence.matcher import Kind, Side
from messaging.correspondence.parse import Mail, parse
from messaging.correspondence.unsent import Unsent
from messaging.correspondence.when import Written, written
from tests.claims.files.samples import png
from tests.messaging.correspondence import outlook, packets
from tests.messaging.correspondence.mails import DESK, with_fields

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def parsed(content: bytes) -> Mail:
    found = parse(content)
    assert isinstance(found, Mail)
    return found


def kind_and_side(content: bytes) -> tuple[Kind, Side]:
    mail = parsed(content)
    return matcher.kind(mail, DESK), matcher.side(mail, DESK)


# -- who speaks -------------------------------------------------------------------------------------------------------

DSN = b"--b\nContent-Type: text/plain\n\nNot delivered.\n--b\nContent-Type: message/delivery-status\n\n"
DSN += b"Reporting-MTA: x\n\n"
DSN += b"Final-Recipient: rfc822; a@x.example\nAction: failed\n--b\nContent-Type: text/rfc822-headers\n\n"
DSN += b"From: safe-t@desk.example\nSubject: About 10000-20000-3000000\n--b--\n"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (("Auto-Submitted: auto-replied",), Kind.AUTO_REPLY),
        (("Auto-Submitted: auto-replied (vacation)",), Kind.AUTO_REPLY),
        (("auto-submitted: AUTO-GENERATED; owner=x",), Kind.AUTO_REPLY),
        (("Auto-Submitted: no",), Kind.MAIL),
        (("Precedence: auto_reply",), Kind.AUTO_REPLY),
        (("Precedence: bulk",), Kind.LIST),
        (("Precedence: junk",), Kind.LIST),
        (("Precedence: first-class",), Kind.MAIL),
        (("X-Autoreply: yes",), Kind.AUTO_REPLY),
        (("X-Autorespond: away",), Kind.AUTO_REPLY),
        (("X-Auto-Response-Suppress: All",), Kind.AUTO_REPLY),
        (("Return-Path: <>",), Kind.AUTO_REPLY),
        (("Return-Path: <alice@seller-a.example>",), Kind.MAIL),
        (("List-Id: Offers <offers.shop.example>",), Kind.LIST),
        (("X-Failed-Recipients: a@x.example",), Kind.BOUNCE),
        (("Auto-Submitted: auto-generated", "X-Mailer: Zendesk Mailer"), Kind.MAIL),
        (("Precedence: bulk", "X-RT-Originator: alice@seller-a.example"), Kind.MAIL),
        (("Auto-Submitted: auto-replied", "X-Mailer: Zendesk Mailer"), Kind.AUTO_REPLY),
    ],
)
def test_an_e_mail_that_nobody_wrote_is_a_kind_of_its_own(fields: tuple[str, ...], kind: Kind) -> None:
    assert kind_and_side(with_fields(*fields)) == (kind, Side.SELLER if kind is Kind.MAIL else Side.MACHINE)


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply: x", "Automatische Antwort: x", "Réponse automatique : x", "自动回复: x", "Otomatik Yanıt: x"],
)
def test_the_subject_of_an_automatic_reply_says_so_before_any_other_word(subject: str) -> None:
    content = with_fields().replace(b"Subject: Re: SAFE-T", f"Subject: {subject} SAFE-T".encode())
    assert kind_and_side(content) == (Kind.AUTO_REPLY, Side.MACHINE)
    answered = with_fields().replace(b"Subject: Re: SAFE-T", f"Subject: Re: {subject} SAFE-T".encode())
    assert kind_and_side(answered) == (Kind.MAIL, Side.SELLER)


def test_a_delivery_report_names_whom_it_did_not_reach_and_what_came_back() -> None:
    content = with_fields(content='Content-Type: multipart/report; report-type=delivery-status; boundary="b"', body=DSN)
    mail = parsed(content)
    assert (matcher.kind(mail, DESK), mail.bounced) == (Kind.BOUNCE, ("a@x.example",))
    assert (mail.text, mail.quoted) == (
        "Not delivered.", "From: safe-t@desk.example\nSubject: About 10000-20000-3000000",
    )  # fmt: skip
    assert mail.files == ()


def test_a_receipt_is_an_automatic_reply() -> None:
    body = (
        b"--b\nContent-Type: text/plain\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\nX: y\n--b--\n"
    )
    content = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"'
    assert kind_and_side(with_fields(content=content, body=body)) == (Kind.AUTO_REPLY, Side.MACHINE)


def from_(sender: str, *fields: str) -> bytes:
    content = with_fields(*fields)
    return content.replace(b"From: Seller A <support@seller-a.example>", f"From: {sender}".encode())


@pytest.mark.parametrize(
    ("sender", "fields", "side"),
    [
        (
            "\"'Alice' via Team\" <safe-t@desk.example>",
            ("X-Original-From: Alice <alice@seller-a.example>",),
            Side.SELLER,
        ),
        ("\"'Alice' via Team\" <safe-t@desk.example>", ("Reply-To: Alice <alice@seller-a.example>",), Side.SELLER),
        ("\"'Desk' via Team\" <team@list.example>", ("X-Original-Sender: safe-t@desk.example",), Side.DESK),
        ("\"'Alice' via Team\" <team@list.example>", ("Reply-To: safe-t@desk.example",), Side.SELLER),
        ("SAFE-T <safe-t@desk.example>", ("List-Post: <mailto:safe-t@desk.example>",), Side.DESK),
        ("Alice <alice@seller-a.example>", ("List-Id: <safe-t.desk.example>", "Precedence: list"), Side.SELLER),
        ("Alice <alice@seller-a.example>", ("List-Post: <mailto:safe-t@desk.example>",), Side.SELLER),
        ("SAFE-T <safe-t@desk.example>", ("Auto-Submitted: auto-generated",), Side.DESK),
        ("SAFE-T <safe-t@desk.example>", ("Auto-Submitted: auto-replied",), Side.MACHINE),
        ("SAFE-T <safe-t@desk.example>", ("Sender: x@y.example",), Side.SELLER),
    ],
)
def test_a_rewritten_sender_is_read(sender: str, fields: tuple[str, ...], side: Side) -> None:
    mail = parsed(from_(sender, *fields))
    assert (matcher.side(mail, DESK), matcher.is_anybodys(mail, DESK)) == (side, False)


def test_what_a_list_sent_on_in_the_desks_name_is_nobodys() -> None:
    mail = parsed(from_("\"'Alice' via Team\" <safe-t@desk.example>"))
    assert matcher.is_anybodys(mail, DESK)


# -- drafts and what was deleted -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("X-Gmail-Labels: Sent,Important", None),
        ("X-Gmail-Labels: Drafts", Unsent.DRAFT),
        ("X-Gmail-Labels: =?utf-8?q?Entw=C3=BCrfe,Wichtig?=", Unsent.DRAFT),
        ("X-Gmail-Labels: Trash,Unread", Unsent.DELETED),
        ("X-Gmail-Labels: =?utf-8?b?44K044Of566x?=", Unsent.DELETED),
        ("X-Unsent: 1", Unsent.DRAFT),
        ("X-Unsent: 0", None),
        ("X-Mozilla-Status: 0009", Unsent.DELETED),
        ("X-Mozilla-Status: 0001", None),
        ("X-Mozilla-Status2: 00200000", Unsent.DELETED),
        ("X-Mozilla-Draft-Info: internal/draft", Unsent.DRAFT),
        ("X-Status: D", Unsent.DELETED),
        ("Status: RO", None),
        ("Status: DONE", None),
    ],
)
def test_drafts_and_deleted_mail_are_known_by_the_marks_of_their_program(field: str, found: Unsent | None) -> None:
    assert parsed(with_fields(field)).unsent == found


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("Maildir/cur/1690000001.M1P2.host:2,S", None),
        ("Maildir/cur/1690000001.M1P2.host:2,ST", Unsent.DELETED),
        ("Maildir/cur/1690000001.M1P2.host:2,DS", Unsent.DRAFT),
        ("Maildir/.Trash/cur/1", Unsent.DELETED),
        ("Maildir/.INBOX.Drafts/cur/1", Unsent.DRAFT),
        ("Mail/Local Folders/Trash", Unsent.DELETED),
        ("Mail/imap.x/INBOX.sbd/Entwürfe", Unsent.DRAFT),
        ("Takeout/Mail/All mail Including Spam and Trash.mbox", None),
        ("mails.zip/Papierkorb/a.eml", Unsent.DELETED),
    ],
)
def test_drafts_and_deleted_mail_are_known_by_their_place(place: str, found: Unsent | None) -> None:
    assert unsent.by_place(place) == found


def test_a_draft_of_outlook_is_known_by_its_flag() -> None:
    assert parsed(outlook.message("s", "words", flags=8)).unsent is Unsent.DRAFT
    assert parsed(outlook.message("s", "words")).unsent is None


# -- when -------------------------------------------------------------------------------------------------------------

DAY = timedelta(days=1)


def at(dated: datetime | None, received: datetime | None, not_before: datetime | None = None) -> Written:
    fields = [f"Received: from a by b; {received:%a, %d %b %Y %H:%M:%S} +0000"] if received else []
    mail = parsed(with_fields(*fields).replace(b"Date: Fri, 22 Aug 2025 11:30:00 +0200\n", b""))
    if dated:
        mail = parsed(b"Date: " + f"{dated:%a, %d %b %Y %H:%M:%S} +0000\n".encode() + with_fields(*fields).replace(
            b"Date: Fri, 22 Aug 2025 11:30:00 +0200\n", b""))  # fmt: skip
    return written(mail, NOW, not_before)


def test_the_servers_moment_is_taken_where_the_e_mails_own_cant_be() -> None:
    sent = datetime(2026, 10, 13, 9, tzinfo=UTC)
    old = datetime(1990, 1, 1, tzinfo=UTC)
    assert at(sent, sent + DAY / 2) == Written(sent)
    assert at(old, sent) == Written(sent, True, old)
    assert at(sent, sent + DAY) == Written(sent + DAY, True, sent)
    assert at(None, sent) == Written(sent)
    assert at(NOW + 2 * DAY, sent) == Written(sent, False, NOW + 2 * DAY)
    assert at(NOW + 2 * DAY, None) == Written(None, True, NOW + 2 * DAY)
    assert at(sent, NOW + 2 * DAY) == Written(sent)
    assert at(None, None) == Written(None, True)
    assert at(sent, None, sent + 2 * DAY) == Written(sent, True)
    assert at(sent, None, sent) == Written(sent)


# -- which words ------------------------------------------------------------------------------------------------------


def alternative(plain: str, html: str) -> bytes:
    body = f"--b\nContent-Type: text/plain\n\n{plain}\n--b\nContent-Type: text/html\n\n{html}\n--b--\n".encode()
    return with_fields(content='Content-Type: multipart/alternative; boundary="b"', body=body)


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        ("Your client does not support HTML.", "<p>The label is attached, sent on Monday.</p>",
         "The label is attached, sent on Monday."),
        ("The label is attached, sent on Monday.", "<p>The label is <b>attached</b>, sent on Monday.</p>",
         "The label is attached, sent on Monday."),
        ("The label is attac", "<p>The label is attached, sent on Monday. The box was empty and the seal was cut.</p>",
         "The label is attached, sent on Monday. The box was empty and the seal was cut."),
        ("[image: logo]", "<p>箱は空でした。写真を送ります。</p>", "箱は空でした。写真を送ります。"),
    ],
)  # fmt: skip
def test_the_html_is_read_where_the_plain_text_only_stands_for_it(plain: str, html: str, text: str) -> None:
    assert parsed(alternative(plain, html)).text == text


def test_words_signed_in_the_text_are_read_without_the_signature() -> None:
    body = (
        b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nWords.\n- -- \nBob\n-----BEGIN PGP SIGNATURE-----\n\niQ\n"
    )
    mail = parsed(with_fields(body=body + b"-----END PGP SIGNATURE-----\n"))
    assert mail.text == "Words.\n--\nBob"


def test_flowed_text_is_unfolded_and_quotes_stay() -> None:
    body = b"One \ntwo \nthree.\n-- \nBob\n> quoted \n> on\n"
    mail = parsed(with_fields(content="Content-Type: text/plain; format=flowed", body=body))
    assert (mail.text, mail.quoted) == ("One two three.\n--\nBob", "> quoted on")


@pytest.mark.parametrize(
    "body",
    [
        b"a \n" * 300_000,
        b"begin 644 a\n" * 100_000,
        b"begin 644 a\n#0V%T\n" * 100_000,
        b"-----BEGIN PGP SIGNED MESSAGE-----\n" * 50_000,
        b"A: \n" * 200_000,
        b"\xc3" * 500_000,
        b"From: x@y\nDate: z\n\n" * 50_000,
        b"<style>" * 100_000,
        b"<p hidden>" * 100_000,
        b"{\\rtf1" + b"{" * 500_000,
    ],
    ids=range(10),
)
@pytest.mark.parametrize(
    "content", ["text/plain; format=flowed; delsp=yes", "text/html", "text/rtf", 'multipart/mixed; boundary="A: "']
)
def test_hostile_bodies_take_no_longer(body: bytes, content: str) -> None:
    start = time.process_time()
    assert isinstance(parse(with_fields(content=f"Content-Type: {content}", body=body)), Mail)
    assert time.process_time() - start < 4


@pytest.mark.parametrize("char", ["é", "ü"])
def test_one_odd_byte_does_not_turn_the_mail(char: str) -> None:
    body = "Größer als gedacht, fünfmal übergroß.\n".encode() + char.encode("cp1252") + b"\n"
    for charset in ("utf-8", "iso-8859-1", "us-ascii", "x-unknown"):
        found = parsed(with_fields(content=f"Content-Type: text/plain; charset={charset}", body=body))
        assert found.text == f"Größer als gedacht, fünfmal übergroß.\n{char}"


def test_a_part_without_charset_is_read_in_that_of_the_subject() -> None:
    body = "Коробка была пустой.".encode("koi8-r")
    found = parsed(b"Subject: =?koi8-r?B?8NLJ18XU?=\nFrom: a@b.example\n\n" + body)
    assert found.text == "Коробка была пустой."


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("箱は空でした。写真を送ります。", "cp932"),
        ("箱子是空的，请看照片和视频。", "gb18030"),
        ("Коробка была пустой, смотрите фото.", "cp1251"),
        ("Das Päckchen war größer.", "cp1252"),
    ],
)
def test_a_text_that_says_no_charset_is_read_by_what_it_looks_like(text: str, charset: str) -> None:
    assert parsed(b"From: a@b.example\n\n" + text.encode(charset)).text == text


def test_what_a_page_hides_is_not_read_out_but_where_all_is_hidden() -> None:
    page = '<div style="display:none">Preheader</div><p>Words.</p>'
    assert parsed(with_fields(content="Content-Type: text/html", body=page.encode())).text == "Words."
    page = '<div style="display:none">Only words</div>'
    assert parsed(with_fields(content="Content-Type: text/html", body=page.encode())).text == "Only words"


def test_style_sheets_do_not_count_as_words_that_are_read() -> None:
    page = b"<html><head><style>" + b"p{}" * 200_000 + b"</style></head><p>Words.</p>"
    assert parsed(with_fields(content="Content-Type: text/html", body=page)).text == "Words."


def test_a_date_of_a_database_is_read() -> None:
    content = with_fields().replace(b"Fri, 22 Aug 2025 11:30:00 +0200", b"2025-08-22T11:30:00+02:00")
    assert parsed(content).sent_at == datetime(2025, 8, 22, 9, 30, tzinfo=UTC)


def test_a_blank_before_the_colon_and_blank_lines_first_are_read() -> None:
    content = b"   \n\t\n" + with_fields().replace(b"Subject:", b"Subject :").replace(b"From:", b"From\t:")
    assert (parsed(content).subject, parsed(content).senders) == (
        parsed(with_fields()).subject,
        parsed(with_fields()).senders,
    )


# -- which files ------------------------------------------------------------------------------------------------------


def mixed(*parts: bytes) -> bytes:
    body = b"".join(b"--b\n" + part + b"\n" for part in parts) + b"--b--\n"
    return with_fields(content='Content-Type: multipart/mixed; boundary="b"', body=body)


def test_a_binary_part_is_byte_for_byte_what_was_sent() -> None:
    binary = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + b"\r\r\n\n\x00"
    part = b"Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: binary\n\n" + binary
    assert [file.content for file in parsed(mixed(part)).files] == [binary]


@pytest.mark.parametrize("encoding", ["7bit", "base64", "quoted-printable"])
def test_a_forwarded_mail_is_byte_for_byte_what_was_sent(encoding: str) -> None:
    inner = b"From: a@b.example\r\nSubject: x\r\nX-Long: " + b"word " * 60 + b"\r\n\r\nFrom here   \r\n=20 =\r\n"
    packed = {"7bit": inner, "base64": base64.encodebytes(inner), "quoted-printable": None}[encoding]
    if packed is None:
        import binascii

        packed = binascii.b2a_qp(inner, istext=False)
    part = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: " + encoding.encode() + b"\n\n" + packed
    assert [(file.name, file.content) for file in parsed(mixed(part)).files] == [("x.eml", inner)]


def test_base64_of_several_pieces_is_read_whole() -> None:
    pieces = base64.b64encode(b"first half, a") + b"\n" + base64.b64encode(b" and the second") + b"\n"
    part = b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n" + pieces
    assert [file.content for file in parsed(mixed(part)).files] == [b"first half, a and the second"]


def test_a_small_picture_within_the_words_is_no_evidence_and_a_photo_is() -> None:
    page = b'Content-Type: text/html\n\n<p>Regards<img src="cid:logo@x"><img src="cid:photo@x"></p>'

    def picture(content_id: str, content: bytes) -> bytes:
        head = f"Content-Type: image/png; name={content_id}.png\nContent-ID: <{content_id}@x>\n"
        return head.encode() + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(content)

    logo, photo, attached = png(width=90, height=40), png(width=900, height=700), png(width=91, height=40)
    named = b"Content-Type: image/png; name=small.png\nContent-Transfer-Encoding: base64\n\n"
    files = parsed(
        mixed(page, picture("logo", logo), picture("photo", photo), named + base64.encodebytes(attached))
    ).files
    assert [(file.name, file.kept_back) for file in files] == [
        ("logo.png", KeptBack.PART_OF_THE_WORDS), ("photo.png", None), ("small.png", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words", "files"),
    [
        ("a\nbegin 644 x.txt\n#0V%T\n`\nend\nb", "a\nb", [("x.txt", b"Cat")]),
        ("begin 644 x.txt\n#0V%T\nend", "", [("x.txt", b"Cat")]),
        ("begin 644 x.txt\nnot at all a file\nend", None, []),
        ("begin 644 x.txt\n#0V%T\n", None, []),
        ("we begin 644 things", None, []),
    ],
)
def test_uuencoded_files(text: str, words: str | None, files: list[tuple[str, bytes]]) -> None:
    assert uuencode.extract(text) == (text if words is None else words, files)


# -- signed, locked, rich --------------------------------------------------------------------------------------------


def der(tag: int, *content: bytes, known: bool = True) -> bytes:
    body = b"".join(content)
    if not known:
        return bytes([tag, 0x80]) + body + b"\x00\x00"
    size = len(body).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + body


def signed(content: bytes, known: bool = True, oid: str = "2a864886f70d010702") -> bytes:
    octets = der(0x04, content) if known else der(0x24, der(0x04, content[:5]), der(0x04, content[5:]), known=False)
    inner = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010701")), der(0xA0, octets, known=known), known=known)
    data = der(0x30, der(0x02, b"\x01"), der(0x31), inner, der(0x31), known=known)
    return der(0x30, der(0x06, bytes.fromhex(oid)), der(0xA0, data, known=known), known=known)


@pytest.mark.parametrize("known", [True, False])
def test_what_is_signed_within_the_signature_is_unpacked(known: bool) -> None:
    part = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSigned words.\r\n"
    body = base64.encodebytes(signed(part, known))
    fields = ("Content-Transfer-Encoding: base64",)
    mail = parsed(with_fields(*fields, content="Content-Type: application/pkcs7-mime; name=smime.p7m", body=body))
    assert (mail.text, mail.files) == ("Signed words.", ())


def test_what_is_encrypted_is_named_and_not_taken_for_a_file() -> None:
    body = base64.encodebytes(signed(b"secret", oid="2a864886f70d010703"))
    fields = ("Content-Transfer-Encoding: base64",)
    mail = parsed(with_fields(*fields, content="Content-Type: application/pkcs7-mime", body=body))
    assert (mail.text, [(file.name, file.kept_back) for file in mail.files]) == (
        "",
        [("smime.p7m", KeptBack.ENCRYPTED)],
    )
    pgp = b"--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; "
    pgp += b"name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----\nx\n--b--\n"
    mail = parsed(with_fields(content='Content-Type: multipart/encrypted; boundary="b"', body=pgp))
    assert [(file.name, file.kept_back) for file in mail.files] == [("encrypted.asc", KeptBack.ENCRYPTED)]


@pytest.mark.parametrize(
    "content", [b"", b"0", b"\x30\x80" * 5000, signed(b"x")[:40], b"\x30\x84\xff\xff\xff\xff", bytes(9)]
)
def test_broken_signatures_are_none(content: bytes) -> None:
    assert cms.signed_content(content) is None


RTF = rb"{\rtf1\ansi\ansicpg1252\fromtext {\fonttbl{\f0 Arial;}}{\*\generator x;}Gr\'f6\'dfer \u8364?5\par next\par}"


def compressed(content: bytes) -> bytes:
    return struct.pack("<II4sI", len(content) + 12, len(content), b"MELA", 0) + content


def test_words_that_are_there_as_rich_text_only_are_read() -> None:
    said = "Größer €5\nnext"
    assert parsed(outlook.message("s", more={"__substg1.0_10090102": compressed(RTF)})).text == said
    winmail = packets.packet((packets.MESSAGE, packets.properties((0x102, 0x1009, compressed(RTF)))))
    part = b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
    assert parsed(mixed(part + base64.encodebytes(winmail))).text == said
    assert parsed(mixed(b"Content-Type: text/rtf\n\n" + RTF)).text == said


def test_compressed_rich_text_is_unpacked() -> None:
    """The example of MS-OXRTFCP, 4.1.1."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.unpack(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert rtf.rtf_to_text(rtf.unpack(packed)) == "hello world"


def test_html_packed_into_rich_text_is_read_as_html() -> None:
    page = rb"{\rtf1\ansi\fromhtml1 {\*\htmltag64 <p>}Hello {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 bold"
    assert rtf.rtf_to_text(page + rb"{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0 \'80{\*\htmltag72 </p>}}") == "Hello bold€"


def test_a_message_of_outlook_is_read_with_who_when_what_and_its_files() -> None:
    raw = outlook.message("Re: claim 1", "Here it is.", files={"box.png": png(), "größer.txt": b"x" * 5000})
    mail = parsed(raw)
    assert (mail.senders, mail.recipients, mail.subject, mail.text, mail.sent_at, mail.written_by) == (
        ("alice@seller-a.example",), ("safe-t@desk.example",), "Re: claim 1", "Here it is.",
        datetime(2026, 11, 3, 10, tzinfo=UTC), "Alice <alice@seller-a.example>",
    )  # fmt: skip
    assert [(file.name, file.content) for file in mail.files] == [("box.png", png()), ("größer.txt", b"x" * 5000)]


def test_a_message_of_outlook_that_names_its_writer_by_no_address_is_nobodys() -> None:
    assert parsed(outlook.message("s", "Words.", sender="/o=Exchange/cn=alice")).nameless
    assert not parsed(outlook.message("s", "Words.")).nameless


def test_the_header_an_outlook_message_came_with_counts() -> None:
    header = "From: Bob <bob@seller-a.example>\r\nMessage-ID: <7@x>\r\nAuto-Submitted: auto-replied\r\n"
    mail = parsed(outlook.message("s", "Away.", more=outlook.text("007D", header)))
    assert (mail.senders, mail.mail_id, matcher.kind(mail, DESK)) == (("bob@seller-a.example",), "7@x", Kind.AUTO_REPLY)
    mail = parsed(outlook.message("s", "Away.", more=outlook.text("001A", "IPM.Note.Rules.OofTemplate.Microsoft")))
    assert matcher.kind(mail, DESK) is Kind.AUTO_REPLY


def test_a_message_within_a_message_of_outlook_is_told() -> None:
    inner: dict[str, Any] = {
        **outlook.fixed(24),
        **outlook.text("0037", "Inner"),
        **outlook.text("1000", "Buyer's words"),
    }
    more = {"__attach_version1.0_#00000000": {**outlook.fixed(8), "__substg1.0_3701000D": inner}}
    (file,) = parsed(outlook.message("Outer", "See below.", more=more)).files
    assert (file.name, b"Buyer's words" in file.content) == ("Inner.txt", True)


# -- a second e-mail in the text -------------------------------------------------------------------------------------

SECOND = (
    b"Message-ID: <2@x>\nFrom: M <m@b.example>\nTo: d@x\nDate: Tue, 3 Nov 2026 11:05:00 +0000\nSubject: s\n\nPrice\n"
)
SHORT = b"From: M <m@b.example>\nTo: d@x\nDate: Tue, 3 Nov 2026 11:05:00 +0000\nSubject: s\n\nPrice\n"


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        (b"Words.\n\n" + SECOND, True),
        (b"Words.\n" + SHORT, True),
        (b"Words." + SECOND, True),
        (b"Words.\n\n" + SHORT.replace(b"\n", b"\r\n"), True),
        (b"Words.\n\n-------- Forwarded Message --------\n" + SHORT, False),
        (b"Words.\n\nFrom: SAFE-T <d@x>\nSent: Monday, October 5, 2026 10:12 AM\nTo: a\nSubject: s\n\nPlease\n", False),
        (b"Words.\n\n" + SECOND.replace(b"\n", b"\n> ").replace(b"Message", b"> Message"), False),
        (b"It went\nFrom: Berlin\nTo: Rome\nand was lost.", False),
        (b"Date: soon\n", False),
    ],
)
def test_the_header_of_a_second_mail_is_seen(text: bytes, is_there: bool) -> None:
    assert (header_blocks.find(text) >= 0) == is_there
    assert parsed(with_fields(body=text)).several == is_there


@pytest.mark.parametrize(
    "text",
    [b"From: x\n" * 100_000, b"From: x\n a\n" * 50_000, b"From:" * 200_000, b"Message-ID: x\nFrom: y\nz\n" * 50_000],
    ids=range(4),
)
def test_looking_for_a_second_mail_takes_no_longer_for_hostile_text(text: bytes) -> None:
    start = time.process_time()
    header_blocks.find(text)
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    "words",
    [
        "number 85563 - 63873 - 4611842", "number 85563-63873-\n4611842", "> 85563-63873-\n> 4611842",
        "\uff18\uff15\uff15\uff16\uff13-\uff16\uff13\uff18\uff17\uff13-\uff14\uff16\uff11\uff11\uff18\uff14\uff12",
        "85563\u201163873\u20114611842", "\u200e85563-63873-4611842\u200f", "#85563-63873-4611842.",
    ],
)  # fmt: skip
def test_an_id_is_found_as_people_and_programs_write_it(words: str) -> None:
    found = matcher.named(parsed(b"From: a@b.example\n\n" + words.encode()))
    assert found is not None
    assert found.ids == ("85563-63873-4611842",)
