"""What a page says where there is nothing: a headline, a sentence, one thing to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.page_addresses import PageName, page_address
from claims.claims_list.list import ClaimFilter
from claims.components import Button, EmptyList
from claims.refunds.empty import no_refund_ever
from claims.text import formats


def no_claim_ever(claimable: int, has_refunds: bool) -> EmptyList:
    if not has_refunds:
        return no_refund_ever()
    can = ngettext(
        "%(n)s of your refunds can still be claimed.", "%(n)s of your refunds can still be claimed.", claimable
    ) % {"n": claimable}
    return EmptyList(
        _("No claims yet"),
        formats.paragraph(_("When the marketplace refunds a buyer and you disagree, file a claim here."), can),
        Button(_("See claimable refunds"), reverse("claims:refunds"), primary=True),
    )


def no_claim_here(
    wanted: ClaimFilter, tab: str, seller: str, counts: Mapping[str, int], address: Callable[..., str]
) -> EmptyList:
    if wanted.search.unknown:
        return EmptyList(
            _('"%(text)s" isn\'t an id we know') % {"text": wanted.search.text},
            _("Enter a whole order id (3-7-7 digits), claim id (5-5-7), ASIN, RMA id or tracking id."),
            Button(_("Clear search"), address(wanted, q="")),
            Button(
                _("Search messages"), f"{page_address(PageName.MESSAGE_SEARCH)}?{urlencode({'q': wanted.search.text})}"
            ),
        )
    if wanted.search.text:
        shape = " / ".join(str(shape) for shape, _value in wanted.search.ids)
        clear = Button(_("Clear search"), address(wanted, q=""))
        return EmptyList(
            _("No claim with %(shape)s %(text)s") % {"shape": shape, "text": wanted.search.text},
            _("Searched in %(tab)s of %(seller)s. Whole ids only.") % {"tab": tab, "seller": seller},
            clear if wanted.tab == "all" else Button(_("Search in All"), address(wanted, tab="all"), primary=True),
            None if wanted.tab == "all" else clear,
        )
    if wanted.start or wanted.end:
        first = formats.day(wanted.start) if wanted.start else _("the beginning")
        last = formats.day(wanted.end) if wanted.end else _("today")
        clear = Button(_("Clear dates"), address(wanted, **{"from": "", "to": ""}))
        return EmptyList(_("No claims changed from %(first)s to %(last)s") % {"first": first, "last": last}, "", clear)
    return _empty_tab(wanted, counts, address)


def _empty_tab(wanted: ClaimFilter, counts: Mapping[str, int], address: Callable[..., str]) -> EmptyList:
    match wanted.tab:
        case "awaiting-seller-response":
            return EmptyList(
                _("Nothing waits for your reply"),
                _("When the SAFE-T team asks for something, the claim appears here, and you get an e-mail."),
            )
        case "under-investigation":
            n = counts["resolved"]
            return EmptyList(
                _("Nothing is under investigation"),
                ngettext("%(n)s claim is resolved.", "%(n)s claims are resolved.", n) % {"n": n},
                Button(_("See resolved claims"), address(wanted, tab="resolved")),
            )
        case "resolved" if wanted.appealable:
            return EmptyList(_("Nothing can be appealed now"), "", Button(_("See resolved claims"), "?tab=resolved"))
        case _:
            return EmptyList(_("Nothing resolved yet"), _("Decided and withdrawn claims appear here."))
