"""What other apps may want to know of people; sent inside the transaction, so that what is owed is owed with it."""

from django.dispatch import Signal

# An invitation was made. Arguments: invitation.
invited = Signal()

# A person of the desk was changed in the admin, groups too. Arguments: user, by (User), with what is so now.
staff_changed = Signal()

# A visitor asked for a link to set a new password. Arguments: address (as typed, in lower case), at. Whether anybody
# signs in with it nobody asks here: who asks must not learn it, nor from how long the answer takes.
password_reset_asked = Signal()

# A person signs in with another address from now on. Arguments: user, old, at.
email_changed = Signal()

# What a superuser asked for a user's sign-in moved on. Arguments: change (SignInChange), step (ChangeStep), at.
sign_in_change_moved = Signal()
# A person's second factor was switched on or off, removed, or got new recovery codes. Arguments: user (User),
# change (accounts.sign_in.factors.Change), at (datetime).
factor_changed = Signal()

# The sign-in library has written an e-mail. Arguments: address, subject, text, at.
library_wrote = Signal()
