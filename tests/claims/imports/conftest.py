from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from accounts import marketplaces
from accounts.marketplaces import Marketplace
from accounts.models import Seller
from accounts.tables.source import Source
from accounts.values import days
from claims.imports import loader
from claims.imports.formats import detect
from claims.imports.outcome import ImportSummary
from claims.policy_loading import load
from claims.policy_loading.load import POLICIES
from tests.claims.imports import samples

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Done:
    """What an import did: the sums, and the rows left out as (place, cause)."""

    summary: ImportSummary
    rejects: list[tuple[str, str]]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """New, changed, unchanged, left out; together the rows that were read."""
        found = self.summary
        counts = (found.new, found.changed, found.unchanged, found.left_out)
        assert sum(counts) == found.read
        return counts


Importer = Callable[..., Done]


def load_base_policy() -> None:
    load.load(tomllib.loads((POLICIES / "base.toml").read_text()))


def import_path(
    path: Path, seller: Seller | None, marketplace: Marketplace | None = None, now: datetime = NOW, **options: Any
) -> Done:
    rejects: list[tuple[str, str]] = []
    source = Source(path)
    place = marketplace or (marketplaces.by_code()[seller.marketplace] if seller else None)
    summary = loader.load(
        detect(source).read(source, days.ANYWHERE.at(place)),
        source=path.name,
        seller=seller,
        marketplace=marketplace,
        now=now,
        reject=lambda *row: rejects.append(row),
        **options,
    )
    return Done(summary, rejects)


@pytest.fixture
def shop(db: None) -> Seller:
    """A seller in the United States, with the base policy loaded."""
    load_base_policy()
    return Seller.objects.create(slug="shop-a", name="Shop A", marketplace="US")


@pytest.fixture
def rival(db: None) -> Seller:
    return Seller.objects.create(slug="shop-b", name="Shop B", marketplace="US", partner_id="A2RIVAL")


@pytest.fixture
def bring_in(tmp_path: Path, shop: Seller) -> Importer:
    """Write a file, import it for the shop, and return what happened."""

    def bring(content: Any, seller: Seller | None = shop, name: str = "file", **options: Any) -> Done:
        return import_path(samples.write(tmp_path, name, content), seller, **options)

    return bring
