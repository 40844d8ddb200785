"""When a refund can be claimed, how much of it, and when a deadline is: windows and deadlines as data plus arithmetic.

Plain Python: no Django, no clock. Days are days of the marketplace's calendar; instants are aware and in UTC. The
last instant of a window is inclusive: the last microsecond of its last local day.
"""

from claims.rules.policy.caps import Cap, MostClaimable, OrderMoney, left_of_order_cap, most_claimable
from claims.rules.policy.days import MICROSECOND, Unit, clock_end, days_on, end_of_day, local_day, start_of_day
from claims.rules.policy.rulebook import Rulebook
from claims.rules.policy.rules import Component, Rule, Trigger, current, pick
from claims.rules.policy.windows import Dates, Outage, Window, window

__all__ = [
    "MICROSECOND",
    "Cap",
    "Component",
    "Dates",
    "MostClaimable",
    "OrderMoney",
    "Outage",
    "Rule",
    "Rulebook",
    "Trigger",
    "Unit",
    "Window",
    "clock_end",
    "current",
    "days_on",
    "end_of_day",
    "left_of_order_cap",
    "local_day",
    "most_claimable",
    "pick",
    "start_of_day",
    "window",
]
