"""What an operator reads, and the exit codes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Seller
from claims.imports import formats
from claims.imports.plain_csv import TEMPLATE
from claims.models import Claim, Order, RefundLine
from claims.rules.lifecycle import Status
from tests.claims.imports import samples
from tests.claims.imports.samples import charge, finances, item, refund
from tests.claims.imports.stored_rows import snapshot

PAGE = finances([refund("203-5550001-7770001", "2026-03-18T02:00:00Z", item("KETTLE-1", charge("Principal", -64)))])
ORDER_ID = "203-5550001-7770001"


@dataclass
class Said:
    code: int
    lines: list[str]
    out: str


def run(command: str, *arguments: Any) -> Said:
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    lines = err.getvalue().splitlines()
    if lines and lines[-1].startswith("Read "):
        lines[-1] = lines[-1].rsplit(" ", 2)[0]  # without the seconds
    return Said(code, lines, out.getvalue())


def test_all_in(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "finances.json", PAGE)
    assert run("import_refunds", path, "--seller", "shop-a") == Said(
        0, ["Read 1 row: 1 new, 0 changed, 0 unchanged, 0 left out."], ""
    )


def test_some_left_out_are_told_and_kept(tmp_path: Path, shop: Seller) -> None:
    text = samples.returns_text({}, {"Refunded Amount": "12,3x"}, {"Order ID": "=1+1"})
    path, rejects = samples.write(tmp_path, "returns.tsv", text), tmp_path / "rejects.csv"
    causes = [
        'refunded amount "12,3x" is not an amount in USD. Write it like 1284.50',
        '"=1+1" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667',
    ]
    assert run("import_refunds", path, "--seller", "shop-a", "--rejects", rejects) == Said(
        1,
        [
            f"returns.tsv, line 3: {causes[0]}. Row left out.",
            f"returns.tsv, line 4: {causes[1]}. Row left out.",
            "Read 3 rows: 1 new, 0 changed, 0 unchanged, 2 left out (rejects.csv).",
        ],
        "",
    )
    assert rejects.read_text().splitlines() == [
        "file,row,cause",
        'returns.tsv,line 3,"refunded amount ""12,3x"" is not an amount in USD. Write it like 1284.50"',
        'returns.tsv,line 4,"""=1+1"" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667"',
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            b"%PDF-1.7\n",
            f"file.tsv: not a refund file. Known: {formats.KNOWN}. It starts with: %PDF.",
        ),
        (b"", "file.tsv: is empty (0 bytes). Nothing was imported."),
        (json.dumps(PAGE)[:150].encode(), "file.tsv: ends in the middle of line 1. Nothing was imported."),
        (
            b"order id,sku,currency,amount\n",
            'file.tsv: column "refunded at" is missing. Found: order id, sku, currency, amount.',
        ),
    ],
)
def test_unusable_file(tmp_path: Path, shop: Seller, content: bytes, line: str) -> None:
    path = samples.write(tmp_path, "file.tsv", content)
    assert run("import_refunds", path, "--seller", "shop-a") == Said(2, [line, "Nothing was imported."], "")


def test_unusable_file_keeps_no_other_out(tmp_path: Path, shop: Seller) -> None:
    good, bad = samples.write(tmp_path, "good.json", PAGE), tmp_path / "none.json"
    assert run("import_refunds", bad, good, "--seller", "shop-a") == Said(
        2, ["none.json: doesn't exist.", "Read 1 row: 1 new, 0 changed, 0 unchanged, 0 left out."], ""
    )


def test_file_that_does_not_say_whose_it_is(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "returns.tsv", samples.returns_text({}))
    said = run("import_refunds", path)
    assert (said.code, said.lines[0]) == (2, "returns.tsv: the file doesn't say whose it is. Add --seller.")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["x.tsv", "--seller", "shop-x"], 'Seller "shop-x" doesn\'t exist.'),
        ([], "Name at least one file. --template prints one to fill in."),
        (
            ["x.tsv", "--seller", "shop-a", "--rejects", "/nowhere/r.csv"],
            "/nowhere/r.csv can't be written: No such file or directory.",
        ),
    ],
)
def test_wrong_call(shop: Seller, arguments: list[str], line: str) -> None:
    assert run("import_refunds", *arguments) == Said(2, [line], "")


def test_unknown_marketplace(shop: Seller) -> None:
    said = run("import_refunds", "x.tsv", "--seller", "shop-a", "--marketplace", "Narnia")
    assert said.code == 2
    assert said.lines[0].startswith('Marketplace "Narnia" isn\'t known. Known: AE, AU, BE, BR')


def test_dry_run_says_so_and_writes_nothing(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "finances.json", PAGE)
    assert run("import_refunds", path, "--seller", "shop-a", "--dry-run") == Said(
        0, ["Dry run: nothing was written.", "Read 1 row: 1 new, 0 changed, 0 unchanged, 0 left out."], ""
    )
    assert Order.objects.count() == 0


def test_json(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "finances.json", PAGE)
    counts = {"read": 1, "new": 1, "changed": 0, "unchanged": 0, "left_out": 0, "adopted": {}, "waiting_payments": 0}
    said = run("import_refunds", path, tmp_path / "none", "--seller", "shop-a", "--json")
    assert said.code == 2
    assert json.loads(said.out) == {
        **counts,
        "dry_run": False,
        "files": [
            {"file": "finances.json", "format": "Finances v0 JSON", "notes": [], "doubtful": 0, **counts},
            {"file": "none", "unusable": "doesn't exist."},
        ],
    }


def test_template_is_a_file_that_can_be_imported(tmp_path: Path, shop: Seller) -> None:
    said = run("import_refunds", "--template")
    assert said == Said(0, [], TEMPLATE)
    path = samples.write(tmp_path, "refunds.csv", said.out)
    assert run("import_refunds", path, "--seller", "shop-a").code == 0
    assert RefundLine.objects.get().amount_minor == 2840


CLAIMS = """claim id;order id;filed at;state;claimed;currency;granted;reply by;decided at;reason
10101-20202-3030301;203-5550001-7770001;2026-03-20 10:00;Granted;64,00;USD;32,00;;2026-03-25 16:30;damaged
10101-20202-3030302;203-5550002-7770002;2026-03-20T10:00:00Z;DENIED;10,00;USD;;;;
10101-20202-3030303;203-5550003-7770003;20-Mar-2026 10:00:00;Waiting for the seller;10,00;USD;;2026-04-09 23:59:59;;
"""


def test_import_claims(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "claims.csv", CLAIMS)
    assert run("import_claims", path, "--seller", "shop-a") == Said(
        0,
        [
            "Imported 3 claims: 1 granted, 1 denied, 1 awaiting seller response.",
            "Read 3 rows: 3 new, 0 changed, 0 unchanged, 0 left out.",
        ],
        "",
    )
    granted, denied, awaiting = Claim.objects.order_by("claim_id")
    assert (granted.status, granted.claimed_minor, granted.granted_minor, granted.reason) == (
        Status.GRANTED,
        6400,
        3200,
        "DAMAGED",
    )
    assert (granted.filed_at.isoformat(), granted.decided_at and granted.decided_at.isoformat()) == (
        "2026-03-20T17:00:00+00:00",
        "2026-03-25T23:30:00+00:00",
    )
    assert granted.appeal_by and granted.appeal_by.isoformat() == "2026-04-02T06:59:59.999999+00:00"
    assert (denied.status, denied.decided_at, denied.appeal_by) == (Status.DENIED, None, None)
    assert awaiting.reply_by and awaiting.reply_by.isoformat() == "2026-04-10T06:59:59+00:00"
    before = snapshot()
    assert run("import_claims", path, "--seller", "shop-a").lines == [
        "Read 3 rows: 0 new, 0 changed, 3 unchanged, 0 left out."
    ]
    assert snapshot() == before


@pytest.mark.parametrize(
    ("cells", "cause"),
    [
        (
            "1-2-3;203-5550001-7770001;2026-03-20 10:00;Granted;64;USD;32;;;",
            '"1-2-3" isn\'t a claim id. It has 5, 5 and 7 digits, as in 11122-33344-5556667',
        ),
        (
            "10101-20202-3030301;203;2026-03-20 10:00;Granted;64;USD;32;;;",
            '"203" isn\'t an order id. It has 3, 7 and 7 digits, as in 111-2223334-5556667',
        ),
        (
            "10101-20202-3030301;203-5550001-7770001;never;Granted;64;USD;32;;;",
            'filed at "never" is not a date. Write it like 2026-03-01',
        ),
        (
            "10101-20202-3030301;203-5550001-7770001;2026-03-20 10:00;Odd;64;USD;32;;;",
            'claim 10101-20202-3030301 has a state "Odd", which isn\'t known',
        ),
        (
            "10101-20202-3030301;203-5550001-7770001;2026-03-20 10:00;Granted;6;USD;32;;;",
            "claim 10101-20202-3030301 was granted more than was claimed",
        ),
        (
            "10101-20202-3030301;203-5550001-7770001;2026-03-20 10:00;Granted;64;USD;32;;2026-03-01 10:00;",
            "claim 10101-20202-3030301 was decided before it was filed",
        ),
        (
            "10101-20202-3030301;203-5550001-7770001;2026-03-20 10:00;Pending;64;USD;;;;angry",
            'reason "angry" isn\'t known. Known: damaged, different, parts, not_returned, abuse, no_return_asked, '
            "replaced, delivered, outside_window, shipping",
        ),
        (
            "10101-20202-3030301;203-5550001-7770001;2026-03-20\0;Granted;64;USD;32;;;",
            'column "filed at" has a NUL byte in it',
        ),
    ],
)
def test_import_claims_leaves_out_what_it_can_not_take_in(tmp_path: Path, shop: Seller, cells: str, cause: str) -> None:
    path = samples.write(tmp_path, "claims.csv", CLAIMS.splitlines()[0] + "\n" + cells + "\n")
    said = run("import_claims", path, "--seller", "shop-a")
    assert (said.code, said.lines[0]) == (1, f"claims.csv, line 2: {cause}. Row left out.")
    assert Claim.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "claims.csv: is empty (0 bytes). Nothing was imported."),
        (
            b"%PDF-1.7",
            "claims.csv: not a file of claims. Known: our own CSV (--template prints one). It starts with: %PDF-1.7.",
        ),
        (b"claim id,order id\n", 'claims.csv: column "filed at" is missing. Found: claim id, order id.'),
    ],
)
def test_import_claims_of_another_file(tmp_path: Path, shop: Seller, content: bytes, line: str) -> None:
    said = run("import_claims", samples.write(tmp_path, "claims.csv", content), "--seller", "shop-a")
    assert (said.code, said.lines[0]) == (2, line)


def test_import_claims_template_can_be_imported(tmp_path: Path, shop: Seller) -> None:
    path = samples.write(tmp_path, "claims.csv", run("import_claims", "--template").out)
    assert run("import_claims", path, "--seller", "shop-a").lines[0] == "Imported 1 claim: 1 granted."
