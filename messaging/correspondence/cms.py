"""What a signed e-mail says when the signature is wrapped around it (S/MIME, "smime.p7m"). Nothing is verified.

After RFC 5652: ContentInfo → SignedData → EncapsulatedContentInfo → an octet string, which is an e-mail part again. In
BER, with lengths known or not, as Outlook and OpenSSL write it.
"""

from __future__ import annotations

import binascii
import re

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_MOST = 10_000
_OID, _OCTETS, _SEQUENCE, _EXPLICIT = 0x06, 0x04, 0x30, 0xA0


class _NotSigned(Exception):
    pass


def signed_content(content: bytes) -> bytes | None:
    """Return the part that is signed, None for what is none: encrypted, a bare signature, broken."""
    if content.lstrip()[:5] == b"-----":
        content = binascii.a2b_base64(re.sub(rb"-----[^-]{1,80}-----", b"", content))
    try:
        info, _ = _inside(content, 0, len(content), _SEQUENCE)
        kind, after = _inside(content, *info, _OID)
        if content[slice(*kind)] != _SIGNED_DATA:
            return None
        wrapped, _ = _inside(content, after, info[1], _EXPLICIT)
        data, _ = _inside(content, *wrapped, _SEQUENCE)
        at = data[0]
        for tag in (0x02, 0x31):  # version, digest algorithms
            _, at = _inside(content, at, data[1], tag)
        encapsulated, _ = _inside(content, at, data[1], _SEQUENCE)
        kind, after = _inside(content, *encapsulated, _OID)
        if content[slice(*kind)] != _DATA or after >= encapsulated[1]:
            return None
        wrapped, _ = _inside(content, after, encapsulated[1], _EXPLICIT)
        return b"".join(_octets(content, *wrapped, [0]))
    except (_NotSigned, IndexError, RecursionError):
        return None


def _octets(data: bytes, at: int, end: int, count: list[int]) -> list[bytes]:
    pieces: list[bytes] = []
    while at < end and data[at : at + 2] != b"\x00\x00":
        count[0] += 1
        if count[0] > _MOST * 10:
            raise _NotSigned
        tag, (start, stop), at = _element(data, at, end)
        if tag == _OCTETS:
            pieces.append(data[start:stop])
        elif tag == _OCTETS | 0x20:
            pieces += _octets(data, start, stop, count)
        else:
            raise _NotSigned
    return pieces


def _inside(data: bytes, at: int, end: int, tag: int) -> tuple[tuple[int, int], int]:
    """Return where the content of the element here lies, and what is after it. It has to have this tag."""
    found, place, after = _element(data, at, end)
    if found != tag:
        raise _NotSigned
    return place, after


def _element(data: bytes, at: int, end: int, depth: int = 0) -> tuple[int, tuple[int, int], int]:
    if at + 2 > end or depth > 30:
        raise _NotSigned
    tag, length = data[at], data[at + 1]
    at += 2
    if length == 0x80:  # the length isn't known: elements follow until an empty one
        start, count = at, 0
        while data[at : at + 2] != b"\x00\x00":
            count += 1
            if count > _MOST:
                raise _NotSigned
            _, _, at = _element(data, at, end, depth + 1)
        return tag, (start, at), at + 2
    if length & 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[at : at + size], "big")
        at += size
    if at + length > end:
        raise _NotSigned
    return tag, (at, at + length), at + length
