"""Why a file is kept from a side and from evidence packs: every state of the virus check and of the copy, by reader."""

from __future__ import annotations

import pytest

from claims.files.visibility import WithheldWhy, waits, withheld_from, withheld_from_packs
from claims.models import Attachment
from claims.rules.lifecycle import Party

Scan, Making = Attachment.Scan, Attachment.Making
SELLER, DESK = Party.SELLER, Party.DESK
H = WithheldWhy

# The virus check, the media type, the copy that was made, its making; then why it is kept from its sender, from the
# desk where a seller sent it, from sellers where the desk sent it, and from packs.
STATES = [
    (Scan.CLEAN, "image/jpeg", "image/jpeg", Making.MADE, None, None, None, None),
    (Scan.NOT_SCANNED, "image/jpeg", "image/jpeg", Making.MADE, None, None, None, None),
    (Scan.CLEAN, "image/jpeg", "", Making.PENDING, None, None, H.BEING_PREPARED, H.BEING_PREPARED),
    (Scan.CLEAN, "image/jpeg", "", Making.FAILED, None, None, H.CANT_BE_SHOWN, H.CANT_BE_SHOWN),
    (Scan.CLEAN, "image/jpeg", "", Making.NOTHING, None, None, H.CANT_BE_SHOWN, H.CANT_BE_SHOWN),
    (Scan.CLEAN, "application/pdf", "", Making.PENDING, None, None, None, None),
    (Scan.CLEAN, "text/plain", "", Making.NOTHING, None, None, None, None),
    (Scan.PENDING, "image/jpeg", "image/jpeg", Making.MADE, None, *[H.BEING_CHECKED] * 3),
    (Scan.PENDING, "application/pdf", "", Making.NOTHING, None, *[H.BEING_CHECKED] * 3),
    (Scan.INFECTED, "image/jpeg", "image/jpeg", Making.MADE, *[H.INFECTED] * 4),
    (Scan.INFECTED, "text/plain", "", Making.NOTHING, *[H.INFECTED] * 4),
]


@pytest.mark.parametrize(
    ("scan", "media_type", "served_type", "making", "sender", "from_seller", "from_desk", "packs"), STATES
)
def test_each_state_of_a_file_by_who_reads_it(
    scan: str,
    media_type: str,
    served_type: str,
    making: str,
    sender: WithheldWhy | None,
    from_seller: WithheldWhy | None,
    from_desk: WithheldWhy | None,
    packs: WithheldWhy | None,
) -> None:
    sellers, desks = (
        Attachment(party=party, scan=scan, media_type=media_type, served_type=served_type, making=making)
        for party in (SELLER, DESK)
    )
    assert (withheld_from(sellers, SELLER), withheld_from(desks, DESK)) == (sender, sender)
    assert withheld_from(sellers, DESK) == waits(sellers) == from_seller
    assert withheld_from(desks, SELLER) == waits(desks) == from_desk
    assert (withheld_from_packs(sellers), withheld_from_packs(desks)) == (packs, packs)
