"""What other apps may want to know of people; sent inside the transaction, so that what is owed is owed with it."""

from django.dispatch import Signal

# An invitation was made. Arguments: invitation, token (the secret of its link: it is kept nowhere else).
invited = Signal()
