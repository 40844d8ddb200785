"""When a refund can be claimed, how much of it, and when a clock ends: windows and deadlines as data plus arithmetic.

Plain Python: no Django, no clock. Days are days of the marketplace's calendar; instants are aware and in UTC. The
last instant of a window is inclusive: the last microsecond of its last local day.
"""

from claims.rules.policy.caps import Cap, Most, OrderMoney, most_claimable, order_room
from claims.rules.policy.days import MICROSECOND, Unit, clock_end, days_on, end_of_day, local_day, start_of_day
from claims.rules.policy.rulebook import Rulebook
from claims.rules.policy.rules import Component, Rule, Trigger, current, pick
from claims.rules.policy.windows import Dates, Outage, Window, window

__all__ = [
    "MICROSECOND",
    "Cap",
    "Component",
    "Dates",
    "Most",
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
    "local_day",
    "most_claimable",
    "order_room",
    "pick",
    "start_of_day",
    "window",
]
