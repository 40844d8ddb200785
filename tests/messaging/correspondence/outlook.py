"""Outlook messages (.msg) written byte by byte: a compound file after MS-CFB, with the streams of MS-OXMSG in it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime

Tree = Mapping[str, "bytes | Tree"]
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096


def compound(tree: Tree) -> bytes:
    """A compound file with these storages and streams."""
    entries: list[dict[str, object]] = [{"name": "Root Entry", "kind": 5, "right": _FREE, "child": _FREE, "data": b""}]

    def add(children: Tree, parent: int) -> None:
        last = None
        for name, value in children.items():
            sid = len(entries)
            is_stream = isinstance(value, bytes)
            data = value if isinstance(value, bytes) else b""
            kind = 2 if is_stream else 1
            entries.append({"name": name, "kind": kind, "right": _FREE, "child": _FREE, "data": data})
            if last is None:
                entries[parent]["child"] = sid
            else:
                entries[last]["right"] = sid
            last = sid
            if not isinstance(value, bytes):
                add(value, sid)

    add(tree, 0)
    sectors: list[bytes] = []
    fat: list[int] = []
    mini = b""
    mini_fat: list[int] = []

    def put(data: bytes) -> int:
        if not data:
            return _END
        start, count = len(sectors), -(-len(data) // _SECTOR)
        padded = data.ljust(count * _SECTOR, b"\x00")
        sectors.extend(padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR))
        fat.extend([*range(start + 1, start + count), _END])
        return start

    starts: list[int] = []
    for entry in entries:
        data = entry["data"]
        assert isinstance(data, bytes)
        if entry["kind"] != 2 or not data:
            starts.append(_END)
        elif len(data) < _CUTOFF:
            first, count = len(mini_fat), -(-len(data) // _MINI)
            mini += data.ljust(count * _MINI, b"\x00")
            mini_fat.extend([*range(first + 1, first + count), _END])
            starts.append(first)
        else:
            starts.append(put(data))
    starts[0] = put(mini)
    mini_fat_start = put(
        struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(-(-len(mini_fat) * 4 // _SECTOR) * _SECTOR, b"\xff")
    )
    directory = b""
    for entry, start in zip(entries, starts, strict=True):
        name = str(entry["name"]).encode("utf-16-le") + b"\x00\x00"
        data = entry["data"]
        size = len(mini) if entry["kind"] == 5 else len(data) if isinstance(data, bytes) else 0
        directory += name.ljust(64, b"\x00") + struct.pack(
            "<HBBIII16sIQQIQ", len(name), entry["kind"], 1, _FREE, entry["right"], entry["child"], bytes(16), 0, 0, 0,
            start if start != _END or entry["kind"] == 2 else 0, size,
        )  # fmt: skip
    empty = bytes(68) + struct.pack("<III", _FREE, _FREE, _FREE) + bytes(48)
    directory += empty * (-len(directory) // 128 % 4)
    directory_start = put(directory)
    number = 1
    while -(-(len(fat) + number) // 128) > number:
        number += 1
    fat_start = len(sectors)
    fat.extend([_FAT] * number)
    fat.extend([_FREE] * (number * 128 - len(fat)))
    table = struct.pack(f"<{len(fat)}I", *fat)
    sectors.extend(table[at : at + _SECTOR] for at in range(0, len(table), _SECTOR))
    places = [*range(fat_start, fat_start + number)]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, number, directory_start, 0, _CUTOFF, mini_fat_start,
        -(-len(mini_fat) * 4 // _SECTOR), _END, 0,
    )  # fmt: skip
    return header + struct.pack("<109I", *places, *[_FREE] * (109 - number)) + b"".join(sectors)


def text(key: str, value: str) -> dict[str, bytes]:
    """A property that is a text."""
    return {f"__substg1.0_{key}001F": value.encode("utf-16-le")}


def fixed(header: int, **values: int) -> dict[str, bytes]:
    """The stream of the values that have a fixed length, by their ids in hex: "k0E07"."""
    out = bytes(header)
    for name, value in values.items():
        out += struct.pack("<IIQ", int(name[1:], 16) << 16 | 3, 6, value)
    return {"__properties_version1.0": out}


def ticks(at: datetime) -> int:
    """A moment as Outlook counts it."""
    return int((at - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10_000_000)


def message(
    subject: str = "", body: str = "", sender: str = "alice@seller-a.example", name: str = "Alice", *,
    at: datetime = datetime(2026, 11, 3, 10, tzinfo=UTC), flags: int = 1, files: Mapping[str, bytes] | None = None,
    more: Tree | None = None,
) -> bytes:  # fmt: skip
    """A message as Outlook saves it by "Save as"."""
    tree: dict[str, bytes | Tree] = {
        **fixed(32, k0039=ticks(at), k0E06=ticks(at), k0E07=flags),
        **text("0037", subject), **text("0C1A", name), **text("5D01", sender), **text("0E04", "SAFE-T"),
        "__nameid_version1.0": {"__substg1.0_00020102": b""},
        "__recip_version1.0_#00000000": {**fixed(8, k0C15=1), **text("39FE", "safe-t@desk.example")},
    }  # fmt: skip
    if body:
        tree |= text("1000", body)
    for number, (file, content) in enumerate((files or {}).items()):
        attached = {**fixed(8), **text("3707", file), "__substg1.0_37010102": content}
        tree[f"__attach_version1.0_#{number:08X}"] = attached
    return compound({**tree, **(more or {})})
