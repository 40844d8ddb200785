"""What other apps may want to know of people; sent inside the transaction, so that what is owed is owed with it."""

from django.dispatch import Signal

# An invitation was made. Arguments: invitation.
invited = Signal()

# A person of the desk was changed in the admin, groups too. Arguments: user, by (User), with what is so now.
staff_changed = Signal()

# A person's second factor was switched on or off, removed, or got new recovery codes. Arguments: user (User),
# change (accounts.factors.Change), at (datetime).
factor_changed = Signal()
