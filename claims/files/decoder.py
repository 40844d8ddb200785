"""What is made of a picture or a PDF to be shown, in the decoder process: no Django here, and no trust.

Of a picture: a copy without metadata ("copy"), upright, in sRGB. Of both: a thumbnail ("0.png") and previews of pages
("1.png" …), all drawn anew from decoded pixels, so that nothing a file carried besides its picture is left.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageCms, ImageOps

from claims.files import pictures
from claims.files.limits import MAX_PIXELS, PAGES_SHOWN, PREVIEW, THUMB, CantDecode

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/heic": "HEIF"}
_EXIF_MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_MOST_OBJECTS = 50_000


def check(source: str, media_type: str) -> dict[str, Any]:
    """Open all of a picture, and of a PDF its first page. Raises CantDecode, or whatever the decoder does."""
    if media_type == "application/pdf":
        from claims.files import pdfs

        return pdfs.check_pdf(source)
    picture = _opened(source, media_type)
    size = {"width": picture.width, "height": picture.height}
    if media_type == "image/png":
        pictures.check_png(picture, source)
        return size
    if media_type == "image/jpeg":
        pictures.check_scans(source)
        # An eighth of the pixels needs all of the data.
        picture.draft("RGB", (max(1, picture.width // 8), max(1, picture.height // 8)))
    picture.load()
    return size


def make_picture(source: str, media_type: str, folder: Path) -> dict[str, Any]:
    """Write copy, thumbnail and preview; return the facts of the copy and when the photo was taken, "" if unknown."""
    picture = _opened(source, media_type)
    taken_at = _taken_at(picture)
    plain = _plain(picture)
    served = "image/png" if media_type == "image/png" or plain.mode in ("RGBA", "LA") else "image/jpeg"
    out = folder / "copy"
    if served == "image/png":
        plain.save(out, "PNG")
    else:
        plain.save(out, "JPEG", quality=90)
    _draw(plain, folder / "1.png", PREVIEW)
    _draw(plain, folder / "0.png", THUMB)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    return {"served_type": served, "served_size": out.stat().st_size, "served_sha256": digest, "previews": 1,
            "taken_at": taken_at}  # fmt: skip


def make_pdf(source: str, folder: Path) -> dict[str, Any]:
    """Write a thumbnail and the first pages; return how many there are, and what the PDF would do by itself."""
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    document.init_forms()  # what was typed into a form's fields is part of the page
    shown = min(len(document), PAGES_SHOWN)
    for number in range(shown):
        page = document[number]
        longest = max(*page.get_size(), 1)
        picture = page.render(scale=PREVIEW / longest).to_pil().convert("RGB")
        _draw(picture, folder / f"{number + 1}.png", PREVIEW)
        if not number:
            _draw(picture, folder / "0.png", THUMB)
        page.close()
    return {"previews": shown, "pages": len(document), "active_content": ",".join(active_content(source))}


def active_content(source: str) -> list[str]:
    """Return the codes of what a PDF would do by itself, looking at all its objects. "unknown": too many to tell."""
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PdfReadError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(source, strict=False)
    except PdfReadError:
        return ["unknown"]
    numbers = {number for known in reader.xref.values() for number in known} | set(reader.xref_objStm)
    codes: set[str] = set()
    if len(numbers) > _MOST_OBJECTS:
        codes.add("unknown")
    _look(reader.trailer, codes, 0)
    for number in sorted(numbers)[:_MOST_OBJECTS]:
        try:
            _look(reader.get_object(number), codes, 0)
        except Exception:  # noqa: S112 - an object no reader can read does nothing either
            continue
    return sorted(codes)


_ACTIONS = {
    "/JavaScript": "javascript",
    "/Launch": "launch",
    "/SubmitForm": "send",
    "/ImportData": "send",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMedia": "media",
    "/RichMediaExecute": "media",
}
_KEYS = {"/JS": "javascript", "/JavaScript": "javascript", "/XFA": "javascript", "/EF": "embedded",
         "/EmbeddedFiles": "embedded"}  # fmt: skip
_DEEPEST = 20


def _look(value: Any, codes: set[str], depth: int) -> None:
    """Look through what is written directly in an object; what it refers to is looked at as an object of its own."""
    if depth > _DEEPEST:
        codes.add("unknown")
    elif isinstance(value, dict):
        for key in value:
            if code := _KEYS.get(str(key)):
                codes.add(code)
        for key in ("/S", "/Subtype"):
            code = _ACTIONS.get(str(dict.get(value, key, "")))
            if code:
                codes.add(code)
        if str(dict.get(value, "/Type", "")) == "/EmbeddedFile":
            codes.add("embedded")
        for each in dict.values(value):
            _look(each, codes, depth + 1)
    elif isinstance(value, list):
        for each in list.__iter__(value):
            _look(each, codes, depth + 1)


def _opened(source: str, media_type: str) -> Image.Image:
    if media_type == "image/heic":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    warnings.simplefilter("ignore")  # our own limit is lower, and says so
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # a bomb by Pillow's own reckoning is twice this
    try:
        picture = Image.open(source, formats=[FORMATS[media_type]])
    except Image.DecompressionBombError as error:
        raise CantDecode("TOO_MANY_PIXELS") from error
    if picture.width * picture.height > MAX_PIXELS:
        raise CantDecode("TOO_MANY_PIXELS")
    if media_type == "image/webp" and getattr(picture, "n_frames", 1) > 1:
        raise CantDecode("ANIMATED")
    return picture


def _plain(picture: Image.Image) -> Image.Image:
    """Return the pixels alone: upright, in sRGB, 8 bits a channel, grey or with transparency where it had that."""
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    mode = "RGBA" if transparent else "L" if picture.mode in ("1", "L") else "RGB"
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            known = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, known, ImageCms.createProfile("sRGB"), outputMode=mode)
            picture = converted or picture
        except (ImageCms.PyCMSError, OSError, ValueError):  # a profile nobody can use is left out
            pass
    plain = picture if picture.mode == mode else picture.convert(mode)
    plain.info = {}
    return plain


def _draw(picture: Image.Image, path: Path, longest: int) -> None:
    small = picture.copy()
    small.thumbnail((longest, longest))
    small.info = {}
    small.save(path, "PNG")


def _taken_at(picture: Image.Image) -> str:
    """Return when the photo was taken, as 2026-11-12T14:03:00 by the camera's clock."""
    try:
        exif = picture.getexif()
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        written = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or ""
    except Exception:  # metadata that can't be read says nothing
        return ""
    match = _EXIF_MOMENT.match(str(written))
    return "{}-{}-{}T{}:{}:{}".format(*match.groups()) if match and match[1] != "0000" else ""
