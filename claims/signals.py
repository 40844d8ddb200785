"""What a claim tells those above it, sent inside the transaction of the change."""

from django.dispatch import Signal

# Arguments: change (StatusChange), claim (Claim). Sent with `send`: a receiver that fails undoes the change.
status_changed = Signal()

# Arguments: attachment (Attachment), once its row is written, for a draft or for a claim; hurry (bool): whether
# a person waits for it, or the next sweep is soon enough.
attachment_stored = Signal()

# Arguments: attachment (Attachment), claim (Claim, locked), position (int), at (datetime). A file of this claim failed
# the virus check; `position` is the line of the thread that says so.
attachment_quarantined = Signal()

# Arguments: batch (Batch). Sent with `send` in the transaction that began it; its rows wait to be worked on.
batch_begun = Signal()

# Arguments: run (ImportRun). Sent with `send` in the transaction that took an uploaded file, or had it applied.
import_begun = Signal()

# Arguments: batch (Batch). Sent with `send` in the transaction in which no row of it waited any more.
batch_finished = Signal()

# Arguments: redaction (Redaction), claim (Claim), told (bool): whether the seller wrote it or could see it. Sent with
# `send` in the transaction that took words or a file out.
redacted = Signal()

# Arguments: move (DeadlineMove), claim (Claim). Sent with `send` in the transaction that moved reply-by or appeal-by.
deadline_moved = Signal()

# Arguments: entry (LedgerEntry, PAID or REVERSED), claim (Claim, locked), once it is booked.
payment_booked = Signal()
