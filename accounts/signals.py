"""What other apps may want to know of people; sent inside the transaction, so that what is owed is owed with it."""

from django.dispatch import Signal

# An invitation was made. Arguments: invitation.
invited = Signal()
