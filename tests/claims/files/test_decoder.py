"""What the decoder process makes of a picture or a PDF."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from claims.files import decoder_process
from claims.files.decoder import active_content
from claims.files.limits import CantDecode
from tests.claims.files.samples import animated_webp, heic, jpeg, pdf, png, png_of_header, webp


@pytest.fixture
def made(tmp_path: Path):
    """Have something made; (facts, folder)."""

    def make(content: bytes, media_type: str):
        (tmp_path / "source").write_bytes(content)
        folder = tmp_path / "made"
        folder.mkdir()
        return decoder_process.run("make", tmp_path / "source", media_type, folder), folder

    return make


def opened(path: Path) -> Image.Image:
    return Image.open(BytesIO(path.read_bytes()))


def with_exif(kind: str = "JPEG") -> bytes:
    """A photo held upright, taken on 12 November, with a place and a serial number in its metadata."""
    picture = Image.new("RGB", (60, 20), "red")
    picture.paste("blue", (0, 0, 30, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010F] = "Secret Camera Company"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:12 14:03:00"
    exif.get_ifd(0x8825)[1] = "N"
    out = BytesIO()
    picture.save(out, kind, exif=exif, quality=95)
    return out.getvalue()


def test_copy_of_a_photo_has_its_pixels_upright_and_nothing_else(made):
    facts, folder = made(with_exif(), "image/jpeg")

    copy = opened(folder / "copy")
    assert (copy.format, copy.size, facts["served_type"]) == ("JPEG", (20, 60), "image/jpeg")
    assert dict(copy.getexif()) == {}
    assert b"Secret Camera" not in (folder / "copy").read_bytes()
    assert copy.getpixel((10, 5))[2] > 200
    assert copy.getpixel((10, 55))[0] > 200
    assert facts["taken_at"] == "2026-11-12T14:03:00"
    assert facts["served_size"] == (folder / "copy").stat().st_size


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_pictures_lose_their_metadata_too(made, kind):
    facts, folder = made(with_exif(kind), f"image/{kind.lower()}")
    for path in folder.iterdir():
        assert b"Secret Camera" not in path.read_bytes()
        assert dict(opened(path).getexif()) == {}
    assert facts["taken_at"] == "2026-11-12T14:03:00"


@pytest.mark.parametrize(
    ("content", "media_type", "served"),
    [
        (png(mode="RGBA"), "image/png", "image/png"),
        (png(mode="P"), "image/png", "image/png"),
        (png(mode="1"), "image/png", "image/png"),
        (png(mode="I;16"), "image/png", "image/png"),
        (jpeg(mode="L"), "image/jpeg", "image/jpeg"),
        (jpeg(mode="CMYK"), "image/jpeg", "image/jpeg"),
        (webp(), "image/webp", "image/jpeg"),
        (webp(mode="RGBA"), "image/webp", "image/png"),
        (heic(), "image/heic", "image/jpeg"),
        (jpeg(icc_profile=b"not a profile"), "image/jpeg", "image/jpeg"),
    ],
)
def test_every_kind_of_picture_is_made(made, content, media_type, served):
    facts, folder = made(content, media_type)
    assert (facts["served_type"], facts["previews"], facts["taken_at"]) == (served, 1, "")
    assert sorted(path.name for path in folder.iterdir()) == ["0.png", "1.png", "copy"]
    assert Image.MIME[opened(folder / "copy").format] == served


def test_previews_are_small_and_keep_their_shape(made):
    _facts, folder = made(jpeg(3000, 1500), "image/jpeg")
    sizes = [opened(folder / name).size for name in ("copy", "1.png", "0.png")]
    assert sizes == [(3000, 1500), (1400, 700), (320, 160)]


def test_pages_of_a_pdf_are_drawn(made):
    facts, folder = made(pdf(pages=12), "application/pdf")
    assert facts == {"previews": 10, "pages": 12, "active_content": ""}
    assert len(list(folder.iterdir())) == 11
    assert opened(folder / "10.png").size == (1400, 1400)


def active(*, js: bool = False, file: bool = False, key: str = "", action: str = "") -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(width=200, height=200)
    if js:
        says = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('hello')")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(says)
    if file:
        writer.add_attachment("inside.exe", b"MZ")
    if action:
        does = DictionaryObject({NameObject("/S"): NameObject(action), NameObject("/F"): TextStringObject("x")})
        page[NameObject("/AA")] = DictionaryObject({NameObject("/O"): does})
    if key:
        writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject(key): TextStringObject("x")})
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (pdf(), []),
        (active(js=True), ["javascript"]),
        (active(file=True), ["embedded"]),
        (active(action="/Launch"), ["launch"]),
        (active(action="/SubmitForm"), ["send"]),
        (active(action="/RichMediaExecute"), ["media"]),
        (active(key="/XFA"), ["javascript"]),
        (active(js=True, file=True), ["embedded", "javascript"]),
    ],
)
def test_active_content_of_a_pdf_is_found_wherever_it_stands(tmp_path, content, found):
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    assert active_content(str(path)) == found


@pytest.mark.parametrize(
    ("content", "media_type", "code"),
    [
        (animated_webp(), "image/webp", "ANIMATED"),
        (png_of_header(60_000, 60_000, b""), "image/png", "TOO_MANY_PIXELS"),
        (png_of_header(9_000, 9_000, b""), "image/png", "TOO_MANY_PIXELS"),
        (png()[:-30], "image/png", "BROKEN"),
        (heic()[:-300], "image/heic", "BROKEN"),
        (jpeg(), "image/png", "BROKEN"),
        (b"%PDF-1.7", "application/pdf", "BROKEN"),
    ],
)
def test_the_workshop_says_what_it_cannot_make(made, content, media_type, code):
    with pytest.raises(CantDecode) as spoiled:
        made(content, media_type)
    assert spoiled.value.code == code


def test_the_workshop_has_no_secrets_and_little_memory(tmp_path, monkeypatch):
    """What decodes hostile bytes knows three words of its environment and has an end to its memory.

    It is looked at from outside, while it waits for a file that nobody writes yet.
    """
    monkeypatch.setenv("SECRET_KEY", "the secret")
    package = tmp_path / "claims" / "files"
    package.mkdir(parents=True)
    for name in ("decoder_process.py", "sandbox.py", "limits.py"):
        (package / name).write_text(Path(decoder_process.__file__).with_name(name).read_text())
    (package / "decoder.py").write_text(
        "import os\n"
        "def check(source, media_type):\n"
        "    if media_type == 'greedy':\n"
        "        return {'size': len(bytearray(2 * 1024**3))}\n"
        "    return {'names': sorted(os.environ)}\n"
    )
    assert answer(tmp_path, "image/png") == {"names": ["LC_ALL", "OMP_NUM_THREADS", "PATH"]}
    assert answer(tmp_path, "greedy") == {"spoiled": "BROKEN"}


def answer(checkout: Path, media_type: str) -> dict[str, object]:
    """Return what the decoder process of this checkout says."""
    line = decoder_process.command("check", checkout, media_type, without_sandbox=True)
    return json.loads(subprocess.run(line, cwd=checkout, env=decoder_process.ENVIRONMENT, capture_output=True).stdout)
