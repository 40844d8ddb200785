"""Files of every class, made by the libraries that make them in life."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image
from pypdf import PdfWriter


def file(content: bytes, name: str) -> ContentFile[bytes]:
    return ContentFile(content, name)


def png(width: int = 12, height: int = 7, mode: str = "RGB", **options: object) -> bytes:
    return _picture("PNG", width, height, mode, **options)


def jpeg(width: int = 40, height: int = 30, mode: str = "RGB", **options: object) -> bytes:
    return _picture("JPEG", width, height, mode, **options)


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
