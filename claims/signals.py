"""What a claim tells those above it, sent inside the transaction of the change."""

from django.dispatch import Signal

# Arguments: change (StatusChange), claim (Claim). Sent with `send`: a receiver that fails undoes the change.
status_changed = Signal()

# Arguments: attachment (Attachment), once it is published on a claim.
attachment_stored = Signal()
