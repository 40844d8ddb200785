"""Drafts: what a person has not sent yet, kept on the server from the first field on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.files.base import File
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Membership, Role
from claims.files import check, previews, quotas, store
from claims.files.refusals import FileNotAccepted
from claims.models import Attachment, Claim, Draft, Refund, RefundLine
from claims.rules.lifecycle import Refusal
from claims.workflow.transitions import TransitionRefused

IDLE = timedelta(days=90)
"""How long a draft is kept that nobody touches."""
PAGES = 8
"""How many open pages are remembered that wrote into a draft."""


@dataclass(frozen=True, slots=True)
class PageSequence:
    """Which open page sent the words, and its number on that page: requests may arrive in another order."""

    tab: str = ""
    n: int = 0


class Overtaken(Exception):
    """What a page wrote later is kept already; `n` is its number. Nothing was changed."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.n = n


def begin_filing(*, membership: Membership, refund: Refund, now: datetime, line: RefundLine | None = None) -> Draft:
    """Return the member's draft for this refund, the one there is or a new one. Raises TransitionRefused for a viewer.

    With `line`, all that is left of that line is chosen, unless something of it was chosen before. A refund of one line
    leaves nothing to choose: that line it is.
    """
    _may_act(membership)
    draft, new = Draft.objects.get_or_create(
        user_id=membership.user_id,
        refund=refund,
        purpose=Draft.Purpose.FILE,
        defaults={"seller_id": membership.seller_id, "created_at": now, "updated_at": now},
    )
    if line is None and new:
        lines = list(RefundLine.objects.filter(refund=refund)[:2])
        line = lines[0] if len(lines) == 1 else None
    if line is None:
        return draft
    with transaction.atomic():
        kept = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
        quantities = dict(kept.choices.get("quantities") or {})
        if quantities.get(line.sku):
            return kept
        quantities[line.sku] = max(line.quantity - line.held_quantity, 0)
        kept.choices = {**kept.choices, "quantities": quantities}
        kept.updated_at = now
        kept.save(update_fields=["choices", "updated_at"])
        return kept


def begin_reply(*, membership: Membership, claim: Claim, now: datetime, uuid: UUID | None = None) -> Draft:
    """Return the member's draft for the claim's composer, there already or new. Raises TransitionRefused for a viewer.

    `uuid` is the id a new one gets, for a form that was shown before anything was kept.
    """
    _may_act(membership)
    given = {"uuid": uuid} if uuid else {}
    draft, _ = Draft.objects.get_or_create(
        user_id=membership.user_id,
        claim=claim,
        purpose=Draft.Purpose.REPLY,
        defaults={"seller_id": claim.seller_id, "created_at": now, "updated_at": now, **given},
    )
    return draft


def lock_reply(*, membership: Membership, claim: Claim) -> Draft | None:
    """Return the member's draft for the claim's composer, locked, or None. Raises TransitionRefused for a viewer."""
    _may_act(membership)
    own = Draft.objects.filter(user_id=membership.user_id, claim=claim, purpose=Draft.Purpose.REPLY)
    return own.select_for_update(of=("self",)).first()


def save(draft: Draft, **given: Any) -> Draft:
    """Keep what was typed and chosen so far, as `save_locked` does, and return the draft. Raises Overtaken."""
    with transaction.atomic():
        locked = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
        save_locked(locked, **given)
        return locked


def save_locked(
    draft: Draft,
    *,
    now: datetime,
    text: str | None = None,
    written: PageSequence | None = None,
    in_order: bool = False,
    **choices: Any,
) -> None:
    """Keep in a draft that the caller has locked what was typed and chosen so far; what isn't given stays.

    With `in_order`, raises Overtaken for what its page wrote before something that is kept.
    """
    if written and written.tab:
        last = last_of(draft, written.tab)
        if in_order and written.n < last:
            raise Overtaken(last)
        others = [page for page in draft.choices.get("pages", ()) if page[0] != written.tab]
        choices |= {"pages": [*others[1 - PAGES :], [written.tab, max(written.n, last)]]}
    if text is not None:
        draft.text = text
    draft.choices = {**draft.choices, **choices}
    draft.updated_at = now
    draft.save(update_fields=["text", "choices", "updated_at"])
    transaction.on_commit(_say_kept)


def rename(draft: Draft, uuid: UUID) -> Draft:
    """Give the draft the idempotency key that the form in hand was shown with. Return it."""
    Draft.objects.filter(pk=draft.pk).update(uuid=uuid)
    draft.uuid = uuid
    return draft


def last_of(draft: Draft, tab: str) -> int:
    """Return the number of the last thing that this page wrote into the draft, 0 for a page that wrote nothing."""
    return max((n for page, n in draft.choices.get("pages", ()) if page == tab), default=0)


def _say_kept() -> None:
    """Have the page of an error in this request, and its log, say that a draft is kept: from now on one is."""
    structlog.contextvars.bind_contextvars(draft_kept=True)


def remove_file(draft: Draft, attachment_uuid: Any) -> bool:
    """Take a file out of the draft, bytes and all; return whether it was there."""
    with transaction.atomic():
        return bool(_drop(Attachment.objects.filter(draft=draft, uuid=attachment_uuid)))


def idle(now: datetime) -> QuerySet[Draft]:
    """Return the drafts that nobody touched for 90 days."""
    return Draft.objects.filter(updated_at__lt=now - IDLE)


def delete_idle(now: datetime, *, batch: int = 200) -> int:
    """Delete the drafts that nobody touched for 90 days, with their files; return how many. Safe to repeat.

    Each is looked at again under its lock: one that is taken up meanwhile stays.
    """
    deleted, before = 0, now - IDLE
    while True:
        pks = list(idle(now).order_by("pk").values_list("pk", flat=True)[:batch])
        for pk in pks:
            with transaction.atomic():
                draft = Draft.objects.select_for_update(of=("self",)).filter(pk=pk, updated_at__lt=before).first()
                if draft is not None:
                    delete(draft)
                    deleted += 1
        if len(pks) < batch:
            return deleted


def delete(draft: Draft) -> None:
    """Delete a draft with its files."""
    with transaction.atomic():
        Draft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
        _drop(Attachment.objects.filter(draft=draft))
        Draft.objects.filter(pk=draft.pk).delete()


def _drop(files: QuerySet[Attachment]) -> int:
    """Delete files of a draft, and their bytes once that is committed; return how many there were."""
    dropped = list(files.order_by("pk"))
    keys = [key for file in dropped for key in previews.keys_of(file)]
    Attachment.objects.filter(pk__in=[file.pk for file in dropped]).delete()
    for file in dropped:
        if not file.storage_key.startswith(store.ERASED):  # else it was counted when its bytes went
            quotas.count(file.seller_id, -file.size)

    def take_back() -> None:
        for key in keys:
            store.take_back(key)

    transaction.on_commit(take_back, robust=True)
    return len(dropped)


def _may_act(membership: Membership) -> None:
    if not membership.is_active or not Role(membership.role).may_act:
        raise TransitionRefused(Refusal.ROLE_VIEWER)


def add_files(
    draft: Draft, files: Sequence[tuple[str, File[bytes]]], *, now: datetime
) -> tuple[int, list[FileNotAccepted]]:
    """Put uploaded files, each with its evidence slot or "", into the draft; return (how many, what was refused).

    Each file stands for itself: one that is refused keeps none of the others out. The same file for the same slot is
    kept once.
    """
    passed, refused = [], []
    for slot, file in files:
        try:
            passed.append((slot, file, check.examine(file)))
        except FileNotAccepted as error:
            refused.append(error)
    kept = 0
    for file_for_slot in passed:
        try:
            kept += _keep_file(draft, file_for_slot, now)
        except FileNotAccepted as error:
            refused.append(error)
            break
    if kept:
        Draft.objects.filter(pk=draft.pk).update(updated_at=now)
    return kept, refused


def _keep_file(draft: Draft, file_for_slot: tuple[str, File[bytes], check.Accepted], now: datetime) -> int:
    with transaction.atomic():
        locked = Draft.objects.select_for_update(of=("self",)).select_related("seller").filter(pk=draft.pk).first()
        # None where the draft was filed or deleted in another tab meanwhile.
        return keep_files(locked, [file_for_slot], now=now) if locked else 0


def keep_files(draft: Draft, passed: Sequence[tuple[str, File[bytes], check.Accepted]], *, now: datetime) -> int:
    """Keep in a draft that the caller has locked files that passed the check, each with its evidence slot or "";
    return how many weren't there yet.

    All of them or none: raises FileNotAccepted where they are too many or too much together. Where storing one fails,
    the caller's transaction has to end.
    """
    have = set(Attachment.objects.filter(draft=draft).values_list("sha256", "slot"))
    new = {
        (accepted.sha256, str(slot)): (slot, file, accepted)
        for slot, file, accepted in passed
        if (accepted.sha256, str(slot)) not in have
    }
    if not new:
        return 0
    if error := quotas.problem(draft, [accepted for _slot, _file, accepted in new.values()]):
        raise error
    for slot, file, accepted in new.values():
        store.keep(file, accepted, now=now, draft=draft, slot=slot, uploaded_by_id=draft.user_id)
    quotas.count(draft.seller_id, sum(accepted.size for _slot, _file, accepted in new.values()))
    return len(new)
