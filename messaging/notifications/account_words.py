"""The words of e-mails about people: invitations, addresses that confirm, and how somebody signs in."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _n

from messaging.notifications.email_content import Words
from messaging.notifications.kinds import Kind

ACCOUNT_WORDS: dict[str, Words] = {
    Kind.INVITATION: Words(
        _n("%(inviter)s invited you to %(seller)s on %(marketplace)s SAFE-T"),
        _n("Set a password by %(expires)s to join as %(role)s."),
        _n("Join %(seller)s"),
    ),
    "invitation, known": Words(
        _n("%(inviter)s invited you to %(seller)s on %(marketplace)s SAFE-T"),
        _n("Sign in by %(expires)s to join as %(role)s."),
        _n("Join %(seller)s"),
    ),
    "invitation, by nobody": Words(
        _n("Join %(seller)s on %(marketplace)s SAFE-T"),
        _n("Set a password by %(expires)s to join as %(role)s."),
        _n("Join %(seller)s"),
    ),
    Kind.CONFIRM_ADDRESS: Words(
        _n("Confirm this address for SAFE-T e-mail"),
        _n(
            "%(inviter)s wants SAFE-T e-mail of %(seller)s sent here. Nothing is sent until you confirm, by "
            "%(expires)s."
        ),
        _n("Confirm"),
    ),
    Kind.PASSWORD_RESET: Words(
        _n("Set a new password for %(marketplace)s SAFE-T"),
        _n("Someone asked for a new password for your account. This link works once, for %(left)s."),
        _n("Set a new password"),
    ),
    Kind.PASSWORD_LINK: Words(
        _n("Set your password for %(marketplace)s SAFE-T"),
        _n("%(actor)s had this link sent to you. It works once, for %(left)s."),
        _n("Set a password"),
    ),
    "address-changed, old": Words(
        _n("Your e-mail address for %(marketplace)s SAFE-T was changed"),
        _n("%(old)s was replaced on %(moment)s: it no longer signs in or gets e-mails."),
        _n("Help"),
    ),
    "address-changed, new": Words(
        _n("Sign in to %(marketplace)s SAFE-T with this address"),
        _n("Since %(moment)s you sign in with %(old)s. Your password stays; you were signed out everywhere."),
        _n("Sign in"),
    ),
    "sign-in-change, LINK, asked": Words(
        _n("To confirm: a link to set a password for %(name)s"),
        _n("%(actor)s asked on %(moment)s that %(name)s (%(old)s) gets a link to set a password."),
        _n("See the account"),
    ),
    "sign-in-change, LINK, asked, alone": Words(
        _n("In a day: a link to set a password for %(name)s"),
        _n("%(actor)s asked on %(moment)s that %(name)s (%(old)s) gets a link to set a password."),
        _n("See the account"),
    ),
    "sign-in-change, LINK, done": Words(
        _n("Sent: a link to set a password for %(name)s"),
        _n("The link that %(actor)s asked for went to %(name)s (%(old)s) on %(moment)s."),
        _n("See the account"),
    ),
    "sign-in-change, LINK, cancelled": Words(
        _n("Cancelled: a link to set a password for %(name)s"),
        _n("The link that %(actor)s asked for was not sent to %(name)s (%(old)s)."),
        _n("See the account"),
    ),
    "sign-in-change, EMAIL, asked": Words(
        _n("To confirm: another e-mail address for %(name)s"),
        _n("%(actor)s asked on %(moment)s that %(name)s (%(old)s) signs in with %(new)s."),
        _n("See the account"),
    ),
    "sign-in-change, EMAIL, asked, alone": Words(
        _n("In a day: another e-mail address for %(name)s"),
        _n("%(actor)s asked on %(moment)s that %(name)s (%(old)s) signs in with %(new)s."),
        _n("See the account"),
    ),
    "sign-in-change, EMAIL, done": Words(
        _n("Changed: the e-mail address of %(name)s"),
        _n("%(name)s signs in with %(new)s since %(moment)s, as %(actor)s asked."),
        _n("See the account"),
    ),
    "sign-in-change, EMAIL, cancelled": Words(
        _n("Cancelled: another e-mail address for %(name)s"),
        _n("%(name)s (%(old)s) does not sign in with %(new)s, as %(actor)s had asked."),
        _n("See the account"),
    ),
    "factor-changed, on": Words(
        _n("Two-step verification was switched on"),
        _n("Since %(at)s, signing in to %(marketplace)s SAFE-T asks for a code. All your other sessions have ended."),
        _n("See two-step verification"),
    ),
    "factor-changed, off": Words(
        _n("Two-step verification was switched off"),
        _n(
            "Since %(at)s, signing in to %(marketplace)s SAFE-T takes your password alone. All your other sessions "
            "have ended."
        ),
        _n("See two-step verification"),
    ),
    "factor-changed, codes": Words(
        _n("You have new recovery codes"),
        _n(
            "New recovery codes for %(marketplace)s SAFE-T were made on %(at)s; the old ones no longer work. All your "
            "other sessions have ended."
        ),
        _n("See two-step verification"),
    ),
    "factor-changed, removed": Words(
        _n("Your two-step verification was removed"),
        _n(
            "An administrator of %(marketplace)s SAFE-T removed your two-step verification on %(at)s: signing in takes "
            "your password alone. All your sessions have ended."
        ),
        _n("Set it up again"),
    ),
}
