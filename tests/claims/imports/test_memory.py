"""Memory does not grow with the file: four times the rows take no more."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from accounts.models import Seller
from accounts.tables.source import Source
from accounts.values import days
from claims.imports import staging_table
from claims.imports.formats import detect
from tests.claims.imports import samples
from tests.claims.imports.samples import charge, item, refund


def write_finances(path: Path, rows: int) -> None:
    with path.open("w") as file:
        file.write('{"payload": {"FinancialEvents": {"RefundEventList": [')
        for number in range(rows):
            lines = [item(f"SKU-{number}", charge("Principal", -number - 1), item_id=str(number))]
            event = refund(f"203-{number:07}-0000000", "2026-03-18T02:00:00Z", *lines)
            file.write(("," if number else "") + json.dumps(event))
        file.write("]}}}")


def write_returns(path: Path, rows: int) -> None:
    head, _, row = samples.returns_text({}).partition("\n")
    with path.open("w") as file:
        file.write(head + "\n")
        for number in range(rows):
            # Every other row is refused: what is left out is not collected in memory either.
            file.write(row.replace("203-5550001-7770001", f"203-{number:07}-0000000" if number % 2 else "no order"))


@pytest.mark.parametrize("write", [write_finances, write_returns])
def test_memory_is_flat(tmp_path: Path, shop: Seller, write) -> None:  # type: ignore[no-untyped-def]
    def peak(rows: int) -> int:
        path = tmp_path / f"{rows}"
        write(path, rows)
        source = Source(path)
        tracemalloc.start()
        try:
            with staging_table.table():
                assert (
                    staging_table.stage(detect(source).read(source, days.ANYWHERE), staging_table.Owners(shop, None))
                    == rows
                )
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # what is made once: compiled patterns, caches, zones
    small, large = peak(4_000), peak(16_000)
    assert large < small * 1.2
    assert large < 16_000_000
