"""All rules at once, with the answers they gave already: what lists and recomputations ask thousands of times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from accounts.marketplaces import Marketplace
from claims.rules.policy.days import local_day
from claims.rules.policy.rules import Rule, current
from claims.rules.policy.windows import Dates, Outage, Window, window

_MOST_KEPT = 50_000


class Rulebook:
    """Every version of every rule, and the outages that moved windows. `version` grows with each row of either."""

    def __init__(self, rules: Iterable[Rule], outages: Iterable[Outage] = (), version: int = 0) -> None:
        self.rules = tuple(rules)
        self.outages = tuple(sorted(outages, key=lambda outage: (outage.starts_at, outage.ends_at)))
        self.version = version
        self._current: dict[tuple[str, date], list[Rule]] = {}
        self._picked: dict[tuple[str, str | None, str | None, str | None, date], Rule | None] = {}

    @classmethod
    def of(cls, rules: Rulebook | Iterable[Rule]) -> Rulebook:
        return rules if isinstance(rules, Rulebook) else cls(rules)

    def pick(
        self,
        marketplace: Marketplace,
        program: str | None,
        reason: str | None,
        refunded_at: datetime,
        sub_reason: str | None = None,
    ) -> Rule | None:
        """Return the one rule that governs a refund for a reason, as `rules.pick` does."""
        day = local_day(refunded_at, marketplace)
        key = (marketplace.code, program, reason, sub_reason, day)
        if key not in self._picked:
            if len(self._picked) > _MOST_KEPT:
                self._picked.clear()
                self._current.clear()
            fitting = [rule for rule in self._of_day(marketplace, day) if rule.fits(marketplace, *key[1:4])]
            self._picked[key] = max(fitting, key=lambda rule: (rule.precedence, rule.version), default=None)
        return self._picked[key]

    def _of_day(self, marketplace: Marketplace, day: date) -> list[Rule]:
        key = (marketplace.code, day)
        if key not in self._current:
            self._current[key] = current(self.rules, day)
        return self._current[key]

    def window(self, rule: Rule, dates: Dates, marketplace: Marketplace) -> Window:
        """Return the window that `rule` gives a refund, after all outages."""
        return window(rule, dates, marketplace, self.outages)
