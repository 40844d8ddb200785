"""Files as phones, printers and forms make them: accepted as what they are, by form, desk and mail alike."""

from __future__ import annotations

from base64 import encodebytes
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from claims.files import decoder
from claims.files.check import Accepted, examine
from claims.files.refusals import FileNotAccepted, FileProblem
from messaging.correspondence import store_mail
from messaging.correspondence.parse import Mail, parse
from tests.claims.files.samples import jpeg, pdf
from tests.messaging.correspondence.mails import with_fields

CASES = Path(__file__).parent / "cases"
TYPES = {
    "ascii_lf_first.pdf": "application/pdf",
    "label.pdf": "application/pdf",
    "label_lf_first.pdf": "application/pdf",
    "label_multipart_head.pdf": "application/pdf",
    "label_spaces.pdf": "application/pdf",
    "motion_ok.jpg": "image/jpeg",
    "motion_small.jpg": "image/jpeg",
}


def test_every_case_is_told_here() -> None:
    assert {path.name for path in CASES.iterdir()} == TYPES.keys()


@pytest.mark.parametrize("name", TYPES)
def test_a_file_as_found_is_accepted_as_what_it_is(name: str) -> None:
    content = (CASES / name).read_bytes()
    accepted = Accepted(name, TYPES[name], len(content), sha256(content).hexdigest())

    assert examine(ContentFile(content, name)) == accepted

    part = f'--b\nContent-Type: application/octet-stream; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
    mail = parse(
        with_fields(
            content='Content-Type: multipart/mixed; boundary="b"',
            body=part.encode() + encodebytes(content) + b"--b--\n",
        )
    )
    assert isinstance(mail, Mail)
    by_mail, left_out = store_mail.sort_files(mail.files)
    assert ([result for _file, result in by_mail], left_out) == ([accepted], ())


@pytest.mark.parametrize("name", [name for name, kind in TYPES.items() if kind == "application/pdf"])
def test_a_pdf_behind_a_few_bytes_has_its_preview(name: str, tmp_path: Path) -> None:
    made = decoder.make_pdf(str(CASES / name), tmp_path)
    assert (made["previews"], made["pages"]) == (1, 1)


@pytest.mark.parametrize(
    ("before", "media_type"),
    [
        (b"\n", "application/pdf"),
        (b"\xef\xbb\xbf", "application/pdf"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n", "application/pdf"),
        (b"\x1b%-12345X@PJL JOB\r\n@PJL ENTER LANGUAGE=PDF\r\n", "application/pdf"),
        (b" " * 1023, "application/pdf"),
    ],
)
def test_a_pdf_may_begin_within_the_first_kilobyte(before: bytes, media_type: str) -> None:
    assert examine(ContentFile(before + pdf(), "label.pdf")).media_type == media_type


@pytest.mark.parametrize("before", [b"<html>\n", b"<script>x</script>\n", b" " * 2000 + b"\n"])
def test_a_pdf_behind_a_page_or_far_behind_is_none(before: bytes) -> None:
    with pytest.raises(FileNotAccepted) as refused:
        examine(ContentFile(before + pdf() + b"\x00\x01", "label.pdf"))
    assert refused.value.code is FileProblem.WRONG_TYPE


def test_a_text_that_speaks_of_a_pdf_is_a_text() -> None:
    assert (
        examine(ContentFile(b"The file begins with\n%PDF-1.4\nand then stops.\n", "note.txt")).media_type
        == "text/plain"
    )


def test_scans_are_counted_up_to_the_end_of_the_picture() -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda" * 500
    assert examine(ContentFile(jpeg() + film, "motion.jpg")).media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("追跡番号は届いていません。箱は空でした。", "cp932"),
        ("追跡番号は届いていません。", "euc-jp"),
        ("追跡番号は届いていません。", "iso-2022-jp"),
        ("箱子是空的，请看照片。", "gb18030"),
        ("箱子是空的。", "big5"),
        ("상자가 비어 있었습니다.", "cp949"),
        ("Коробка была пустой, смотрите фото.", "cp1251"),
        ("Коробка была пустой.", "koi8-r"),
        ("Krabice byla prázdná, příště lépe.", "cp1250"),
        ("Το κουτί ήταν άδειο.", "cp1253"),
        ("Kutu boştu, ağırlığı düşük.", "cp1254"),
        ("הקופסה הייתה ריקה", "cp1255"),
        ("الصندوق فارغ", "cp1256"),
        ("กล่องว่างเปล่า", "cp874"),
        ("Größer", "utf-32"),
        ("Größer", "mac-roman"),
    ],
)
def test_a_text_is_a_text_in_any_charset(text: str, charset: str) -> None:
    content = (text + "\r\n").encode(charset)
    assert examine(ContentFile(content, "note.txt")).media_type == "text/plain"
