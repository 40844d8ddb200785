"""Claimable refunds: what can still be claimed, until when, and what can't be, with its cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import current_membership, member_page, owners_of, zone_of
from accounts.budgets import Budget, asks, limited
from claims.access import search_terms
from claims.refunds import csv as refunds_csv
from claims.refunds import empty
from claims.refunds import list as refunds_list
from claims.refunds.list import DATED, RefundFilter, RefundTab, Totals
from claims.refunds.totals import MOST_COUNTED, totals
from claims.rules.lifecycle import Refusal
from claims.text import formats, refusal, standing_causes
from claims.text.downloads import as_spreadsheet, download

if TYPE_CHECKING:
    from accounts.access import Membership


def _sorted_by(tab: RefundTab) -> str:
    match tab:
        case RefundTab.CLOSING_SOON | RefundTab.OPEN:
            return _("Sorted by the days left, fewest first.")
        case RefundTab.NOT_YET:
            return _("Sorted by the first day, soonest first.")
        case RefundTab.MISSED:
            return _("Sorted by the end of the window, newest first.")
        case _:
            return _("Newest refunds first.")


def _wanted(request: HttpRequest) -> tuple[RefundFilter, list[str]]:
    """What the address asks for, and what of it can't be read, as sentences."""
    asked = request.GET
    tab = RefundTab(asked["tab"]) if asked.get("tab", "") in set(RefundTab) else RefundTab.CLOSING_SOON
    start, end = (search_terms.as_day(asked.get(name, "")) for name in ("from", "to"))
    wrong = [
        _('"%(value)s" isn\'t a day. Write it like 2026-11-25.') % {"value": asked[name][:40]}
        for name, day in (("from", start), ("to", end))
        if asked.get(name, "").strip() and day is None
    ]
    if start and end and end < start:
        wrong.append(_("The dates are the wrong way round: the list ends before it starts."))
    against = asked.get("against", "")
    against = against if against in dict(standing_causes()) and tab is RefundTab.NOT_CLAIMABLE else ""
    return RefundFilter(tab, search_terms.understood(asked.get("q", "")), start, end, against), wrong


def _address(wanted: RefundFilter, **changes: str) -> str:
    asked = {
        "tab": wanted.tab.value,
        "q": wanted.search.text,
        "from": wanted.start.isoformat() if wanted.start else "",
        "to": wanted.end.isoformat() if wanted.end else "",
        "against": wanted.against,
        **changes,
    }
    return "?" + urlencode({name: value for name, value in asked.items() if value})


@require_safe
@member_page
@limited(Budget.SEARCHES, asks("q"))
def refunds(request: HttpRequest) -> HttpResponse:
    """The seller's refunds under tabs by what can be done about them."""
    membership = current_membership(request)
    assert membership is not None
    now, zone = timezone.now(), zone_of(request.user, membership)
    wanted, wrong = _wanted(request)
    by_tab = totals(membership, wanted, zone, now)
    if "tab" not in request.GET and not by_tab[wanted.tab].count and not wanted.is_filtered:
        wanted = RefundFilter(RefundTab.OPEN, wanted.search)
    page = refunds_list.page_of(membership, wanted, request.GET.get("cursor", ""), zone, now)
    nothing = None
    if not page.rows:
        has_refunds = wanted.is_filtered or any(each.count for each in by_tab.values())
        nothing = empty.nothing(
            wanted, by_tab, membership.seller.name, _address, has_refunds=has_refunds, is_dated=wanted.tab in DATED
        )
    context = {
        "page": page,
        "tabs": [_tab(tab, by_tab[tab], wanted) for tab in RefundTab],
        "wanted": wanted,
        "is_dated": wanted.tab in DATED,
        "causes": standing_causes() if wanted.tab is RefundTab.NOT_CLAIMABLE else [],
        "wrong": wrong,
        "summary": _summary(by_tab, membership) if not wanted.is_filtered else "",
        "sorted_by": _sorted_by(wanted.tab),
        "older": _address(wanted, cursor=page.older) if page.older else "",
        "newer": _address(wanted, cursor=page.newer) if page.newer else "",
        "report_href": reverse("claims:refunds_report") + _address(wanted),
        "spreadsheet_href": as_spreadsheet(reverse("claims:refunds_report") + _address(wanted)),
        "nothing": nothing,
        "can_choose": any(row.can_file for row in page.rows),
        "key": str(uuid4()),
        **acting(membership),
    }
    return render(request, "claims/refunds.html", context)


def acting(membership: Membership) -> dict[str, object]:
    """What a page says of this person's right to file here: whether, and if not, why."""
    if membership.role == "viewer":
        names = formats.and_list(owners_of(membership.seller))
        return {"may_act": False, "why_not": refusal(Refusal.ROLE_VIEWER, owner_names=names)}
    return {"may_act": membership.seller.is_active, "why_not": ""}


def _tab(tab: RefundTab, of_tab: Totals, wanted: RefundFilter) -> dict[str, object]:
    is_capped = of_tab.count >= MOST_COUNTED
    amounts = formats.sums(of_tab.amounts)
    return {
        "label": refunds_list.label(tab),
        "href": _address(wanted, tab=tab.value, against=""),
        "current": tab is wanted.tab,
        "count": "999+" if is_capped else str(of_tab.count),
        "is_capped": is_capped,
        "amounts": _("more than %(sums)s") % {"sums": amounts} if of_tab.capped and amounts else amounts,
    }


def _summary(by_tab: Mapping[RefundTab, Totals], membership: Membership) -> str:
    """The sentence on what can still be claimed, and how much of it closes within 7 days."""
    open_tabs = [by_tab[RefundTab.CLOSING_SOON], by_tab[RefundTab.OPEN]]
    amounts = [each for of_tab in open_tabs for each in of_tab.amounts]
    if not amounts or not membership.seller.is_active:
        return ""
    can = _("You can still claim more than %(sums)s.") if any(t.capped for t in open_tabs) else None
    sentence = (can or _("You can still claim %(sums)s.")) % {"sums": formats.sums(amounts)}
    n = by_tab[RefundTab.CLOSING_SOON].count
    if n >= MOST_COUNTED:
        return formats.paragraph(sentence, _("More than 999 refunds close within 7 days."))
    if n:
        closing = ngettext("%(n)s refund closes within 7 days.", "%(n)s refunds close within 7 days.", n) % {"n": n}
        return formats.paragraph(sentence, closing)
    return sentence


@require_safe
@member_page
@limited(Budget.EXPORTS)
def download_report(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV, of the same tab, search and days."""
    membership = current_membership(request)
    assert membership is not None
    now, zone = timezone.now(), zone_of(request.user, membership)
    wanted, _wrong = _wanted(request)
    content = refunds_csv.report(membership, wanted, zone, now)
    name = f"refunds-{wanted.tab}-{membership.seller.slug}-{now.astimezone(zone):%Y-%m-%d}.csv"
    return download(request, content, name)
