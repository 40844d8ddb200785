"""What the thread tells those who e-mail it, sent inside the transaction of the change."""

from django.dispatch import Signal

# Arguments: message (Message), claim (Claim). A message of the desk that changes no status.
desk_wrote = Signal()

# E-mails are owed that weren't before. Arguments: kind (Kind), None where several are among them.
emails_owed = Signal()

# Arguments: pack (EvidencePack), to be made.
pack_asked = Signal()
