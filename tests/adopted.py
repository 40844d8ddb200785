"""Claims that were imported, the shortest way to a claim for tests of what hangs on one."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.models import Seller
from claims.imports.import_claims import import_claim
from claims.models import Claim, Order
from claims.policy_loading import load
from claims.rules.lifecycle import Status

CLAIM = "10000-20000-3000000"
ORDER = "111-0000002-0000002"
FILED_AT = datetime(2025, 8, 21, 10, 12, tzinfo=UTC)


def load_rules() -> None:
    """Load the base rule and its clocks, once or again."""
    load.load(tomllib.loads((settings.BASE_DIR / "claims/policies/base.toml").read_text(encoding="utf-8")))


def imported_claim(
    claim_id: str = CLAIM,
    order_id: str = ORDER,
    seller: str = "seller-a",
    status: Status = Status.UNDER_INVESTIGATION,
    **more: Any,
) -> Claim:
    """Return a claim imported from elsewhere, with its seller and order made where they aren't there."""
    load_rules()
    owner, _ = Seller.objects.get_or_create(slug=seller, defaults={"name": seller.title(), "marketplace": "US"})
    order, _ = Order.objects.get_or_create(order_id=order_id, defaults={"seller": owner, "marketplace": "US"})
    claim, _ = import_claim(
        order=order,
        claim_id=claim_id,
        status=status,
        filed_at=FILED_AT,
        currency="USD",
        claimed_minor=4499,
        granted_minor=4499 if status is Status.GRANTED else 0,
        source="claims.csv",
        now=datetime(2026, 1, 5, tzinfo=UTC),
        **more,
    )
    return claim
