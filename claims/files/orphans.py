"""Stored bytes held against the rows that name them: what no row names is orphaned, and is deleted after a day.

Bytes are always put before the row that names them, so anything young may still get its row. Each folder of the storage
has an owner, who says which of its keys are named; a folder nobody owns is left alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.storage import Storage

from claims.files import previews, store
from claims.models import Attachment, EvidencePack, ImportRun

LEFT_FOR = timedelta(days=1)
"""How long bytes without a row are left alone: far longer than any upload, import or task takes."""
FEW = 100
"""Up to so many orphaned keys are believed whatever else is there."""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Owner:
    """Who names the keys of a folder: `named` picks those with a row, `rows` gives (what, its keys) of each."""

    named: Callable[[Collection[str]], set[str]]
    rows: Callable[[], Iterable[tuple[str, list[str]]]]


@dataclass
class StorageReport:
    """What a look at the storage found: keys that have a row, young ones without, and the orphaned ones.

    `orphaned` gives the files of each orphaned key, `orphaned_bytes` their size; `is_whole` says whether all was
    looked at.
    """

    named: int = 0
    young: int = 0
    orphaned: dict[str, list[str]] = field(default_factory=dict)
    orphaned_bytes: int = 0
    is_whole: bool = True

    @property
    def is_odd(self) -> bool:
        """Whether most of what is stored has no row: rather another portal's database than bytes left behind."""
        return len(self.orphaned) > FEW and len(self.orphaned) > self.named


_owners: dict[str, Owner] = {}


def owned(folder: str, owner: Owner) -> None:
    """Say who names the keys of a folder of the storage."""
    _owners[folder] = owner


def look(*, now: datetime, is_time_up: Callable[[], bool] = lambda: False) -> StorageReport:
    """Look through the storage. Its parts come in random order, so that runs cut short reach all in the end."""
    place, report = store.storage(), StorageReport()
    parts = [(folder, part) for folder in _owners for part in _folders(place, folder)]
    random.shuffle(parts)
    for folder, part in parts:
        if is_time_up():
            report.is_whole = False
            break
        folders, files = place.listdir(f"{folder}/{part}")
        keys = [(f"{folder}/{part}/{name}", True) for name in folders]
        keys += [(f"{folder}/{part}/{name}", False) for name in files]
        for start in range(0, len(keys), _AT_ONCE):
            _sort(place, _owners[folder], dict(keys[start : start + _AT_ONCE]), report, now)
    return report


def delete(report: StorageReport) -> int:
    """Delete what is orphaned, asking the rows once more; return how many keys went. Safe to repeat."""
    gone = 0
    for key, names in report.orphaned.items():
        if _owners[key.partition("/")[0]].named([key]):
            continue
        for name in names:
            store.take_back(name)
        gone += 1
    return gone


def without_bytes() -> Iterator[tuple[str, bool]]:
    """Go through all rows that name bytes and say of each what it is and whether any of its bytes are missing."""
    place = store.storage()
    for owner in _owners.values():
        for what, keys in owner.rows():
            yield what, not all(place.exists(key) for key in keys)


def _sort(place: Storage, owner: Owner, keys: dict[str, bool], report: StorageReport, now: datetime) -> None:
    """Add keys of one owner to what was found; of each is given whether it is a folder."""
    named = owner.named(list(keys))
    report.named += len(named)
    for key, is_folder in keys.items():
        if key in named:
            continue
        names = [f"{key}/{name}" for name in _files(place, key)] if is_folder else [key]
        ages = [at for name in names if (at := _put_at(place, name))]
        if not ages:
            continue  # an empty folder, or another run deleted it meanwhile
        if max(ages) > now - LEFT_FOR:
            report.young += 1
            continue
        report.orphaned[key] = names
        report.orphaned_bytes += sum(place.size(name) for name in names)


def _folders(place: Storage, folder: str) -> list[str]:
    try:
        return list(place.listdir(folder)[0])
    except FileNotFoundError:
        return []


def _files(place: Storage, key: str) -> list[str]:
    try:
        return list(place.listdir(key)[1])
    except FileNotFoundError:
        return []


def _put_at(place: Storage, name: str) -> datetime | None:
    try:
        return place.get_modified_time(name)
    except Exception:  # each storage has its own way to say that it is gone
        if place.exists(name):
            raise
        return None


def _kept_rows() -> Iterator[tuple[str, list[str]]]:
    for file in Attachment.objects.exclude(storage_key__startswith=store.ERASED).order_by("pk").iterator():
        yield f"file {file.uuid}", previews.keys_of(file)


def _packs() -> Iterator[tuple[str, list[str]]]:
    for uuid, key in EvidencePack.objects.exclude(storage_key="").order_by("pk").values_list("uuid", "storage_key"):
        yield f"pack {uuid}", [key]


def _imports() -> Iterator[tuple[str, list[str]]]:
    for uuid, key in ImportRun.objects.exclude(storage_key="").order_by("pk").values_list("uuid", "storage_key"):
        yield f"import {uuid}", [key]


def _naming(
    field_name: str, model: type[Attachment] | type[EvidencePack] | type[ImportRun]
) -> Callable[[Collection[str]], set[str]]:
    def named(keys: Collection[str]) -> set[str]:
        rows = model._default_manager.filter(**{f"{field_name}__in": keys})
        return set(rows.values_list(field_name, flat=True))

    return named


owned("files", Owner(_naming("storage_key", Attachment), _kept_rows))
owned("made", Owner(_naming("made_key", Attachment), list))
owned("packs", Owner(_naming("storage_key", EvidencePack), _packs))
owned("imports", Owner(_naming("storage_key", ImportRun), _imports))
