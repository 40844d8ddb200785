"""Files of every class, made by the libraries that make them in life."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pillow_heif
from django.core.files.base import ContentFile
from PIL import Image
from pypdf import PdfWriter


def file(content: bytes, name: str) -> ContentFile[bytes]:
    return ContentFile(content, name)


def png(width: int = 12, height: int = 7, mode: str = "RGB", **options: object) -> bytes:
    return _picture("PNG", width, height, mode, **options)


def jpeg(width: int = 40, height: int = 30, mode: str = "RGB", **options: object) -> bytes:
    return _picture("JPEG", width, height, mode, **options)


def webp(width: int = 40, height: int = 30, mode: str = "RGB", **options: object) -> bytes:
    return _picture("WEBP", width, height, mode, **options)


def animated_webp() -> bytes:
    out = BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def heic(width: int = 64, height: int = 48, **options: object) -> bytes:
    out = BytesIO()
    pillow_heif.from_pillow(Image.effect_noise((width, height), 50).convert("RGB")).save(out, **options)
    return out.getvalue()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def mp4(brand: bytes = b"isom", film: bytes = b"film") -> bytes:
    """The boxes of a film; what is in them nobody reads here."""
    return box(b"ftyp", brand + bytes(4) + brand) + box(b"moov", bytes(100)) + box(b"mdat", film)


MAIL = (
    b"Return-Path: <buyer@example.net>\r\nReceived: from mx.example.net\r\n\tby mx.example.com; Tue, 3 Nov 2026\r\n"
    b"From: A Buyer <buyer@example.net>\r\nTo: shop@seller-a.example\r\nSubject: Your replacement\r\n"
    b"Date: Tue, 3 Nov 2026 10:00:00 +0000\r\n\r\nYes, please send another one.\r\n"
)


def _picture(kind: str, width: int, height: int, mode: str, **options: object) -> bytes:
    out = BytesIO()
    Image.new(mode, (width, height)).save(out, kind, **options)
    return out.getvalue()


def pdf(pages: int = 1, password: str = "", owner_password: str | None = None) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=200, height=200)
    if password or owner_password:
        writer.encrypt(password, owner_password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_header(width: int, height: int, data: bytes, interlaced: bool = False) -> bytes:
    """A grey 8-bit PNG that promises width × height and carries `data` unpacked, whatever its length."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


class CountingFile(ContentFile):
    """Counts the bytes that were read."""

    bytes_read = 0
    longest_read = 0

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.bytes_read += len(piece)
        self.longest_read = max(self.longest_read, len(piece))
        return piece
