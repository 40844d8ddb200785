"""Which passwords are refused beyond Django's rules: words of this portal, and common ones with a tail."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

WORDS_OF_THIS_PORTAL = (
    *("safet", "safe", "claim", "claims", "portal", "seller", "sellers", "buyer", "refund", "refunds", "return"),
    *("returns", "reimbursement", "appeal", "order", "orders", "marketplace", "account", "password", "login", "admin"),
)
"""Words that are near at hand here (OWASP ASVS 5.0.0, 6.1.2); the names of marketplace and site are added to them."""
ENOUGH_LETTERS = 4
"""Letters a password has beyond these words, at least: fewer are what one adds to a word to be let through."""
READ_AS = str.maketrans("0134578@$!", "oieastbasi")


class NotCommon(CommonPasswordValidator):
    """Refuses what is on Django's list of common passwords, also with digits and signs before or behind it."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        bare = re.sub(r"^[\W\d_]+|(?<![\W\d_])[\W\d_]+$", "", password)
        if bare and bare != password:
            super().validate(bare, user)


class NotWordsOfThisPortal:
    """Refuses a password made of the words of this portal (its marketplace, SAFE-T, claims …) and little else."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where nothing but such words, digits, signs and up to three letters are left."""
        words = _words()
        for text in (password.lower(), password.lower().translate(READ_AS)):
            letters = re.sub(r"[\W\d_]", "", text)
            left = re.sub("|".join(map(re.escape, words)), "", letters)
            if left != letters and len(left) < ENOUGH_LETTERS:
                raise ValidationError(self.get_help_text(), code="password_of_this_portal")

    def get_help_text(self) -> str:
        """Return the rule as its reader sees it."""
        return _("A password made of words of this portal, such as its name, is guessed first. Choose another.")


def _words() -> list[str]:
    """Return the words, the longest first, so that one that holds another is taken whole."""
    host = (urlsplit(settings.SITE_URL).hostname or "").split(".")
    names = [*settings.MARKETPLACE_NAME.split(), settings.MARKETPLACE_NAME, *host]
    given = (re.sub(r"[\W\d_]", "", name.lower()) for name in names)
    return sorted(
        {*WORDS_OF_THIS_PORTAL, *(name for name in given if len(name) >= ENOUGH_LETTERS)}, key=len, reverse=True
    )
