import time
from base64 import encodebytes
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from messaging.correspondence import headers
from messaging.correspondence.causes import Cause
from messaging.correspondence.html import html_to_text
from messaging.correspondence.parse import MAX_TEXT, Mail, MailFile, UnparsableMail, parse
from tests.messaging.correspondence.mails import mail

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def parsed(content: bytes) -> Mail:
    found = parse(content)
    assert isinstance(found, Mail)
    return found


def raw(*fields: str, body: bytes = b"Hello.\n") -> bytes:
    return "\n".join(fields).encode("utf-8", "surrogateescape") + b"\n\n" + body


def part(content: bytes, *fields: bytes) -> bytes:
    return b"\n".join(fields) + b"\n\n" + content


def multipart(kind: str, *parts: bytes) -> bytes:
    top = f'From: a@b.example\nContent-Type: multipart/{kind}; boundary="xx"\n\n'.encode()
    return top + b"".join(b"--xx\n" + piece + b"\n" for piece in parts) + b"--xx--\n"


def test_parse_says_who_when_what():
    assert parsed(mail(text="Here is the photo.", files={"größer.png": (PNG, "image/png")})) == Mail(
        mail_id="s1@seller-a.example",
        sent_at=datetime(2025, 8, 22, 9, 30, tzinfo=UTC),
        senders=("support@seller-a.example",),
        on_behalf=(),
        recipients=("safe-t@desk.example",),
        subject="Re: SAFE-T claim 10000-20000-3000000",
        text="Here is the photo.",
        quoted="",
        files=(MailFile("größer.png", PNG),),
    )


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\n\n", b"\xef\xbb\xbf\n"])
def test_parse_reads_the_fields_after_a_byte_order_mark_or_empty_lines(before):
    assert parsed(before + mail()) == parsed(mail())


def test_parse_folds_quoted_text():
    text = "Here it is.\n\nOn Fri, 22 Aug 2025 at 08:00, SAFE-T wrote:\n> Send a photo.\n"

    found = parsed(mail(text=text))

    assert (found.text, found.quoted) == (
        "Here it is.",
        "On Fri, 22 Aug 2025 at 08:00, SAFE-T wrote:\n> Send a photo.",
    )


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Fri, 22 Aug 2025 11:30:00 +0200", datetime(2025, 8, 22, 9, 30, tzinfo=UTC)),
        ("22 Aug 2025 11:30 GMT", datetime(2025, 8, 22, 11, 30, tzinfo=UTC)),
        ("Fri, 22 Aug 2025 11:30:00 -0000", datetime(2025, 8, 22, 11, 30, tzinfo=UTC)),
        ("Fri, 22 Aug 2025 11:30:00 +02:00", datetime(2025, 8, 22, 9, 30, tzinfo=UTC)),
        ("Fri, 22 Aug 2025 11:30:00 GMT-0730 (x)", datetime(2025, 8, 22, 19, 0, tzinfo=UTC)),
        ("Fri, 22 Aug 2025 11:30:00 CEST", datetime(2025, 8, 22, 9, 30, tzinfo=UTC)),
        ("Fri, 22 Aug 2025 11:30:00 +0200 (CEST)", datetime(2025, 8, 22, 9, 30, tzinfo=UTC)),
        ("Fri, 22 Aug 2025 11:30:00 (no zone)", datetime(2025, 8, 22, 11, 30, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("Fri, 32 Aug 2025 11:30:00 +0200", None),
        ("Fri, 22 Aug 1900 00:30:00 +0200", None),
        ("Fri, 22 Aug 99999 11:30:00 +0200", None),
        ("Fri, 22 Aug 2025 11:30:00 +9999999", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
    ],
)
def test_parse_date(date, moment):
    assert parsed(raw("From: a@b.example", f"Date: {date}")).sent_at == moment


def test_parse_without_date_takes_when_the_last_server_received_it():
    received = ["Received: by b; Fri, 22 Aug 2025 12:00:00 +0000", "Received: by a; Fri, 22 Aug 2025 11:00:00 +0000"]

    found = parsed(raw("From: a@b.example", "Date: nonsense", *received))

    assert found.sent_at == datetime(2025, 8, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("plain", "plain"),
        ("=?utf-8?q?Gr=C3=B6=C3=9Fer_als?=", "Größer als"),
        ("=?UTF-8?B?R3LDtsOfZXI=?=", "Größer"),
        ("=?UTF-8?B?R3LDtsOfZXI?=", "Größer"),
        ("=?utf-8?q?Gr=C3?= =?utf-8?q?=B6=C3=9Fer?=", "Größer"),
        ("Re: =?iso-8859-1?q?Gr=F6=DFer?= than =?utf-8?q?=E2=82=AC5?=", "Re: Größer than €5"),
        ("=?koi8-r?b?8NLJ18XU?= =?windows-1251?b?7+jw?=", "Приветпир"),
        ("=?x-unknown?q?caf=E9?=", "café"),
        ("=?utf-8*en?q?with_language?=", "with language"),
        ("=?punycode?q?abc?=", "abc"),
        ("=?utf-8?b?A?=", "=?utf-8?b?A?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("=?utf-8?q?a=00b?=", "ab"),
    ],
)
def test_header_words(value, words):
    assert headers.words(value) == words


def test_parse_subject_in_raw_bytes_and_on_folded_lines():
    assert parsed(raw("Subject: Größer", "From: a@b.example")).subject == "Größer"
    assert parsed(b"Subject: Gr\xf6\xdfer\nFrom: a@b.example\n\nx").subject == "Größer"
    assert parsed(b"Subject: one\n two\n\tthree\nFrom: a@b.example\n\nx").subject == "one two three"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a@b.example", ("a@b.example",)),
        ("Seller A <A@B.example>", ("a@b.example",)),
        ('"SAFE-T <safe-t@desk.example>" <thief@x.example>', ("thief@x.example",)),
        ("=?utf-8?q?A=2C_B?= <a@b.example>, c@d.example", ("a@b.example", "c@d.example")),
        ("undisclosed-recipients:;", ()),
        ("", ()),
        ('"', ()),
        (":;@", ()),
    ],
)
def test_addresses(value, found):
    assert headers.addresses(value) == found


@pytest.mark.parametrize(
    ("charset", "data", "text"),
    [
        ("utf-8", "Größer €".encode(), "Größer €"),
        ("iso-8859-1", "Größer".encode("latin-1"), "Größer"),
        ("iso-8859-1", "Größer €".encode("cp1252"), "Größer €"),
        ("us-ascii", "Größer".encode(), "Größer"),
        ("iso-8859-1", "Größer".encode(), "Größer"),
        ("x-unknown", "Größer".encode("cp1252"), "Größer"),
        ("utf-8", "Größer".encode("cp1252"), "Größer"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("gb2312", "照片".encode("gb18030"), "照片"),
        ("shift_jis", "写真".encode("cp932"), "写真"),
        ("ks_c_5601-1987", "사진".encode("cp949"), "사진"),
        ("zip", b"plain", "plain"),
        ("idna", b"plain", "plain"),
        ("", "Größer".encode(), "Größer"),
        ("utf-8", b"a\x00b\x07c\r\nd", "abc\nd"),
    ],
)
def test_parse_text_of_any_charset(charset, data, text):
    found = parsed(raw("From: a@b.example", f"Content-Type: text/plain; charset={charset}", body=data))

    assert found.text == text


def test_parse_broken_base64_is_read_as_far_as_it_goes():
    fields = ("Content-Type: text/plain", "Content-Transfer-Encoding: base64")

    assert parsed(raw(*fields, body=b"SGVsbG8gd29ybGQ")).text == "Hello world"
    assert isinstance(parse(raw(*fields, body=b"!!!!")), Mail)


def test_parse_prefers_plain_text():
    assert parsed(mail(text="Plain.", html="<p>Rich.</p>")).text == "Plain."


def test_parse_takes_html_when_the_plain_text_is_empty():
    assert parsed(mail(text="  \n", html="<p>Rich.</p>")).text == "Rich."


def test_parse_html_only():
    found = parsed(
        raw(
            "From: a@b.example",
            "Content-Type: text/html; charset=utf-8",
            body=b'<p>Granted.<img src="http://tracker.example/p.gif"></p><blockquote>Old.</blockquote>',
        )
    )

    assert (found.text, found.quoted, found.files) == ("Granted.", "> Old.", ())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two<br>Three</div>", "One\nTwo\nThree"),
        ("One\n  two", "One two"),
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
        (
            "<table><tr><td>Item</td><td>5.00</td></tr><tr><td>Sum</td><td>5.00</td></tr></table>",
            "Item  5.00\nSum  5.00",
        ),
        ('<a href="https://x.example/track">Tracking</a>', "Tracking <https://x.example/track>"),
        ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
        ('<a href="javascript:alert(1)">Click</a>', "Click"),
        ("<script>alert(1)</script><style>p{}</style><title>T</title>Hello", "Hello"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<blockquote>One<blockquote>Two</blockquote></blockquote>", "> One\n>\n> > Two"),
        ("<p>&nbsp;</p><p>One</p>", "One"),
        ("<svg onload=alert(1)>x</svg>", "x"),
        ("<p>unclosed <b>bold", "unclosed bold"),
    ],
)
def test_html_to_text(html, text):
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>" * 27_000 + "deep" + "</div>" * 27_000, "deep"),
        ("<blockquote>" * 24_000 + "deep", "> > > > > > > > > deep"),
        ("".join(f"<font color={n}>" for n in range(5_000)) + "<p>" * 60_000 + "deep", "deep"),
        ("<a>" * 99_000 + "deep", "deep"),
        ("<table><td>" * 27_000 + "deep", "deep"),
        ("<" * 299_000, "<" * 299_000),
        ("<!--" * 74_000, ""),
        ("<div " * 59_000, ""),
        ("x" * 300_000 + "<b>more</b>", "x" * 300_000 + "\n\n[…]"),
        ('<img src="data:image/png;base64,' + "A" * 400_000 + '">seen', "seen"),
    ],
)
def test_html_hostile_takes_no_longer(html, text):
    start = time.process_time()

    found = html_to_text(html)

    assert time.process_time() - start < 3
    assert found == text


def test_parse_joins_texts_around_a_picture():
    text = [b"Content-Type: text/plain"]
    picture = part(b"x", b"Content-Type: image/png", b'Content-Disposition: inline; filename="a.png"')

    found = parsed(multipart("mixed", part(b"Above.", *text), picture, part(b"Below.", *text)))

    assert (found.text, found.files) == ("Above.\n\nBelow.", (MailFile("a.png", b"x"),))


def test_parse_text_file_is_a_file():
    note = part(b"Notes", b"Content-Type: text/plain", b'Content-Disposition: attachment; filename="n.txt"')
    named = part(b"More", b'Content-Type: text/plain; name="m.txt"')

    found = parsed(multipart("mixed", part(b"Words.", b"Content-Type: text/plain"), note, named))

    assert (found.text, found.files) == ("Words.", (MailFile("n.txt", b"Notes"), MailFile("m.txt", b"More")))


def test_parse_picture_inside_the_html_form_is_kept():
    alternative = EmailMessage()
    alternative["From"] = "a@b.example"
    alternative.set_content("Plain.")
    alternative.add_alternative("<p>Rich.</p>", subtype="html")
    alternative.get_payload()[1].add_related(PNG, "image", "png", filename="box.png")

    found = parsed(alternative.as_bytes())

    assert (found.text, found.files) == ("Plain.", (MailFile("box.png", PNG),))


def test_parse_mail_inside_a_mail_is_a_file_named_by_its_subject():
    inner = b"From: x@y.example\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\n\nInner."

    found = parsed(multipart("mixed", part(b"See below.", b""), part(inner, b"Content-Type: message/rfc822")))

    assert found.text == "See below."
    assert [(file.name, file.content) for file in found.files] == [("Größe.eml", inner)]


def test_parse_mail_inside_a_mail_that_was_packed_as_base64_is_unpacked():
    inner = "From: x@y.example\nSubject: Größe\n\nInner.\n".encode()
    fields = (b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: base64")

    packed = parsed(multipart("mixed", part(encodebytes(inner), *fields)))
    as_it_is = parsed(multipart("mixed", part(inner, *fields)))

    assert [(file.name, file.content) for file in packed.files] == [("Größe.eml", inner)]
    assert [(file.name, file.content.strip()) for file in as_it_is.files] == [("Größe.eml", inner.strip())]


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
@pytest.mark.parametrize("field", ["Content-Disposition: attachment; filename=", "Content-Type: image/png; name="])
def test_parse_file_name_in_raw_bytes(charset, field):
    found = parsed(multipart("mixed", part(PNG, f'{field}"Rücksendung größer.png"'.encode(charset))))

    assert [file.name for file in found.files] == ["Rücksendung größer.png"]


def test_parse_signature_over_the_mail_is_no_file():
    signature = part(b"x", b"Content-Type: application/pkcs7-signature; name=smime.p7s")

    assert parsed(multipart("signed", part(b"Words.", b"Content-Type: text/plain"), signature)).files == ()


def test_parse_multipart_without_boundary_is_read_as_text():
    assert parsed(raw("From: a@b.example", "Content-Type: multipart/mixed")).text == "Hello."


def test_parse_file_without_a_name():
    found = parsed(multipart("mixed", part(b"x", b"Content-Type: image/png")))

    assert found.files == (MailFile("file.png", b"x"),)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (multipart("mixed", *[part(b"x", b"Content-Type: text/plain")] * 1001), Cause.TOO_MANY_PARTS),
        (
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(60)),
            Cause.NESTED_TOO_DEEP,
        ),
        (
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
            Cause.NESTED_TOO_DEEP,
        ),
    ],
)
def test_parse_refuses_with_a_cause(content, cause):
    assert parse(content) == UnparsableMail(cause)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"\xff\xfe\x00",
        b'From: "\nTo: :;@\nMessage-ID: <[\nDate: x\n\n',
        b'Content-Type: text/plain; charset="\x00"\n\nx',
        b"Content-Type: text/plain; charset*=nosuch''%ff\n\nx",
        b"Content-Type: ;;;\nContent-Disposition: ;;;\n\nx",
        b"Content-Type: image/png; name*0*=utf-8''%ff; name*1=x\n\nx",
        b"Content-Type: message/rfc822\n\n",
        b"Content-Transfer-Encoding: x-uuencode\nContent-Type: image/png\n\nbegin 666 a\n!!!\n",
        b"Content-Transfer-Encoding: nosuch\n\nx",
        b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\n\nx",
        b"From: " + b"a@b.c, " * 150_000 + b"\n\nx",
        b"Content-Type: text/plain; " + b"a=b; " * 200_000 + b"\n\nx",
        b"Content-Type: multipart/mixed; " + b"a=b; " * 200_000 + b"boundary=x\n\n--x\n\nx\n--x--\n",
        b'Content-Type: multipart/mixed; boundary="' + b"x" * 100_000 + b'"\n\nx',
    ],
)
def test_parse_never_raises_and_takes_no_longer(content):
    start = time.process_time()

    assert isinstance(parse(content), Mail | UnparsableMail)
    assert time.process_time() - start < 3


def test_parse_cuts_endless_words_and_says_so():
    found = parsed(mail(text="word " * 100_000))

    assert found.text.endswith("\n\n[…]")
    assert len(found.text) < MAX_TEXT + 10
