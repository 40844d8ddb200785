"""What Claimable refunds says where there is nothing: a headline, a sentence, one thing to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.components import Button, EmptyList
from claims.refunds.list import RefundFilter, RefundTab, Totals, label
from claims.text import formats

Address = Callable[..., str]


def nothing(
    wanted: RefundFilter,
    totals: Mapping[RefundTab, Totals],
    seller: str,
    address: Address,
    *,
    has_refunds: bool,
    is_dated: bool,
) -> EmptyList:
    """Return what is shown in place of an empty list."""
    if not has_refunds:
        return no_refund_ever()
    if wanted.search.text:
        return _no_hit(wanted, totals, seller, address)
    if is_dated and (wanted.start or wanted.end):
        first = formats.day(wanted.start) if wanted.start else _("the beginning")
        last = formats.day(wanted.end) if wanted.end else _("the end")
        clear = Button(_("Clear dates"), address(wanted, **{"from": "", "to": ""}))
        return EmptyList(_("No refunds from %(first)s to %(last)s") % {"first": first, "last": last}, "", clear)
    if wanted.against:
        clear = Button(_("All that can't be claimed"), address(wanted, against=""))
        return EmptyList(_("No refund is excluded for this reason"), "", clear)
    return _empty_tab(wanted.tab, totals, address, wanted)


def no_refund_ever() -> EmptyList:
    return EmptyList(
        _("No claims, and no refunds to claim"),
        _("Refunds show up here when the marketplace makes one on your orders."),
        Button(_("How SAFE-T works"), reverse("help")),
    )


def _no_hit(wanted: RefundFilter, totals: Mapping[RefundTab, Totals], seller: str, address: Address) -> EmptyList:
    clear = Button(_("Clear search"), address(wanted, q=""))
    elsewhere = next((tab for tab in RefundTab if totals[tab].count), None)
    shape = " / ".join([str(shape) for shape, _value in wanted.search.ids] or [_("SKU")])
    named = {"shape": shape, "text": wanted.search.text, "tab": label(wanted.tab)}
    if elsewhere:
        there = label(elsewhere)
        n = totals[elsewhere].count
        said = ngettext("%(n)s is in %(tab)s.", "%(n)s are in %(tab)s.", n) % {"n": n, "tab": there}
        see = Button(_("Look in %(tab)s") % {"tab": there}, address(wanted, tab=elsewhere.value), primary=True)
        return EmptyList(_("No refund with %(shape)s %(text)s: %(tab)s") % named, said, see, clear)
    headline = _("No refund with %(shape)s %(text)s") % named
    return EmptyList(headline, _("Searched in all refunds of %(seller)s. Whole ids only.") % {"seller": seller}, clear)


def _empty_tab(tab: RefundTab, totals: Mapping[RefundTab, Totals], address: Address, wanted: RefundFilter) -> EmptyList:
    counts = {each: totals[each].count for each in RefundTab}
    see_open = Button(_("See open refunds"), address(wanted, tab=RefundTab.OPEN.value), primary=True)
    match tab:
        case RefundTab.CLOSING_SOON:
            n = counts[RefundTab.OPEN]
            sentence = ngettext("%(n)s refund is open.", "%(n)s refunds are open.", n) % {"n": n}
            return EmptyList(_("Nothing closes within 7 days"), sentence, see_open if n else None)
        case RefundTab.OPEN if n := counts[RefundTab.CLOSING_SOON]:
            sentence = ngettext("%(n)s refund closes within 7 days.", "%(n)s refunds close within 7 days.", n) % {
                "n": n
            }
            see = Button(_("See what closes soon"), address(wanted, tab=RefundTab.CLOSING_SOON.value), primary=True)
            return EmptyList(_("No other refund can be claimed now"), sentence, see)
        case RefundTab.OPEN:
            later, barred = counts[RefundTab.NOT_YET], counts[RefundTab.NOT_CLAIMABLE]
            opens = ngettext("%(n)s opens later", "%(n)s open later", later) % {"n": later}
            cant = ngettext(
                "%(n)s can't be claimed, with its reason", "%(n)s can't be claimed, each with its reason", barred
            ) % {"n": barred}
            said = _("%(opens_later)s; %(cant_be_claimed)s.") % {"opens_later": opens, "cant_be_claimed": cant}
            return EmptyList(_("No refund can be claimed now"), said)
        case RefundTab.NOT_YET:
            return EmptyList(
                _("No refund waits for its window"),
                _("Refunds that can be claimed later would be here, each with its first day."),
            )
        case RefundTab.MISSED:
            return EmptyList(_("Nothing missed"), _("Refunds whose window ended without a claim would be here."))
        case RefundTab.NOT_CLAIMABLE:
            return EmptyList(
                _("No refunds are excluded"),
                _("Refunds that can't be claimed would be here, each with its reason."),
            )
    open_ones = counts[RefundTab.CLOSING_SOON] + counts[RefundTab.OPEN]
    return EmptyList(
        _("Nothing claimed yet"), _("Refunds with a claim would be here."), see_open if open_ones else None
    )
