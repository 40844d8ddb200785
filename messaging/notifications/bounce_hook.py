"""What mail providers tell by themselves of mail that came back: Amazon SES, Mailgun, Postmark, SendGrid, or plain.

Each is understood by what its JSON holds. Reports of spam count as an address that wants nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from messaging.notifications.bounces import Returned, is_final_code, message_uuid
from messaging.notifications.unsent_causes import UnsentCause

SPAM = UnsentCause.SPAM.value
FINAL_OF_POSTMARK = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated", "SpamComplaint"})


class NotUnderstood(Exception):
    """The body is of no provider that is known; str() says what is."""


def returned_of(body: bytes) -> list[Returned]:
    """Return what a provider says came back; nothing where it speaks of something else. Raises NotUnderstood."""
    try:
        said = json.loads(body)
    except ValueError as error:
        raise NotUnderstood("This is no JSON.") from error
    found: list[Returned] = []
    for one in said if isinstance(said, list) else [said]:
        if not isinstance(one, dict):
            raise NotUnderstood("This is no event of a provider: one is an object.")
        found += _of_event(one)
    return found


def _of_event(one: Mapping[str, Any]) -> Iterator[Returned]:
    if one.get("Type") in ("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"):
        yield from _of_ses(one)
    elif isinstance(one.get("event-data"), dict):
        yield from _of_mailgun(one["event-data"])
    elif "RecordType" in one:
        yield from _of_postmark(one)
    elif "event" in one and "email" in one:
        yield from _of_sendgrid(one)
    elif "recipient" in one or "message_id" in one:
        uuid, final = message_uuid(_text(one.get("message_id"))), one.get("permanent") is not False
        yield Returned(uuid, _text(one.get("recipient")), _text(one.get("reason")), final)
    else:
        raise NotUnderstood("This is no event of Amazon SES, Mailgun, Postmark or SendGrid, nor the plain form.")


def _of_ses(one: Mapping[str, Any]) -> Iterator[Returned]:
    if one["Type"] != "Notification":
        return
    try:
        event = json.loads(_text(one.get("Message")))
    except ValueError:
        return
    if not isinstance(event, dict):
        return
    headers = _of(event, "mail").get("headers")
    named = [_text(each.get("value")) for each in headers or [] if _text(each.get("name")).lower() == "message-id"]
    uuid = message_uuid(named[0]) if named else None
    bounce, complaint = _of(event, "bounce"), _of(event, "complaint")
    for each in bounce.get("bouncedRecipients") or []:
        code = _text(each.get("status"))
        final = bounce.get("bounceType") == "Permanent" and (not code or is_final_code(code))
        yield Returned(uuid, _text(each.get("emailAddress")), _text(each.get("diagnosticCode")), final)
    for each in complaint.get("complainedRecipients") or []:
        yield Returned(uuid, _text(each.get("emailAddress")), SPAM, True)


def _of_mailgun(event: Mapping[str, Any]) -> Iterator[Returned]:
    kind, final = event.get("event"), event.get("severity") == "permanent"
    if kind not in ("failed", "complained"):
        return
    uuid = message_uuid(_text(_of(_of(event, "message"), "headers").get("message-id")))
    status = _of(event, "delivery-status")
    said = SPAM if kind == "complained" else _text(status.get("message")) or _text(status.get("description"))
    if kind == "complained" or final:
        yield Returned(uuid, _text(event.get("recipient")), said, True)


def _of_postmark(event: Mapping[str, Any]) -> Iterator[Returned]:
    kind = event.get("RecordType")
    if kind not in ("Bounce", "SpamComplaint"):
        return
    final = event.get("Type") in FINAL_OF_POSTMARK
    said = SPAM if kind == "SpamComplaint" else _text(event.get("Details")) or _text(event.get("Description"))
    yield Returned(None, _text(event.get("Email")), said, final)


def _of_sendgrid(event: Mapping[str, Any]) -> Iterator[Returned]:
    kind = event.get("event")
    if kind not in ("bounce", "dropped", "spamreport"):
        return
    said = SPAM if kind == "spamreport" else _text(event.get("reason"))
    final = kind == "spamreport" or (kind == "bounce" and event.get("type") != "blocked")
    if final:
        yield Returned(message_uuid(_text(event.get("smtp-id"))), _text(event.get("email")), said, True)


def _of(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    return value[:1000] if isinstance(value, str) else ""
