"""What a thread says of an old e-mail beside its words: nothing an e-mail brought along is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from claims.text import formats
from messaging.models import Message, OriginalMail
from messaging.thread.entry import Viewer
from messaging.thread.rows import ThreadRow

_KINDS: dict[str, str | Promise] = {
    OriginalMail.Kind.AUTO_REPLY: gettext_lazy("Automatic e-mail"),
    OriginalMail.Kind.BOUNCE: gettext_lazy("Delivery report"),
    OriginalMail.Kind.LIST: gettext_lazy("Mail to a list"),
    OriginalMail.Kind.DRAFT: gettext_lazy("Draft, never sent"),
}


def kind_words(row: ThreadRow) -> str:
    """Return what an e-mail that nobody wrote is called in place of its author."""
    return str(_KINDS.get(_mail(row).get("kind", ""), _("Automatic e-mail")))


def told(row: ThreadRow, *, viewer: Viewer, zone: str) -> tuple[str, ...]:
    """Return the sentences about an imported e-mail, none for other entries and for one that was removed.

    Who of the desk wrote one is told to the desk alone.
    """
    return tuple(_told(row, viewer, zone)) if row.facts["imported"] and not row.erased_at else ()


def _mail(row: ThreadRow) -> dict[str, Any]:
    return row.facts.get("mail") or {}


def _told(row: ThreadRow, viewer: Viewer, zone: str) -> Iterator[str]:
    mail = _mail(row)
    notes = mail.get("notes") or {}
    if mail.get("kind") == OriginalMail.Kind.DRAFT:
        yield str(_KINDS[OriginalMail.Kind.DRAFT])
    if mail.get("written_by") and (viewer == "desk" or row.party != Message.Party.DESK):
        yield _("Written by %(who)s") % {"who": mail["written_by"]}
    if bounced := notes.get("bounced"):
        names = formats.and_list(bounced)
        if viewer == "desk":
            yield _("An e-mail of the desk did not arrive: %(names)s") % {"names": names}
        else:
            yield _("An e-mail did not arrive: %(names)s") % {"names": names}
    if dated_at := mail.get("dated_at"):
        values = {"day": formats.day(datetime.fromisoformat(dated_at), zone)}
        if row.facts["date_known"]:
            yield _("The day is the mail server's; the e-mail itself says %(day)s.") % values
        else:
            yield _("The e-mail itself says %(day)s, which can't be.") % values
    if not row.text and not row.quoted:
        if mail.get("subject"):
            yield _("Subject: %(subject)s") % {"subject": mail["subject"]}
        yield _no_words(notes)
    elif names := _left_out(notes):
        yield names
    if notes.get("cut_off"):
        yield _("Its end is missing: it was cut off in the mailbox.")


def _no_words(notes: dict[str, Any]) -> str:
    left_out = _left_out(notes)
    return _("No words; %(files)s") % {"files": left_out} if left_out else _("No words.")


def _left_out(notes: dict[str, Any]) -> str:
    names = list(notes.get("left_out") or ())
    if not names:
        return ""
    count = len(names) + int(notes.get("left_out_more") or 0)
    if more := count - len(names):
        names.append(ngettext("%(n)s more file", "%(n)s more files", more) % {"n": more})
    values = {"names": formats.and_list(names)}
    return ngettext("%(names)s is in the original.", "%(names)s are in the original.", count) % values
