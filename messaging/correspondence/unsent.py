"""Drafts, and what was deleted: e-mails a mailbox still has though nobody sent or kept them."""

from __future__ import annotations

import re
from email.message import Message
from enum import StrEnum
from pathlib import PurePath

from messaging.correspondence import headers


class Unsent(StrEnum):
    DRAFT = "DRAFT"
    DELETED = "DELETED"


# Google writes the labels of Takeout in the language of the account.
_DRAFTS = {
    "draft", "drafts", "entwürfe", "entwurf", "brouillons", "borradores", "rascunhos", "bozze", "concepten", "kladder",
    "utkast", "luonnokset", "wersje robocze", "robocze", "taslaklar", "koncepty", "piszkozatok", "ciorne", "πρόχειρα",
    "черновики", "чернетки", "下書き", "草稿", "草稿箱", "임시보관함", "טיוטות", "المسودات", "thư nháp", "draf",
    "unsent messages", "[gmail]/drafts", "inbox.drafts",
}  # fmt: skip
_TRASH = {
    "trash", "bin", "deleted", "deleted items", "deleted messages", "papierkorb", "gelöschte elemente",
    "gelöschte objekte", "corbeille", "éléments supprimés", "papelera", "elementos eliminados", "lixeira", "lixo",
    "itens excluídos", "itens eliminados", "cestino", "posta eliminata", "prullenbak", "verwijderde items", "papirkurv",
    "papperskorgen", "borttagna objekt", "slettede elementer", "roskakori", "poistetut", "kosz", "elementy usunięte",
    "çöp kutusu", "silinmiş öğeler", "koš", "odstraněná pošta", "kuka", "törölt elemek", "coș de gunoi", "κάδος",
    "корзина", "удаленные", "кошик", "ゴミ箱", "削除済みアイテム", "已删除邮件", "已删除邮件箱", "垃圾桶",
    "已删除", "휴지통", "אשפה", "المهملات", "thùng rác", "sampah", "[gmail]/trash", "inbox.trash",
}  # fmt: skip
_MAILDIR_FLAGS = re.compile(r"[:;!\-,]2,([A-Za-z]*)$")
_MARKS = re.compile(r"[RODAFTN]{1,7}")  # of an mbox: read, old, deleted, answered, flagged, draft, new
_SUFFIXES = {".mbox", ".sbd", ".mbx", ".gz", ".zip"}


def by_header(fields: Message) -> Unsent | None:
    """Return what an e-mail's own header says: labels of Gmail, marks of Thunderbird, Mutt, Pine and Outlook."""
    labels = [
        one.strip().strip('"').lower() for one in headers.words(headers.field(fields, "x-gmail-labels")).split(",")
    ]
    status = _hex(headers.field(fields, "x-mozilla-status"))
    status2 = _hex(headers.field(fields, "x-mozilla-status2"))
    marks = "".join(filter(_MARKS.fullmatch, (headers.field(fields, name) for name in ("status", "x-status"))))
    if (
        any(one in _DRAFTS for one in labels)
        or headers.field(fields, "x-unsent").startswith("1")
        or headers.field(fields, "x-mozilla-draft-info")
        or "T" in marks
    ):
        return Unsent.DRAFT
    if any(one in _TRASH for one in labels) or status & 0x0008 or status2 & 0x00200000 or "D" in marks:
        return Unsent.DELETED
    return None


def by_place(path: str) -> Unsent | None:
    """Return what the place of an e-mail says: flags in its name in a Maildir, folders called Drafts and Trash."""
    flags = _MAILDIR_FLAGS.search(path)
    if flags and "D" in flags[1]:
        return Unsent.DRAFT
    if flags and "T" in flags[1]:
        return Unsent.DELETED
    for part in PurePath(path).parts:
        name = part.lower()
        while PurePath(name).suffix in _SUFFIXES:
            name = PurePath(name).stem
        name = name.lstrip(".").rpartition("/")[2]
        for one in (name, name.rpartition(".")[2]):
            if one in _DRAFTS:
                return Unsent.DRAFT
            if one in _TRASH:
                return Unsent.DELETED
    return None


def by_flags(flags: int) -> Unsent | None:
    """Return what the flags of Apple Mail in an .emlx say."""
    if flags & 1 << 6:
        return Unsent.DRAFT
    return Unsent.DELETED if flags & 1 << 1 else None


def _hex(value: str) -> int:
    try:
        return int(value[:8], 16)
    except ValueError:
        return 0
