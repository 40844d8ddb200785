"""Manage SAFE-T Claims: the list, its report, and the mark that all was seen."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import current_membership, member_page, posted_membership, zone_of
from accounts.budgets import Budget, asks, limited
from claims.access import search_terms
from claims.claims_list import empty
from claims.claims_list import list as claims_list
from claims.claims_list.list import TABS, ClaimFilter, TabCounts
from claims.claims_list.report import report
from claims.records import read_marks
from claims.refunds import list as refunds_list
from claims.text.downloads import as_spreadsheet, download

FIRST_TAB = "awaiting-seller-response"


def _labels() -> dict[str, str]:
    return {
        "awaiting-seller-response": _("Awaiting Seller Response"),
        "under-investigation": _("Under Investigation"),
        "resolved": _("Resolved"),
        "all": _("All"),
    }


def _wanted(request: HttpRequest) -> tuple[ClaimFilter, list[str]]:
    """What the address asks for, and what of it can't be read, as sentences."""
    asked = request.GET
    tab = asked.get("tab", "") if asked.get("tab", "") in TABS else FIRST_TAB
    start, end = (search_terms.as_day(asked.get(name, "")) for name in ("from", "to"))
    wrong = [
        _('"%(value)s" isn\'t a day. Write it like 2026-11-25.') % {"value": asked[name][:40]}
        for name, day in (("from", start), ("to", end))
        if asked.get(name, "").strip() and day is None
    ]
    if start and end and end < start:
        wrong.append(_("The dates are the wrong way round: the list ends before it starts."))
    search = search_terms.understood(asked.get("q", ""))
    return ClaimFilter(tab, search, start, end, appealable=tab == "resolved" and asked.get("appealable") == "1"), wrong


def _address(wanted: ClaimFilter, **changes: str) -> str:
    asked = {
        "tab": wanted.tab,
        "q": wanted.search.text,
        "from": wanted.start.isoformat() if wanted.start else "",
        "to": wanted.end.isoformat() if wanted.end else "",
        "appealable": "1" if wanted.appealable else "",
        **changes,
    }
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def _count(number: int, is_part: bool) -> dict[str, str | int]:
    """What a tab says of how many claims it has: exactly, or more than so many."""
    most = claims_list.MOST_COUNTED - 1
    if number > most:
        return {"count": f"{most}+", "more_than": most}
    return {"count": f"{number}+", "more_than": number} if is_part else {"count": str(number), "more_than": ""}


def _tabs(wanted: ClaimFilter, counts: TabCounts) -> list[dict[str, Any]]:
    """Return the tabs with how many claims each has, and how many of them this person hasn't seen."""
    labels = _labels()
    return [
        {
            "label": labels[name],
            "href": _address(wanted, tab=name, appealable=""),
            "current": name == wanted.tab,
            **_count(counts.claims[name], counts.are_part),
            "unseen": min(counts.unseen[name], 99),
            "unseen_capped": counts.unseen[name] >= claims_list.MOST_UNSEEN,
        }
        for name in TABS
    ]


@require_safe
@member_page
@limited(Budget.SEARCHES, asks("q"))
def manage(request: HttpRequest) -> HttpResponse:
    """The seller's claims under tabs by whose turn it is."""
    membership = current_membership(request)
    assert membership is not None
    now, zone = timezone.now(), zone_of(request.user, membership)
    wanted, wrong = _wanted(request)
    page = claims_list.page_of(membership, wanted, request.GET.get("cursor", ""), zone, now)
    counts = claims_list.counts(membership, wanted, zone, now)
    nothing = None
    if not page.rows:
        claimable = 0
        if not wanted.is_filtered and not claims_list.has_claims(membership):
            claimable = refunds_list.claimable_count(membership, now)
            nothing = empty.no_claim_ever(claimable, refunds_list.has_refunds(membership))
        else:
            nothing = empty.no_claim_here(
                wanted, _labels()[wanted.tab], membership.seller.name, counts.claims, _address
            )
    context = {
        "page": page,
        "tabs": _tabs(wanted, counts),
        "wanted": wanted,
        "wrong": wrong,
        "older": _address(wanted, cursor=page.older) if page.older else "",
        "newer": _address(wanted, cursor=page.newer) if page.newer else "",
        "report_href": reverse("claims:report") + _address(wanted),
        "spreadsheet_href": as_spreadsheet(reverse("claims:report") + _address(wanted)),
        "appealable_href": _address(wanted, appealable="" if wanted.appealable else "1"),
        "unseen_total": sum(counts.unseen[name] for name in TABS if name != "all"),
        "nothing": nothing,
        "may_act": membership.role != "viewer",
        "here": request.get_full_path(),
    }
    return render(request, "claims/manage.html", context)


@require_safe
@member_page
@limited(Budget.EXPORTS)
def download_report(request: HttpRequest) -> HttpResponseBase:
    """The list as CSV, of the same tab, search and dates."""
    membership = current_membership(request)
    assert membership is not None
    now, zone = timezone.now(), zone_of(request.user, membership)
    wanted, _wrong = _wanted(request)
    name = f"safe-t-report-{membership.seller.slug}-{now.astimezone(zone):%Y-%m-%d}.csv"
    return download(request, report(membership, wanted, zone, now), name)


@require_POST
@member_page
def mark_all_seen(request: HttpRequest) -> HttpResponse:
    """Note that this person has seen all changes of the seller the form names."""
    membership = posted_membership(request)
    count = read_marks.mark_all_read(seller_id=membership.seller_id, user_id=membership.user_id)
    said = ngettext("%(n)s claim marked as seen.", "%(n)s claims marked as seen.", count) % {"n": count}
    messages.info(request, said if count else _("Nothing was new."))
    return redirect("claims:manage")
