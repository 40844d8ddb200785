"""How often who signs in may be wrong: by address, by account and address, and by account.

Guessing at an account from one address keeps nobody out elsewhere; guessing from many addresses has an end of its own.
A device its owner has signed in from before (see `devices`) has a count of its own and passes all of these. What was
right is not counted. `docs/operations.md` has the numbers in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from allauth.core.internal import ratelimit
from django.http import HttpRequest

from accounts import client

FROM_ADDRESS, AT_ACCOUNT, ON_ACCOUNT, ON_DEVICE = "_from_address", "_at_account", "_on_account", "_on_device"


class GuessedSecret(StrEnum):
    """What can be guessed at."""

    PASSWORD = "password"
    CODE = "code"


RATES = {
    # From one address, whoever is tried: many accounts with one password each.
    GuessedSecret.PASSWORD + FROM_ADDRESS: "10/m/key",
    # At one account from one address: few enough that a single address never fills the count of the account.
    GuessedSecret.PASSWORD + AT_ACCOUNT: "5/5m/key,10/h/key",
    # At one account from anywhere but devices it knows.
    GuessedSecret.PASSWORD + ON_ACCOUNT: "100/h/key",
    GuessedSecret.PASSWORD + ON_DEVICE: "5/m/key,30/h/key",
    GuessedSecret.CODE + FROM_ADDRESS: "10/m/key",
    GuessedSecret.CODE + AT_ACCOUNT: "5/5m/key,10/h/key",
    # A code has six digits: at 100 a day a guess is right once in 27 years.
    GuessedSecret.CODE + ON_ACCOUNT: "30/h/key,100/d/key",
    GuessedSecret.CODE + ON_DEVICE: "5/5m/key,20/h/key",
}
"""By what is guessed at and who is counted, as allauth reads rates: tries, within, counted by our key."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was counted."""

    counted: tuple[ratelimit.RateLimitUsage, ...]

    def was_right(self) -> None:
        """Take this attempt out of the counts. Those before it stay: being right now and then buys no guesses."""
        for one in self.counted:
            one.rollback()


def begin(request: HttpRequest, step: GuessedSecret, account: str, device: str | None) -> Attempt | None:
    """Count an attempt at this account (any one name of it); return it, or None where there were too many before.

    `device` is the name `devices` knows this device by, None for one it doesn't know.
    """
    network = client.network_of(request)
    counts = [(ON_DEVICE, device)] if device else []
    counts = counts or [(FROM_ADDRESS, network), (AT_ACCOUNT, f"{account} {network}"), (ON_ACCOUNT, account)]
    counted = []
    for who, key in counts:
        usage = ratelimit.consume(request, app="allauth.account", config=RATES, action=step + who, key=key)
        if usage is None:
            return None
        counted.append(usage)
    return Attempt(tuple(counted))


def forget(request: HttpRequest, account: str) -> None:
    """Start the counts of an account's password anew: it has a new one, set by who reads its e-mail."""
    for who, key in [(AT_ACCOUNT, f"{account} {client.network_of(request)}"), (ON_ACCOUNT, account)]:
        ratelimit.clear(request, app="allauth.account", config=RATES, action=GuessedSecret.PASSWORD + who, key=key)
