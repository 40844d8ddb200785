"""Where files are kept: in private storage, under keys we choose, never under a name a stranger gave."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages

from claims.files.bucket import StorageAway
from claims.files.check import KINDS, Accepted
from claims.files.refusals import FileNotAccepted, FileProblem
from claims.models import Attachment, Claim, ClaimLine, Draft
from claims.rules.lifecycle import Party
from claims.signals import attachment_stored

ERASED = "erased/"
"""Where storage keys of files begin whose bytes are gone."""


def storage() -> Storage:
    """Return the private storage: a folder no URL leads to, or a bucket."""
    return storages["attachments"]


def new_key(folder: str = "files") -> str:
    """Return a key nobody has, in this folder."""
    key = uuid.uuid4().hex
    return f"{folder}/{key[:2]}/{key}"


def put(file: File, folder: str = "files") -> str:
    """Write the file from its start under a new key and return the key. The bytes are whole when this returns.

    Raises StorageAway.
    """
    file.seek(0)
    return storage().save(new_key(folder), file)


def put_upload(file: File, accepted: Accepted) -> str:
    """The same for what a person sent. Raises FileNotAccepted, with what to do, where the storage is away."""
    try:
        return put(file)
    except StorageAway as error:
        raise FileNotAccepted(FileProblem.NOT_STORED, name=accepted.name) from error


def made(made_key: str, name: str) -> str:
    """Return the key of one thing we made of a file: "copy", or the number of a page and ".png"."""
    return f"{made_key}/{name}"


def take_back(key: str) -> None:
    """Delete what was put under a key, for one that no row came to name."""
    storage().delete(key)


def undo(keys: Iterable[str]) -> None:
    """Delete what was put for what then wasn't done. Where the storage is away it is left to the purge of orphans."""
    for key in keys:
        with suppress(StorageAway):
            take_back(key)


def read(key: str) -> IO[bytes]:
    """Return the stored file, open for reading. Raises FileNotFoundError and StorageAway."""
    return storage().open(key)


def keep(
    file: File,
    accepted: Accepted,
    *,
    now: datetime,
    draft: Draft | None = None,
    claim: Claim | None = None,
    claim_line: ClaimLine | None = None,
    position: int | None = None,
    slot: str = "",
    party: Party = Party.SELLER,
    uploaded_by_id: int | None = None,
) -> Attachment:
    """Store a file that passed the check, for a draft or for an entry of a claim, and return its row.

    A file of a claim is shown at once; that of a draft when the draft is sent. Where the row can't be written the
    bytes are taken back; where the caller's transaction fails later they stay until orphaned files are purged.
    Raises FileNotAccepted where the storage is away.
    """
    key = put_upload(file, accepted)
    try:
        return record(
            key,
            accepted,
            now=now,
            draft=draft,
            claim=claim,
            claim_line=claim_line,
            position=position,
            slot=slot,
            party=party,
            uploaded_by_id=uploaded_by_id,
        )
    except BaseException:
        undo([key])
        raise


def record(
    key: str,
    accepted: Accepted,
    *,
    now: datetime,
    draft: Draft | None = None,
    claim: Claim | None = None,
    claim_line: ClaimLine | None = None,
    position: int | None = None,
    slot: str = "",
    party: Party = Party.SELLER,
    uploaded_by_id: int | None = None,
    hurry: bool = True,
) -> Attachment:
    """Write the row of a file that was put already, for callers who store before they lock. Else as `keep`.

    The virus check and the previews are still to come: at once where `hurry` is set, else with the next sweep.
    """
    owner = draft or claim
    if owner is None:
        raise ValueError("A file belongs to a draft or to a claim.")
    scan, making = Attachment.Scan, Attachment.Making
    attachment = Attachment.objects.create(
        seller_id=owner.seller_id,
        draft=draft,
        claim=claim,
        claim_line=claim_line,
        position=position,
        slot=slot,
        party=party,
        name=accepted.name,
        media_type=accepted.media_type,
        size=accepted.size,
        sha256=accepted.sha256,
        storage_key=key,
        uploaded_by_id=uploaded_by_id,
        uploaded_at=now,
        shown_at=now if claim else None,
        scan=scan.PENDING if settings.CLAMD_URL else scan.NOT_SCANNED,
        making=making.PENDING if KINDS[accepted.media_type].previewed else making.NOTHING,
        also_on=_earlier_claim(
            owner.seller_id, accepted.sha256, claim.pk if claim else draft.claim_id if draft else None
        ),
    )
    attachment_stored.send(sender=Attachment, attachment=attachment, hurry=hurry)
    return attachment


def _earlier_claim(seller_id: int, sha256: str, but: int | None) -> str:
    """Return the id of the first other claim of this seller that has a file of these bytes, or ""."""
    same = Attachment.objects.filter(seller_id=seller_id, sha256=sha256, shown_at__isnull=False)
    if but is not None:
        same = same.exclude(claim_id=but)
    return same.order_by("pk").values_list("claim__claim_id", flat=True).first() or ""
