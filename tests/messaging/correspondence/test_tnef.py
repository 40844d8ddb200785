"""What is packed in a winmail.dat comes out: words, files, names; and what is broken ends where it breaks."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.correspondence import tnef
from messaging.correspondence.parse import MailFile, parse
from tests.claims.files.samples import png
from tests.messaging.correspondence import packets
from tests.messaging.correspondence.mails import mail

CP1252 = (packets.CODEPAGE, struct.pack("<II", 1252, 0))
HTML = (packets.MESSAGE, packets.properties((0x102, 0x1013, b"<p>Here is <b>the photo</b>.</p>")))


def with_packet(packet: bytes, text: str = "Here is the photo.\n") -> bytes:
    return mail(text=text, files={"winmail.dat": (packet, "application/ms-tnef")})


def test_files_come_out_under_their_long_names():
    packet = packets.packet(
        CP1252, *packets.file("ETIKET~1.PNG", png(), "Etikett größer.png"), *packets.file("b.txt", b"two")
    )

    assert parse(with_packet(packet)).files == (MailFile("Etikett größer.png", png()), MailFile("b.txt", b"two"))


def test_words_of_the_e_mail_count_before_those_of_the_packet():
    packet = packets.packet(CP1252, (packets.BODY, b"Packed words.\x00"), *packets.file("b.txt", b"two"))

    assert parse(with_packet(packet)).text == "Here is the photo."
    assert parse(with_packet(packet, text="")).text == "Packed words."


def test_words_may_be_html_or_in_another_code_page():
    greek = packets.packet(
        (packets.CODEPAGE, struct.pack("<II", 1253, 0)), (packets.BODY, "Καλημέρα".encode("cp1253") + b"\x00")
    )

    assert parse(with_packet(packets.packet(HTML), text="")).text == "Here is the photo."
    assert parse(with_packet(greek, text="")).text == "Καλημέρα"


def test_e_mail_packed_inside_gives_its_words_and_files():
    inner = packets.packet(
        (packets.MESSAGE, packets.properties((0x1F, 0x0037, "Your claim".encode("utf-16-le")))),
        (packets.BODY, b"We asked for a photo.\x00"),
        *packets.file("photo.png", png()),
    )
    holder = packets.properties((0x0D, 0x3701, packets.GUID + inner))
    packet = packets.packet(*packets.file("outer.txt", b"outer"), (packets.RENDERED, b""), (packets.PROPERTIES, holder))

    assert parse(with_packet(packet)).files == (
        MailFile("outer.txt", b"outer"),
        MailFile("Your claim.txt", b"We asked for a photo."),
        MailFile("photo.png", png()),
    )


@pytest.mark.parametrize("content", [b"", b"not a packet", b"\x78\x9f\x3e\x22", b"\x78\x9f\x3e\x22\x01\x00"])
def test_packet_that_is_none_stays_a_file(content):
    assert parse(with_packet(content)).files == (MailFile("winmail.dat", content),)


def test_packets_inside_packets_without_end_are_left_as_they_are():
    packet = packets.packet(*packets.file("core.txt", b"core"))
    for _ in range(20):
        holder = packets.properties((0x0D, 0x3701, packets.GUID + packet))
        packet = packets.packet((packets.RENDERED, b""), (packets.PROPERTIES, holder))

    (left,) = tnef.unpack(packet).files
    assert (left[0], left[1][:4]) == ("file", packets.GUID[:4])


WHOLE = packets.packet(CP1252, HTML, (packets.BODY, b"Words.\x00"), *packets.file("a.txt", b"one", "long name.txt"))


@given(st.integers(0, len(WHOLE)), st.binary(max_size=12), st.integers(0, len(WHOLE)))
def test_broken_packet_is_read_as_far_as_it_goes(cut, noise, at):
    tnef.unpack(WHOLE[:cut])
    found = tnef.unpack(tnef.SIGNATURE + (WHOLE[:at] + noise + WHOLE[at + len(noise) :])[4:])
    assert found is not None
    assert len(found.files) <= 12
