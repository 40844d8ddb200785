"""Every class of file that comes in life or from an attacker, to be tried wherever a file can enter."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.claims.files.samples import MAIL, animated_webp, heic, jpeg, mp4, pdf, png, png_of_header, webp
from tests.servers import EICAR


@dataclass(frozen=True)
class FileClass:
    """`words` is what docs call it, `name` what it comes as. `make` gives its bytes anew."""

    words: str
    name: str
    make: Callable[[], bytes]


def pdf_with_javascript() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(width=200, height=200)
    says = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('hello')")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(says)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def pdf_bomb(megabytes: int = 400) -> bytes:
    """A PDF whose pages stand in a packed stream of so many MB, a thousandth of that in length."""
    nodes = [b"<</Type/Pages/Kids[3 0 R]/Count 1>>", b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"]
    index = b"2 0 3 %d " % (len(nodes[0]) + 1)
    packer = zlib.compressobj(9)
    packed = packer.compress(index + b" ".join(nodes))
    for _ in range(megabytes):
        packed += packer.compress(b" " * 1024 * 1024)
    packed += packer.flush()
    out = b"%PDF-1.5\n"
    root_at = len(out)
    out += b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    packed_at = len(out)
    told = b"4 0 obj<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>stream\n" % (len(index), len(packed))
    out += told + packed + b"\nendstream endobj\n"
    rows = [(0, 0, 255), (1, root_at, 0), (2, 4, 0), (2, 4, 1), (1, packed_at, 0), (1, len(out), 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    told = b"5 0 obj<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(table)
    return out + told + table + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % rows[-1][1]


def zip_bomb() -> bytes:
    """50 MB of zeros in 50 KB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50 * 1024 * 1024))
    return out.getvalue()


def word_document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<w:document/>")
    return out.getvalue()


def photo_with_a_page_behind() -> bytes:
    return jpeg() + b"<html><script>alert(document.domain)</script>" + zip_bomb()[:2000]


def pdf_that_is_a_page_too() -> bytes:
    return pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%<html><script>alert(1)</script>\n", 1)


def text_that_swells() -> bytes:
    """A PNG of one row more than 64 million pixels, in a few bytes."""
    return png_of_header(8001, 8000, b"")


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(document.cookie)</script>"

CLASSES = (
    FileClass("PNG", "label.png", png),
    FileClass("JPEG", "box.jpg", jpeg),
    FileClass("Progressive JPEG", "web.jpg", lambda: jpeg(400, 300, progressive=True, subsampling=0)),
    FileClass("WebP", "box.webp", webp),
    FileClass("HEIC, from a phone", "IMG_0001.heic", heic),
    FileClass("PDF", "invoice.pdf", lambda: pdf(pages=2)),
    FileClass("Plain text", "note.txt", lambda: b"Delivered on Tuesday.\n"),
    FileClass("CSV", "scans.csv", lambda: b"tracking,status\n1Z,delivered\n"),
    FileClass("E-mail (EML)", "agreement.eml", lambda: MAIL),
    FileClass("MP4 video", "unboxing.mp4", mp4),
    FileClass("MOV video", "unboxing.mov", lambda: mp4(brand=b"qt  ")),
    FileClass("PDF that runs JavaScript", "active.pdf", pdf_with_javascript),
    FileClass("Picture with a web page and an archive behind it", "holiday.jpg", photo_with_a_page_behind),
    FileClass("PDF that is a web page too", "both.pdf", pdf_that_is_a_page_too),
    FileClass("Virus (EICAR)", "eicar.txt", lambda: EICAR.encode()),
    FileClass("JPEG called .png", "label.png", lambda: jpeg(41, 31)),
    FileClass("Double extension", "invoice.pdf.exe", lambda: pdf(pages=3)),
    FileClass("Name of 300 characters", "n" * 296 + ".txt", lambda: b"a long name"),
    FileClass("Name that turns itself round", "invoice\u202egnp.txt", lambda: b"turned round"),
    FileClass("Name with a path", "../../etc/passwd.txt", lambda: b"a path"),
    FileClass("Name with a NUL", "no\x00te.txt", lambda: b"a nul"),
    FileClass("Empty", "IMG_1.jpg", lambda: b""),
    FileClass("Cut-off picture", "cut.jpg", lambda: jpeg(400, 300)[:-200]),
    FileClass("Picture of too many pixels", "swells.png", text_that_swells),
    FileClass("Animated picture", "moves.webp", animated_webp),
    FileClass("Broken PDF", "broken.pdf", lambda: pdf()[:-200]),
    FileClass("PDF that unpacks to 400 MB", "swells.pdf", pdf_bomb),
    FileClass("PDF with a password", "locked.pdf", lambda: pdf(password="secret")),
    FileClass("Cut-off video", "cut.mp4", lambda: mp4()[:-1]),
    FileClass("Text over 10 MB", "huge.txt", lambda: b"a line of text.\n" * (10 * 65536 + 1)),
    FileClass("SVG called .png", "drawing.png", lambda: SVG),
    FileClass("SVG", "drawing.svg", lambda: SVG),
    FileClass("Web page called .txt", "page.txt", lambda: HTML),
    FileClass("Script", "run.txt", lambda: b"#!/bin/sh\nrm -rf /\n"),
    FileClass("Program called .pdf", "setup.pdf", lambda: b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)),
    FileClass("Archive, and zip bomb", "photos.zip", zip_bomb),
    FileClass("Word document", "letter.docx", word_document),
    FileClass("GIF", "moves.gif", lambda: b"GIF89a" + struct.pack("<HH", 8, 8) + zlib.compress(bytes(60))),
    FileClass("Unknown bytes", "data.bin", lambda: bytes(range(256)) * 4),
)
