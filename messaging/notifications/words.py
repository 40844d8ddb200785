"""The words of each kind of e-mail: subject, first line, button; those about people are in `account_words`.

They are looked up when the e-mail is written, never before.

A kind whose sentence depends on what is known has a row for each way to say it: nothing is glued from parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _n

from claims.text.directions import ISOLATES, isolated
from messaging.notifications.account_words import ACCOUNT_WORDS
from messaging.notifications.email_content import Words
from messaging.notifications.kinds import Kind

WORDS: dict[str, Words] = {
    Kind.FILED: Words(
        _n("Filed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(actor)s filed a claim for %(claimed)s. It is with the SAFE-T team."),
        _n("See the claim"),
    ),
    "filed, many": Words(
        _n("Filed: %(count)s SAFE-T claims"),
        _n("%(actor)s filed %(count)s claims for %(sum)s. They are with the SAFE-T team."),
        _n("See the claims"),
    ),
    Kind.INFORMATION_REQUESTED: Words(
        _n("Reply by %(short_day)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "The SAFE-T team needs %(things)s from you: %(asked)s. Without a reply by %(reply_by)s the claim is denied."
        ),
        _n("Reply"),
    ),
    "information-requested, many": Words(
        _n("Reply by %(short_day)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team needs %(things)s from you. Without a reply by %(reply_by)s the claim is denied."),
        _n("Reply"),
    ),
    "information-requested, on appeal": Words(
        _n("Reply by %(short_day)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "The SAFE-T team needs %(things)s for your appeal: %(asked)s. Without a reply by %(reply_by)s the appeal "
            "ends and the first decision stands: %(first_result)s."
        ),
        _n("Reply"),
    ),
    "information-requested, many, on appeal": Words(
        _n("Reply by %(short_day)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "The SAFE-T team needs %(things)s for your appeal. Without a reply by %(reply_by)s the appeal ends and "
            "the first decision stands: %(first_result)s."
        ),
        _n("Reply"),
    ),
    Kind.REPLY_RECEIVED: Words(
        _n("Reply sent: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(actor)s replied %(moment)s. The claim is under investigation again."),
        _n("See the claim"),
    ),
    "reply-received, by mail": Words(
        _n("E-mail accepted as the reply: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team accepted your old e-mail as your reply. The claim is under investigation again."),
        _n("See the claim"),
    ),
    Kind.GRANTED: Words(
        _n("Granted, %(granted)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team granted all you claimed: %(granted)s. You get another e-mail when it is paid."),
        _n("See the decision"),
    ),
    Kind.PARTLY_GRANTED: Words(
        _n("Granted in part, %(granted)s of %(claimed)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team granted %(granted)s of %(claimed)s. %(why)s You can appeal once, until %(appeal_by)s."),
        _n("See the decision"),
    ),
    Kind.DENIED: Words(
        _n("Denied: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team denied the claim. %(why)s You can appeal once, until %(appeal_by)s."),
        _n("See the decision"),
    ),
    Kind.LAPSED: Words(
        _n("Denied, no reply: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "No reply arrived by %(reply_by)s, so the claim was denied. You can appeal once, until %(appeal_by)s, "
            "with what was asked for: %(asked)s."
        ),
        _n("Appeal"),
    ),
    "partly-granted, no appeal": Words(
        _n("Granted in part, %(granted)s of %(claimed)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team granted %(granted)s of %(claimed)s. %(why)s"),
        _n("See the decision"),
    ),
    "denied, no appeal": Words(
        _n("Denied: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team denied the claim. %(why)s"),
        _n("See the decision"),
    ),
    "lapsed, no appeal": Words(
        _n("Denied, no reply: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("No reply arrived by %(reply_by)s, so the claim was denied. The SAFE-T team had asked for: %(asked)s."),
        _n("See the decision"),
    ),
    Kind.APPEAL_FILED: Words(
        _n("Appeal filed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(actor)s appealed. Someone who did not make the first decision looks at it."),
        _n("See the claim"),
    ),
    Kind.APPEAL_RAISED: Words(
        _n("Appeal granted, %(granted)s of %(claimed)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "On appeal %(granted)s of %(claimed)s is granted; the first decision was: %(first_result)s. "
            "This decision is final."
        ),
        _n("See the decision"),
    ),
    Kind.APPEAL_CONFIRMED: Words(
        _n("Appeal decided, no change: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The first decision stands: %(first_result)s. %(why)s This decision is final."),
        _n("See the decision"),
    ),
    Kind.APPEAL_LAPSED: Words(
        _n("Appeal ended, no reply: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("No reply arrived by %(reply_by)s, so the first decision stands: %(first_result)s. This is final."),
        _n("See the claim"),
    ),
    Kind.WITHDRAWN: Words(
        _n("Withdrawn: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(actor)s withdrew the claim. You can file again until %(closes)s."),
        _n("See the claim"),
    ),
    "withdrawn, window over": Words(
        _n("Withdrawn: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(actor)s withdrew the claim. The filing window has ended."),
        _n("See the claim"),
    ),
    Kind.MESSAGE: Words(
        _n("New message: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n('The SAFE-T team wrote: "%(excerpt)s" You don\'t have to reply.'),
        _n("Read the message"),
    ),
    "message, your turn": Words(
        _n("New message: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n('The SAFE-T team wrote: "%(excerpt)s" What it asked for before is still needed.'),
        _n("Read the message"),
    ),
    "message, no words": Words(
        _n("New message: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team wrote to you."),
        _n("Read the message"),
    ),
    Kind.REPLY_BY_MOVED: Words(
        _n("More time, until %(short_day)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("Reply-by was moved from %(old)s to %(new)s: %(why)s"),
        _n("Reply"),
    ),
    "reply-by-moved, appeal": Words(
        _n("More time, until %(short_day)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("Appeal-by was moved from %(old)s to %(new)s: %(why)s"),
        _n("See the decision"),
    ),
    Kind.DECISION_CORRECTED: Words(
        _n("Decision corrected: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "The SAFE-T team corrected its decision of %(day)s: %(granted)s of %(claimed)s is granted. "
            "Your appeal is untouched."
        ),
        _n("See the decision"),
    ),
    Kind.PAID: Words(
        _n("Paid, %(paid)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(paid)s of %(granted)s was booked on %(day)s."),
        _n("See the claim"),
    ),
    "paid, with reference": Words(
        _n("Paid, %(paid)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(paid)s of %(granted)s was booked on %(day)s, reference %(reference)s."),
        _n("See the claim"),
    ),
    Kind.PAYMENT_REVERSED: Words(
        _n("Payment taken back, %(paid)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(paid)s was taken back on %(day)s. If you don't know why, ask on the claim."),
        _n("See the claim"),
    ),
    "payment-reversed, with reference": Words(
        _n("Payment taken back, %(paid)s: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(paid)s was taken back on %(day)s, reference %(reference)s. If you don't know why, ask on the claim."),
        _n("See the claim"),
    ),
    Kind.FILE_NOT_ACCEPTED: Words(
        _n("File not accepted: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(name)s was not added to the claim: it failed the virus check."),
        _n("Send another file"),
    ),
    "file-not-accepted, still missing": Words(
        _n("File not accepted: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "%(name)s was not added to the claim: it failed the virus check. Still missing: %(missing)s, "
            "reply by %(reply_by)s."
        ),
        _n("Send another file"),
    ),
    "file-not-accepted, of the team": Words(
        _n("File not accepted: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("%(name)s, a file of the SAFE-T team, was not added to the claim: it failed the virus check."),
        _n("See the claim"),
    ),
    Kind.REDACTED: Words(
        _n("A message was removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team removed a message of %(day)s. Why: %(why)s"),
        _n("See the claim"),
    ),
    "redacted, yours": Words(
        _n("A message was removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team removed a message you sent on %(day)s. Why: %(why)s"),
        _n("See the claim"),
    ),
    "redacted, ours": Words(
        _n("A message was removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team removed its own message of %(day)s. Why: %(why)s"),
        _n("See the claim"),
    ),
    "redacted, decision": Words(
        _n("Words were removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "The SAFE-T team removed its own words from the decision of %(day)s. Amounts and reasons stay as they are. "
            "Why: %(why)s"
        ),
        _n("See the decision"),
    ),
    "redacted, statement": Words(
        _n("Words were removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team removed what you wrote when the claim was filed. Why: %(why)s"),
        _n("See the claim"),
    ),
    "redacted, file": Words(
        _n("A file was removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team removed a file you sent on %(day)s. Why: %(why)s"),
        _n("See the claim"),
    ),
    "redacted, evidence": Words(
        _n("A file was removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "The SAFE-T team removed a file you sent on %(day)s as %(slot)s. You can send another one while the claim "
            "is open. Why: %(why)s"
        ),
        _n("Send another file"),
    ),
    "redacted, file of the team": Words(
        _n("A file was removed: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The SAFE-T team removed a file it had sent on %(day)s. Why: %(why)s"),
        _n("See the claim"),
    ),
    Kind.REMINDER_REPLY: Words(
        _n("%(left)s left to reply: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("Still missing: %(missing)s. Without a reply by %(reply_by)s the claim is denied."),
        _n("Reply"),
    ),
    "reminder-reply, on appeal": Words(
        _n("%(left)s left to reply: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n(
            "Still missing: %(missing)s. Without a reply by %(reply_by)s the appeal ends and the first decision "
            "stands: %(first_result)s."
        ),
        _n("Reply"),
    ),
    Kind.REMINDER_APPEAL: Words(
        _n("%(left)s left to appeal: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The claim was denied. You can appeal once, until %(appeal_by)s."),
        _n("See the decision"),
    ),
    "reminder-appeal, granted in part": Words(
        _n("%(left)s left to appeal: SAFE-T claim %(claim_id)s, order %(order_id)s"),
        _n("The claim was granted in part. You can appeal once, until %(appeal_by)s."),
        _n("See the decision"),
    ),
    Kind.REMINDER_REFUND: Words(
        _n("%(left)s left to claim %(amount)s: order %(order_id)s"),
        _n("The buyer was refunded %(amount)s on %(day)s. The window closes %(closes)s."),
        _n("File a claim"),
    ),
    "reminder-refund, several": Words(
        _n("%(left)s left to claim %(amount)s: %(refunds)s"),
        _n("%(refunds)s worth %(amount)s can still be claimed. Their window closes %(closes)s."),
        _n("See claimable refunds"),
    ),
    Kind.REMINDER_DRAFT: Words(
        _n("%(left)s left to submit your draft: order %(order_id)s"),
        _n("Your draft isn't filed. The window closes %(closes)s."),
        _n("Finish the draft"),
    ),
    "reminder-draft, missing": Words(
        _n("%(left)s left to submit your draft: order %(order_id)s"),
        _n("Your draft isn't filed. Missing: %(missing)s. The window closes %(closes)s."),
        _n("Finish the draft"),
    ),
    **ACCOUNT_WORDS,
}


def say(row: str, values: dict[str, Any]) -> Words:
    """Return the words of a row of the table with these values in their places, each on one line.

    What somebody wrote from right to left stands in its own direction, and leaves the sentence in its.
    """
    subject, first, button = WORDS[row]
    values = {name: isolated(one_line(value)) if isinstance(value, str) else value for name, value in values.items()}
    return Words(*(one_line(_(words) % values, keep=ISOLATES) for words in (subject, first, button)))


def one_line(text: str, keep: Sequence[str] = ()) -> str:
    """Return the text without line breaks, other control characters and runs of spaces.

    `keep`: what isn't printed and stays: the isolates that we put around what runs from right to left.
    Every header of an e-mail is made by this, so that nothing anybody typed can begin another header.
    """
    words = "".join(each if each.isprintable() or each in keep else " " for each in text).split()
    return " ".join(words)


def plain_name(name: str, most: int = 60) -> str:
    """Return a name as strangers may read it: too short for a message, and without anything that becomes a link."""
    plain = one_line("".join(" " if each in "/:@<>[]()\\" else each for each in name)).replace(".", "․")
    return plain if len(plain) <= most else plain[: most - 1] + "…"
