"""What Claimable refunds says where there is nothing: a headline, a sentence, one thing to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.components import Button, Nothing
from claims.refunds.list import Tab, Totals, Wanted, label
from claims.text import formats

Address = Callable[..., str]


def nothing(
    wanted: Wanted,
    found: Mapping[Tab, Totals],
    seller: str,
    address: Address,
    *,
    has_refunds: bool,
    is_dated: bool,
) -> Nothing:
    """Return what stands in the place of an empty list."""
    if not has_refunds:
        return no_refund_ever()
    if wanted.search.text:
        return _no_hit(wanted, found, seller, address)
    if is_dated and (wanted.start or wanted.end):
        first = formats.day(wanted.start) if wanted.start else _("the beginning")
        last = formats.day(wanted.end) if wanted.end else _("the end")
        clear = Button(_("Clear dates"), address(wanted, **{"from": "", "to": ""}))
        return Nothing(_("No refunds from %(first)s to %(last)s") % {"first": first, "last": last}, "", clear)
    if wanted.against:
        clear = Button(_("All that can't be claimed"), address(wanted, against=""))
        return Nothing(_("No refund can't be claimed for this reason"), "", clear)
    return _empty_tab(wanted.tab, found, address, wanted)


def no_refund_ever() -> Nothing:
    return Nothing(
        _("No claims, and no refunds to claim"),
        _("Refunds show up here when the marketplace makes one on your orders."),
        Button(_("How SAFE-T works"), reverse("help")),
    )


def _no_hit(wanted: Wanted, found: Mapping[Tab, Totals], seller: str, address: Address) -> Nothing:
    clear = Button(_("Clear search"), address(wanted, q=""))
    elsewhere = next((tab for tab in Tab if found[tab].count), None)
    shape = " / ".join([str(shape) for shape, _value in wanted.search.ids] or [_("SKU")])
    headline = _("No refund with %(shape)s %(text)s") % {"shape": shape, "text": wanted.search.text}
    if elsewhere:
        there = label(elsewhere)
        n = found[elsewhere].count
        said = ngettext("%(n)s is in %(tab)s.", "%(n)s are in %(tab)s.", n) % {"n": n, "tab": there}
        see = Button(_("Look in %(tab)s") % {"tab": there}, address(wanted, tab=elsewhere.value), primary=True)
        return Nothing(f"{headline}: {label(wanted.tab)}", said, see, clear)
    return Nothing(headline, _("Searched in all refunds of %(seller)s. Whole ids only.") % {"seller": seller}, clear)


def _empty_tab(tab: Tab, found: Mapping[Tab, Totals], address: Address, wanted: Wanted) -> Nothing:
    counts = {each: found[each].count for each in Tab}
    see_open = Button(_("See open refunds"), address(wanted, tab=Tab.OPEN.value), primary=True)
    match tab:
        case Tab.CLOSING_SOON:
            n = counts[Tab.OPEN]
            said = ngettext("%(n)s refund is open.", "%(n)s refunds are open.", n) % {"n": n}
            return Nothing(_("Nothing closes within 7 days"), said, see_open if n else None)
        case Tab.OPEN if n := counts[Tab.CLOSING_SOON]:
            said = ngettext("%(n)s refund closes within 7 days.", "%(n)s refunds close within 7 days.", n) % {"n": n}
            see = Button(_("See what closes soon"), address(wanted, tab=Tab.CLOSING_SOON.value), primary=True)
            return Nothing(_("No other refund can be claimed now"), said, see)
        case Tab.OPEN:
            later, barred = counts[Tab.NOT_YET], counts[Tab.NOT_CLAIMABLE]
            said = ngettext("%(n)s opens later;", "%(n)s open later;", later) % {"n": later}
            said += " " + ngettext(
                "%(n)s can't be claimed, with its reason.", "%(n)s can't be claimed, each with its reason.", barred
            ) % {"n": barred}
            return Nothing(_("No refund can be claimed now"), said)
        case Tab.NOT_YET:
            return Nothing(
                _("No refund waits for its window"),
                _("Refunds that can be claimed later would be here, each with its first day."),
            )
        case Tab.MISSED:
            return Nothing(_("Nothing missed"), _("Refunds whose window ended without a claim would be here."))
        case Tab.NOT_CLAIMABLE:
            return Nothing(
                _("Nothing stands against your refunds"),
                _("Refunds that can't be claimed would be here, each with its reason."),
            )
    open_ones = counts[Tab.CLOSING_SOON] + counts[Tab.OPEN]
    return Nothing(_("Nothing claimed yet"), _("Refunds with a claim would be here."), see_open if open_ones else None)
