"""E-mails that nobody wrote: automatic replies, delivery reports, mail to lists. Told by their header alone.

After RFC 3834 and what programs put there before and beside it.
"""

from __future__ import annotations

import re
from email.message import Message
from enum import StrEnum

from messaging.correspondence import headers


class Nature(StrEnum):
    """What an e-mail is by its header. GENERATED is made by a program, though maybe for a person, as tickets are."""

    MAIL = "MAIL"
    AUTO_REPLY = "AUTO_REPLY"
    GENERATED = "GENERATED"
    BOUNCE = "BOUNCE"
    LIST = "LIST"


_REPLY_FIELDS = (
    "x-autoreply",
    "x-auto-reply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-vacation",
    "x-ms-exchange-inbox-rules-loop-oof",
)
_PRECEDENCES = {
    "auto_reply": Nature.AUTO_REPLY,
    "auto-reply": Nature.AUTO_REPLY,
    "bulk": Nature.LIST,
    "junk": Nature.LIST,
    "list": Nature.LIST,
}
_LIST_FIELDS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-listname", "x-list")
_MAILER = re.compile(
    r"(?:mailer-daemon|mail-daemon|postmaster|mdaemon|maildaemon)@|^(?:mailer-daemon|postmaster)\b", re.I
)
_NOT_DELIVERED = re.compile(
    r"undeliver|delivery status|delivery failure|failure notice|returned mail|mail delivery|delivery has failed|"
    r"unzustellbar|non remis|no se puede entregar|niet bezorgd|non recapitabile|não entregue|недоставлен|未送達|退信",
    re.I,
)
# Before "Re:" and the like nobody writes these; programs do.
_SUBJECT = re.compile(
    r"\s*(?:auto(?:matic)?[ -]?reply|automatische antwort|abwesenheitsnotiz|réponse automatique|respuesta automática|"
    r"resposta automática|risposta automatica|automatisch antwoord|autosvar|automatiskt svar|automaattinen vastaus|"
    r"odpowiedź automatyczna|autoodpowiedź|otomatik yanıt|automatická odpověď|automatikus válasz|răspuns automat|"
    r"αυτόματη απάντηση|автоответ|автоматический ответ|自动回复|自動回覆|自動応答|自動返信|자동 회신|자동 응답|"
    r"out of (?:the )?office(?: autoreply)?|ooo|absence du bureau|fuera de la oficina|afwezigheidsmelding)\s*[:\uff1a]",
    re.I,
)
# Programs in which people answer as if by hand mark all they send as made by a program.
_TICKET_SYSTEMS = re.compile(
    r"zendesk|freshdesk|help ?scout|gorgias|re:?amaze|edesk|kayako|zoho desk|otrs|znuny|request tracker|osticket", re.I
)
_NAMES_OF_PROGRAMS = ("x-mailer", "user-agent", "x-powered-by", "message-id")


def nature(fields: Message) -> Nature:
    """Return what an e-mail is. What a seller's own ticket system sends counts as written by somebody."""

    def of(name: str) -> str:
        return headers.field(fields, name)

    kind = fields.get_content_type()
    report = str(fields.get_param("report-type") or "").lower() if kind == "multipart/report" else ""
    no_way_back = of("return-path").replace(" ", "") == "<>"
    subject = headers.words(of("subject"))
    from_mailer = _MAILER.search(of("from")) is not None
    if report in ("disposition-notification", "feedback-report"):
        return Nature.AUTO_REPLY
    if kind == "multipart/report" or of("x-failed-recipients") or (from_mailer and _NOT_DELIVERED.search(subject)):
        return Nature.BOUNCE
    if no_way_back and (from_mailer or _NOT_DELIVERED.search(subject)):
        return Nature.BOUNCE
    submitted = re.split(r"[;\s(]", of("auto-submitted").lower(), maxsplit=1)[0]
    precedence = _PRECEDENCES.get(of("precedence").lower()) or _PRECEDENCES.get(of("x-precedence").lower())
    if (
        submitted in ("auto-replied", "auto-notified")
        or precedence is Nature.AUTO_REPLY
        or no_way_back
        or any(of(name).lower() not in ("", "no") for name in _REPLY_FIELDS)
        or "autoresponder" in (of("delivered-to") + of("x-post-messageclass")).lower()
        or _SUBJECT.match(subject)
    ):
        return Nature.AUTO_REPLY
    if _TICKET_SYSTEMS.search(" ".join(of(name) for name in _NAMES_OF_PROGRAMS)) or of("x-rt-originator"):
        return Nature.MAIL
    if submitted not in ("", "no") or of("x-auto-response-suppress"):
        return Nature.GENERATED
    if precedence is Nature.LIST or any(of(name) for name in _LIST_FIELDS):
        return Nature.LIST
    return Nature.MAIL


def lists(fields: Message) -> tuple[str, ...]:
    """Return the lists an e-mail came through, as addresses: "team@desk.example"; "team.desk.example" of a List-Id."""
    post = headers.addresses(headers.field(fields, "list-post").replace("mailto:", ""))
    named = headers.addresses(
        ", ".join(headers.field(fields, name) for name in ("mailing-list", "x-mailing-list")).replace("list ", "")
    )
    ids = re.findall(r"<([^<>\s@]{1,255})>", headers.field(fields, "list-id"))
    return tuple(dict.fromkeys((*post, *named, *(one.lower() for one in ids))))
