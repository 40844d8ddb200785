"""`import_sellers`: what comes in, what is left out and why, and that twice is as good as once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import Invitation, Membership, Role, Seller, User
from tests.accounts.conftest import Cast

HEADER = "seller,name,marketplace,owner,partner id\n"


def run(file: Path, *options: str) -> tuple[int, str, str]:
    """Return exit code, what was printed and what went to stderr."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_sellers", str(file), *options, stdout=out, stderr=err)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path, db: None) -> Path:
    return tmp_path / "sellers.csv"


def test_new_seller_and_the_link_of_its_owner(file: Path) -> None:
    file.write_text(HEADER + "Green-Gate,Green Gate,www.amazon.com,Olga@Example.com,A1B2\n")
    code, out, err = run(file)
    (seller,) = Seller.objects.all()
    assert (seller.slug, seller.name, seller.marketplace, seller.partner_id) == (
        "green-gate",
        "Green Gate",
        "US",
        "A1B2",
    )
    assert out.startswith("green-gate: olga@example.com joins with http://testserver/people/join/")
    assert (code, err) == (0, "Read 1 rows: 1 new, 0 changed, 0 unchanged, 0 left out. Invited 1 owners.\n")
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.invited_by) == ("olga@example.com", "owner", None)


def test_second_time_changes_nothing(file: Path) -> None:
    file.write_text(HEADER + "green-gate,Green Gate,US,olga@example.com,\n")
    run(file)
    assert run(file) == (0, "", "Read 1 rows: 0 new, 0 changed, 1 unchanged, 0 left out. Invited 0 owners.\n")
    assert (Seller.objects.count(), Invitation.objects.count()) == (1, 1)


def test_name_and_partner_id_are_brought_up_to_date(file: Path, cast: Cast) -> None:
    file.write_text(HEADER + "blue-door,Blue Door,US,alice@seller-a.example,P9\n")
    assert run(file)[2] == "Read 1 rows: 0 new, 1 changed, 0 unchanged, 0 left out. Invited 0 owners.\n"
    cast.blue.refresh_from_db()
    assert (cast.blue.name, cast.blue.partner_id) == ("Blue Door", "P9")


def test_member_named_as_owner_becomes_one(file: Path, cast: Cast) -> None:
    file.write_text(HEADER + "blue-door,Blue Door Toys,US,vera@seller-a.example,\n")
    run(file)
    assert cast.membership(cast.vera, cast.blue).role == Role.OWNER


def test_dry_run_writes_nothing(file: Path) -> None:
    file.write_text(HEADER + "green-gate,Green Gate,US,olga@example.com,\n")
    code, out, err = run(file, "--dry-run")
    assert (code, out, err.splitlines()[-1]) == (0, "", "Dry run: nothing was written.")
    assert (Seller.objects.count(), Invitation.objects.count()) == (0, 0)


def test_json_has_counts_links_and_what_was_left_out(file: Path) -> None:
    file.write_text(HEADER + "green-gate,Green Gate,US,olga@example.com,\nbad slug,X,US,x@example.com,\n")
    code, out, _ = run(file, "--json")
    result = json.loads(out)
    link = result["invited"][0].pop("link")
    assert code == 1
    assert link.startswith("http://testserver/people/join/")
    assert result == {
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "made_owner": 0,
        "invited": [{"seller": "green-gate", "owner": "olga@example.com"}],
        "left_out": [
            {
                "line": 3,
                "why": 'seller "bad slug" isn\'t a short name: letters, digits and hyphens, such as blue-door-toys',
            }
        ],
        "dry_run": False,
    }


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffseller;name;marketplace;owner\r\ngreen-gate;Green, Gate;US;olga@example.com\r\n",
        "OWNER'S E-MAIL\tSeller slug\tSeller name\tMarketplace\n"
        "olga@example.com\tgreen-gate\tGreen, Gate\tAmazon.com\n",
        'seller,name,marketplace,owner\n\n"green-gate","Green, Gate",us,olga@example.com',
    ],
)
def test_files_as_spreadsheets_write_them(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="")
    assert run(file)[0] == 0
    assert list(Seller.objects.values_list("slug", "name", "marketplace")) == [("green-gate", "Green, Gate", "US")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("green-gate,Green\0Gate,US,olga@example.com,", "a cell holds a NUL byte"),
        ("green-gate,,US,olga@example.com,", "name is empty"),
        ("green-gate,Green Gate,Narnia,olga@example.com,", 'marketplace "Narnia" isn\'t known'),
        ("green-gate,Green Gate,US,olga,", 'owner "olga" isn\'t an e-mail address. One looks like name@example.com'),
        ("green-gate,Green Gate,US,olga@example.com,,,", "7 cells, and the header has 5"),
        ("green-gate," + "G" * 201 + ",US,olga@example.com,", "the name is longer than 200 characters"),
        ("green-gate,Green Gate,US,olga@example.com," + "9" * 65, "the partner id is longer than 64 characters"),
        ("blue-door,Other,US,olga@example.com,", 'seller "blue-door" is described differently on line 2'),
        ("green-gate,Green Gate,US,olga@example.com,P1", 'partner id "P1" is on line 2 for blue-door'),
        ("rival,Rival,US,olga@example.com,", 'seller "rival" is on DE; a seller account stays on its marketplace'),
        (
            "green-gate,Green Gate,US,hana@desk.example,",
            'owner "hana@desk.example" works at the desk and can\'t belong to a seller account',
        ),
    ],
)
def test_bad_row_is_left_out_with_its_line_and_the_rest_comes_in(file: Path, cast: Cast, row: str, why: str) -> None:
    file.write_text(HEADER + "blue-door,Blue Door Toys,US,alice@seller-a.example,P1\n" + row + "\n")
    code, _, err = run(file)
    assert (code, err.splitlines()) == (
        1,
        [
            f"sellers.csv, line 3: {why}. Row left out.",
            "Read 2 rows: 0 new, 1 changed, 0 unchanged, 1 left out. Invited 0 owners.",
        ],
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty."),
        (b"seller,name,owner\na,b,c\n", 'column "marketplace" is missing. Found: seller, name, owner.'),
        (
            b"seller,name\n\xfd\xfe\xf0,x\n",
            'it is neither UTF-8 nor surely text in another charset: "\\xfd\\xfe\\xf0,x". Save it as CSV UTF-8.',
        ),
        (b"PK\x03\x04", "it is an archive that can't be unpacked."),
        (b'seller,name,marketplace,owner\na,"b,US,x@example.com\n', "line 2: unexpected end of data."),
    ],
)
def test_unusable_file_takes_nothing_in(file: Path, content: bytes, why: str) -> None:
    file.write_bytes(content)
    assert run(file) == (2, "", f"sellers.csv: {why} Nothing was imported.\n")
    assert Seller.objects.count() == 0


def test_missing_file_is_said(tmp_path: Path, db: None) -> None:
    assert run(tmp_path / "none.csv")[::2] == (2, "none.csv: there is no such file. Nothing was imported.\n")


def test_template_is_a_file_it_reads(file: Path) -> None:
    out = io.StringIO()
    call_command("import_sellers", "--template", stdout=out)
    file.write_text(out.getvalue() + "green-gate,Green Gate,US,olga@example.com,\n")
    assert run(file)[0] == 0


def test_existing_person_is_invited_not_added(file: Path, cast: Cast) -> None:
    file.write_text(HEADER + "green-gate,Green Gate,US,mallory@seller-b.example,\n")
    assert "mallory@seller-b.example joins with" in run(file)[1]
    assert list(Membership.objects.filter(user=cast.mallory).values_list("seller__slug", flat=True)) == ["rival"]
    assert User.objects.filter(email=cast.mallory.email).count() == 1
