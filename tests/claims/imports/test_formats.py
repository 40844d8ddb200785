from pathlib import Path

import pytest

from accounts.tables.source import Source, UnusableFile
from claims.imports import formats
from claims.imports.formats import detect
from claims.imports.plain_csv import TEMPLATE
from tests.claims.imports import samples

KNOWN = f"Known: {formats.KNOWN}."


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (samples.returns_text({}), "returns report"),
        (samples.returns_text({}, columns=samples.COLUMNS_35).upper(), "returns report"),
        ("\ufeff" + samples.returns_text({}).replace("\n", "\r\n"), "returns report"),
        (samples.returns_text({}).encode("utf-16"), "returns report"),
        (samples.finances([]), "Finances v0 JSON"),
        ([samples.finances([]), samples.finances([])], "Finances v0 JSON"),
        (TEMPLATE, "our own CSV"),
        (b'{"payload": {"transactions": []}}', "Finances 2024-06-19 JSON"),
        (b"<AmazonEnvelope><Message><return_details/></Message></AmazonEnvelope>", "returns report as XML"),
        (b"settlement-id\tcurrency\torder-id\tamount\tsku\n", "settlement V2"),
        (b'"Includes all orders"\n"date/time","settlement id","type"\n', "date-range CSV"),
        ("\ufeff" + TEMPLATE.replace(",", ";"), "our own CSV"),
    ],
)
def test_format_is_told_by_content(tmp_path: Path, content: str | bytes | dict | list, name: str) -> None:
    assert detect(Source(samples.write(tmp_path, "report.pdf", content))).name == name


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\n", f"not a refund file. {KNOWN} It starts with: %PDF"),
        (b"PK\x03\x04\x14\x00", "is an archive that can't be unpacked"),
        (b"MZ\x90\x00\x03", f"not a refund file. {KNOWN} It starts with: MZ (a program)"),
        (b"\x00\x00\x00\x00", f"not a refund file. {KNOWN} It starts with: \\x00\\x00\\x00\\x00"),
        (b"", "is empty (0 bytes). Nothing was imported"),
        (b"\n \r\n", "holds nothing but empty lines. Nothing was imported"),
        (b"Dear team,\nplease", f"not a refund file. {KNOWN} It starts with: Dear team,"),
        (b'{"orders": []}', f'not a refund file. {KNOWN} It starts with: {{"orders": []}}'),
        (b'{"orders": [{"id"', "ends in the middle of line 1. Nothing was imported"),
    ],
)
def test_file_that_is_not_read_says_why(tmp_path: Path, content: bytes, cause: str) -> None:
    with pytest.raises(UnusableFile) as unusable:
        detect(Source(samples.write(tmp_path, "refunds.tsv", content)))
    assert str(unusable.value) == cause


def test_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"^doesn't exist$"):
        Source(tmp_path / "none.tsv")


def test_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"^is a folder. Name the files in it$"):
        Source(tmp_path)
