import codecs
import random
import subprocess
import sys
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from claims.files.check import MAX_BYTES, MAX_VIDEO_BYTES, Accepted, examine
from claims.files.refusals import FileNotAccepted, FileProblem
from tests.claims.files.classes import pdf_bomb
from tests.claims.files.samples import (
    MAIL,
    CountingFile,
    animated_webp,
    file,
    heic,
    jpeg,
    mp4,
    pdf,
    png,
    png_of_header,
    webp,
)


def refusal(content: bytes, name: str) -> tuple[FileProblem, str]:
    with pytest.raises(FileNotAccepted) as refused:
        examine(file(content, name))
    return refused.value.code, str(refused.value)


ACCEPTED = "PNG, JPEG, WebP, HEIC, PDF, text, CSV, EML, MP4 and MOV"


def wrong(name: str, found: str) -> tuple[FileProblem, str]:
    sentence = f"{name} is {found}, whatever its name says. {ACCEPTED} are accepted."
    return FileProblem.WRONG_TYPE, sentence


def broken(name: str, type_: str) -> tuple[FileProblem, str]:
    sentence = f"{name} can't be opened as {type_}; it may be cut off. Export or photograph it again."
    return FileProblem.BROKEN, sentence


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (png(), "label.png", "image/png"),
        (png(mode="RGBA"), "label.png", "image/png"),
        (png(mode="P"), "label.png", "image/png"),
        (png(mode="1"), "label.png", "image/png"),
        (jpeg(), "box.jpg", "image/jpeg"),
        (jpeg(mode="L"), "box.jpeg", "image/jpeg"),
        (jpeg(mode="CMYK"), "box.jpg", "image/jpeg"),
        (jpeg(width=900, height=700, progressive=True), "box.jpg", "image/jpeg"),
        (jpeg(width=1, height=1), "box.jpg", "image/jpeg"),
        (webp(), "box.webp", "image/webp"),
        (webp(mode="RGBA"), "box.webp", "image/webp"),
        (heic(), "IMG_1.heic", "image/heic"),
        (mp4(), "unboxing.mp4", "video/mp4"),
        (mp4(brand=b"qt  "), "unboxing.MOV", "video/quicktime"),
        (MAIL, "agreement.eml", "message/rfc822"),
        (b"tracking;status\n1Z;delivered\n", "scans.csv", "text/csv"),
        (pdf(), "invoice.pdf", "application/pdf"),
        (pdf(pages=3), "invoice.pdf", "application/pdf"),
        (b"Delivered on Tuesday.\n", "note.txt", "text/plain"),
        ("Größer als gedacht – 5 €\n".encode(), "note.txt", "text/plain"),
        ("Größer als gedacht – 5 €\r\n".encode("cp1252"), "note.txt", "text/plain"),
        ("Größer".encode("utf-16"), "note.txt", "text/plain"),
        (codecs.BOM_UTF8 + b"with a mark", "note.txt", "text/plain"),
        (b"BMW part 123 was missing from the box.", "note.txt", "text/plain"),
        (b"<john@seller.example> wrote: not delivered", "note.txt", "text/plain"),
        (b"The page says <script> somewhere", "note.txt", "text/plain"),
        (b"order\tsku\r\n111-2223334-5556667\tA\r\n\x1a", "old.txt", "text/plain"),
    ],
)
def test_examine_accepts(content, name, media_type):
    assert examine(file(content, name)) == Accepted(name, media_type, len(content), sha256(content).hexdigest())


def test_examine_leaves_the_file_at_its_start():
    kept = file(png(), "label.png")

    examine(kept)

    assert kept.read() == png()


@pytest.mark.parametrize(
    ("content", "given", "kept"),
    [
        (jpeg(), "label.png", "label.jpg"),
        (png(), "holiday", "holiday.png"),
        (b"echo hello", "run.exe", "run.exe.txt"),
        (pdf(), "../../invoice.pdf.exe", "invoice.pdf.exe.pdf"),
        (png(), "invoice\u202egnp.exe", "invoicegnp.exe.png"),
        (b"a,b\n1,2\n", "table.csv", "table.csv"),
        (MAIL, "mail.eml", "mail.eml"),
        (MAIL, "mail.txt", "mail.txt"),
        (b"From my window I saw the van.\n", "mail.eml", "mail.txt"),
        (heic(), "IMG_1.jpg", "IMG_1.heic"),
        (mp4(brand=b"qt  "), "box.mp4", "box.mov"),
    ],
)
def test_examine_names_the_file_by_its_content(content, given, kept):
    assert examine(file(content, given)).name == kept


def test_examine_empty_file():
    assert refusal(b"", "IMG_1.jpg") == (
        FileProblem.EMPTY,
        "IMG_1.jpg is empty (0 bytes). Choose it again; on a phone, wait until the photo is saved.",
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200), "a program"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "a program"),
        (b"PK\x03\x04" + bytes(60), "a packed archive"),
        (b"GIF89a" + bytes(60), "a GIF picture"),
        (b"\x00\x00\x00\x1cftypavif" + bytes(60), "an AVIF picture"),
        (b"\x1aE\xdf\xa3\x93B\x82\x88matroska" + bytes(60), "a video"),
        (animated_webp(), "an animated picture"),
        (b"ID3\x03\x00" + bytes(60), "a sound recording"),
        (b"BM" + bytes(60), "a BMP picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "an SVG drawing"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<svg >", "an SVG drawing"),
        (b"\n  <!DOCTYPE html><script>alert(1)</script>", "a web page"),
        (codecs.BOM_UTF8 + b"<html>", "a web page"),
        ("<html>".encode("utf-16"), "a web page"),
        (b"<?xml version='1.0'?><order/>", "an XML file"),
        (b"#!/bin/sh\nrm -rf /\n", "a script"),
        (b"<?php system($_GET['c']);", "a script"),
        (b"{\\rtf1 hello}", "a rich text document"),
        (b"hello\x00world", "of no type we know"),
        (b"\x01\x02\x03\x04", "of no type we know"),
        ("Größer".encode("utf-16-le"), "of no type we know"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "of no type we know"),
        (random.Random(7).randbytes(4000), "of no type we know"),
    ],
)
@pytest.mark.parametrize("name", ["photo.png", "note.txt", "invoice.pdf"])
def test_examine_says_what_a_renamed_file_is(content, found, name):
    assert refusal(content, name) == wrong(name, found)


def test_examine_binary_after_much_text():
    assert refusal(b"a line of text\n" * 20_000 + b"\x00", "note.txt") == wrong("note.txt", "of no type we know")


@pytest.mark.parametrize("cut", [0.99, 0.5])
def test_examine_cut_off_picture(cut):
    noise = Image.frombytes("RGB", (64, 64), random.Random(1).randbytes(64 * 64 * 3))
    for words, name in (("PNG", "label.png"), ("JPEG", "box.jpg")):
        out = BytesIO()
        noise.save(out, words)
        content = out.getvalue()
        assert refusal(content[: int(len(content) * cut)], name) == broken(name, words)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"\x89PNG\r\n\x1a\n", "label.png", "PNG"),
        (png()[:-30] + bytes(30), "label.png", "PNG"),
        (png_of_header(100, 100, b"\x00" * 101), "label.png", "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "box.jpg", "JPEG"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(60), "box.webp", "WebP"),
        (webp()[:-40], "box.webp", "WebP"),
        (heic()[:-200], "box.heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(60), "box.mp4", "MP4"),
        (mp4()[:-1], "box.mp4", "MP4"),
        (mp4() + b"<script>alert(1)</script>", "box.mp4", "MP4"),
        (mp4(brand=b"qt  ")[:-10], "box.mov", "MOV"),
        (b"%PDF-1.7\n", "invoice.pdf", "PDF"),
        (b"%PDF-1.7\n" + b"x" * 3000 + b"%%EOF", "invoice.pdf", "PDF"),
        (pdf()[:-200], "invoice.pdf", "PDF"),
        (pdf(pages=0), "invoice.pdf", "PDF"),
    ],
)
def test_examine_broken_file(content, name, words):
    assert refusal(content, name) == broken(name, words)


def test_examine_pdf_whose_pages_lead_in_a_circle():
    circle = pdf().replace(b"/Type /Pages", b"/Type /Pages").replace(b"/Kids [ 4 0 R ]", b"/Kids [ 1 0 R ]")
    assert circle != pdf()
    assert refusal(circle, "invoice.pdf") == broken("invoice.pdf", "PDF")


@pytest.mark.parametrize("content", [pdf(password="secret"), pdf(owner_password="secret")])
def test_examine_pdf_with_password(content):
    assert refusal(content, "invoice.pdf") == (
        FileProblem.PASSWORD_PROTECTED,
        "invoice.pdf is a password-protected PDF. Save it without the password.",
    )


def test_examine_decompression_bomb():
    sentence = "label.png has more than 64 million pixels. Send the photo at a smaller size."
    assert refusal(png_of_header(8001, 8000, b""), "label.png") == (FileProblem.TOO_MANY_PIXELS, sentence)
    assert refusal(png_of_header(60_000, 60_000, b""), "label.png") == (FileProblem.TOO_MANY_PIXELS, sentence)


def test_examine_jpeg_of_endless_scans():
    content = jpeg(progressive=True)
    assert refusal(content[:-2] + b"\xff\xda\x00\x02" * 101 + content[-2:], "box.jpg") == broken("box.jpg", "JPEG")


def test_examine_largest_size_is_inclusive():
    assert examine(file(b"a" * MAX_BYTES, "note.txt")).size == MAX_BYTES


def test_examine_too_large():
    assert refusal(b"a" * (MAX_BYTES + 1), "note.txt") == (
        FileProblem.TOO_LARGE,
        "note.txt has 10.1 MB; at most 10 MB.",
    )
    assert refusal(jpeg() + bytes(12 * 1024 * 1024 - len(jpeg())), "box.jpg") == (
        FileProblem.PICTURE_TOO_LARGE,
        "box.jpg has 12 MB; at most 10 MB. Send the photo at a smaller size.",
    )


def test_examine_video_too_large():
    assert refusal(mp4(film=bytes(MAX_VIDEO_BYTES)), "unboxing.mp4") == (
        FileProblem.VIDEO_TOO_LARGE,
        "unboxing.mp4 has 50.1 MB; at most 50 MB. Cut the video to the part that matters.",
    )


def test_examine_other_type_is_said_before_the_size():
    assert refusal(b"PK\x03\x04" + bytes(MAX_BYTES), "photos.png") == wrong("photos.png", "a packed archive")


def test_examine_reads_text_once_and_in_pieces():
    counting = CountingFile(b"a" * (3 * 1024 * 1024), "note.txt")

    examine(counting)

    assert counting.bytes_read == 3 * 1024 * 1024
    assert counting.longest_read == 64 * 1024


MEASURE = """
import os
import sys
from pathlib import Path
import django
from django.core.files import File
os.environ["DJANGO_SETTINGS_MODULE"] = "safet_portal.settings"
django.setup()
from claims.files.check import examine
from claims.files.refusals import FileNotAccepted

def peak():  # of this process since it began; what getrusage says begins with the memory of who started it
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])

small, large = (File(open(path, "rb")) for path in sys.argv[1:])
examine(small)
before = peak()
try:
    found = examine(large).media_type
except FileNotAccepted as error:
    found = error.code
print(peak() - before, found)
"""


def picture_of(kind, **options):
    """A small picture and one of 49 million pixels."""
    for size in (10, 7000):
        out = BytesIO()
        Image.new("RGB", (size, size)).save(out, kind, **options)
        yield out.getvalue()


def jpegs_of_one_component_a_scan():
    """The second promises more scans, one for each colour, and has none of them."""
    small = jpeg(10, 10, subsampling=0)
    start = small.index(b"\xff\xda")
    size = small.index(b"\xff\xc0") + 5
    head = small[:size] + (7000).to_bytes(2, "big") * 2 + small[size + 4 : start]
    return small, head + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(1000) + b"\xff\xd9"


@pytest.mark.parametrize(
    ("contents", "found"),
    [
        (lambda: picture_of("PNG"), "image/png"),
        (lambda: picture_of("JPEG"), "image/jpeg"),
        (lambda: picture_of("JPEG", progressive=True, subsampling=0), "image/jpeg"),
        (jpegs_of_one_component_a_scan, "image/jpeg"),
        (lambda: (pdf(), pdf_bomb()), "BROKEN"),
    ],
    ids=["PNG", "JPEG", "progressive JPEG", "JPEG of several scans", "PDF bomb"],
)
def test_examine_what_swells_in_little_memory(contents, found, tmp_path):
    paths = [tmp_path / "small", tmp_path / "large"]
    for path, content in zip(paths, contents(), strict=True):
        path.write_bytes(content)

    measured = subprocess.run([sys.executable, "-c", MEASURE, *paths], capture_output=True, text=True, check=True)

    peak, said = measured.stdout.split()
    assert said == found
    assert int(peak) < 30_000, "kilobytes; all pixels at once would be 147,000"


def test_pixel_limit_is_inclusive():
    rows = bytes(8000 * 8001)  # each row with its filter byte

    assert examine(file(png_of_header(8000, 8000, rows), "label.png")).media_type == "image/png"
    assert refusal(png_of_header(8001, 8000, rows), "label.png")[0] == FileProblem.TOO_MANY_PIXELS


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_examine_png_of_few_bits_a_pixel(bits):
    assert examine(file(png(13, 5, "P", bits=bits), "label.png")).media_type == "image/png"


def test_examine_interlaced_png():
    passes = 2 + 2 + 0 + 2 + 4 + 6 + 6  # 5 × 3 grey pixels in seven passes, each row with its filter byte

    assert examine(file(png_of_header(5, 3, bytes(passes), interlaced=True), "label.png")).media_type == "image/png"
    assert refusal(png_of_header(5, 3, bytes(passes - 1), interlaced=True), "label.png") == broken("label.png", "PNG")
