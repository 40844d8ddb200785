"""Money at the desk: unmatched payments, and what is granted and not paid."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import unsent, values
from accounts.models import User
from accounts.values import plain_text
from claims.models import UnmatchedPayment
from claims.payments import match_payments, unpaid, without_claim
from claims.text import formats, not_settled
from desk.access import staff, zone_of

PAGE = 50


@require_safe
@staff
def waiting(request: HttpRequest) -> HttpResponse:
    """The payments that no claim is known for, oldest first, each with the claims it may be for."""
    user = request.user
    assert isinstance(user, User)
    zone = zone_of(user)
    after = values.key(request.GET.get("after"))
    rows = UnmatchedPayment.objects.filter(matched_at=None).select_related("seller").order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    payments = list(rows[: PAGE + 1])
    shown, more = payments[:PAGE], len(payments) > PAGE
    suggested, refunds = match_payments.suggestions(shown), without_claim.suggestions(shown)
    may = match_payments.may_settle(user)
    kept = unsent.look(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Unmatched payments"),
        "may_settle": may,
        "rows": [
            {
                **_payment(row, zone),
                "kept": _kept(kept, row.pk),
                "suggestions": [_claim_choice(claim, row.currency) for claim in suggested[row.pk]],
                "refunds": [_refund_choice(line, row.currency, zone) for line in refunds[row.pk]],
            }
            for row in shown
        ],
        "older": f"?after={shown[-1].pk}" if more else "",
    }
    return render(request, "admin/claims/payments.html", context)


def _payment(row: UnmatchedPayment, zone: str) -> dict[str, Any]:
    """Return what the page shows of a payment itself."""
    return {
        "pk": row.pk,
        "seller": row.seller.name,
        "named": row.claim_id or row.order_id or "–",
        "sku": row.sku,
        "amount": formats.money(row.amount_minor, row.currency),
        "source": row.get_source_display(),
        "posted": formats.moment_short(row.at, zone),
        "reference": row.reference,
    }


def _claim_choice(claim: match_payments.Suggestion, currency: str) -> dict[str, Any]:
    """Return a claim that a payment may be for, as the page offers it."""
    return {
        "claim_id": claim.claim_id,
        "granted": formats.money(claim.granted_minor, currency),
        "paid": formats.money(claim.paid_minor, currency),
        "exact": claim.exact,
    }


def _refund_choice(line: without_claim.Unclaimed, currency: str, zone: str) -> dict[str, Any]:
    """Return a refund line without a claim that a payment may be for, as the page offers it."""
    return {
        "pk": line.line_pk,
        "item": line.title or line.sku,
        "sku": line.sku,
        "refunded": formats.money(line.amount_minor, currency),
        "day": formats.day(line.refunded_at, zone),
        "exact": line.exact,
    }


def _kept(kept: unsent.Unsent | None, pk: int) -> QueryDict:
    """Return what waits unsent of the form of this payment."""
    mine = kept is not None and kept.action == reverse("desk:settle_payment", args=[pk])
    return kept.fields if kept and mine else QueryDict()


@require_POST
@staff
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a waiting payment on the claim that was chosen, keep it as paid without one, or set it aside with why."""
    user = request.user
    assert isinstance(user, User)
    if not match_payments.may_settle(user):
        raise PermissionDenied
    now = timezone.now()
    unsent.forget(request)
    try:
        if "aside" in request.POST:
            why = plain_text(request.POST.get("why", ""))
            match_payments.set_aside(pk, why=why, by=user, now=now)
            messages.success(request, _("Set aside; it stays on record."))
        elif "unclaimed" in request.POST:
            without_claim.confirm(pk, line_pk=values.key(request.POST.get("refund")), by=user, now=now)
            messages.success(request, _("Kept as paid without a claim. That refund can't be claimed again."))
        else:
            chosen = request.POST.get("other", "").strip() or request.POST.get("claim", "")
            entry = match_payments.confirm(pk, claim_id=chosen[:40], by=user, now=now)
            words = {"amount": formats.money(entry.amount_minor, entry.currency), "claim_id": entry.claim.claim_id}
            if UnmatchedPayment.objects.filter(pk=pk, outcome=UnmatchedPayment.Outcome.SAME).exists():
                sentence = _("Another source reported it before: %(amount)s stays booked once on claim %(claim_id)s.")
            else:
                sentence = _("Booked %(amount)s on claim %(claim_id)s.")
            messages.success(request, sentence % words)
    except match_payments.NotSettled as error:
        messages.error(request, not_settled(str(error)))
    return redirect("desk:payments")


@require_safe
@staff
def granted_unpaid(request: HttpRequest) -> HttpResponse:
    """The claims of all sellers with more granted than paid, the longest filed first."""
    user = request.user
    assert isinstance(user, User)
    page = unpaid.page_of(None, request.GET.get("cursor", ""), zone_of(user), route="desk:claim")
    context = {
        **admin.site.each_context(request),
        "title": _("Granted, not paid yet"),
        "page": page,
        "older": "?" + urlencode({"cursor": page.older}) if page.older else "",
    }
    return render(request, "admin/claims/unpaid.html", context)
