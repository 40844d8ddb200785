"""Why a file is not accepted: one code, one sentence, for forms, admin, e-mail and migration alike."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.text import formats


class FileProblem(StrEnum):
    EMPTY = "EMPTY"
    TOO_LARGE = "TOO_LARGE"
    PICTURE_TOO_LARGE = "PICTURE_TOO_LARGE"
    VIDEO_TOO_LARGE = "VIDEO_TOO_LARGE"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    TOO_MANY_FILES = "TOO_MANY_FILES"
    MESSAGE_FULL = "MESSAGE_FULL"
    CLAIM_FULL = "CLAIM_FULL"
    SELLER_FULL = "SELLER_FULL"
    WRONG_TYPE = "WRONG_TYPE"
    BROKEN = "BROKEN"
    PASSWORD_PROTECTED = "PASSWORD_PROTECTED"
    NOT_OPENED = "NOT_OPENED"
    NOT_STORED = "NOT_STORED"


SENTENCES: dict[FileProblem, str | Promise] = {
    FileProblem.EMPTY: _("%(name)s is empty (0 bytes). Choose it again; on a phone, wait until the photo is saved."),
    FileProblem.TOO_LARGE: _("%(name)s has %(size)s; at most %(max)s."),
    FileProblem.PICTURE_TOO_LARGE: _("%(name)s has %(size)s; at most %(max)s. Send the photo at a smaller size."),
    FileProblem.VIDEO_TOO_LARGE: _("%(name)s has %(size)s; at most %(max)s. Cut the video to the part that matters."),
    FileProblem.TOO_MANY_PIXELS: _("%(name)s has more than %(max)s million pixels. Send the photo at a smaller size."),
    FileProblem.TOO_MANY_FILES: _(
        "%(number)s files chosen; at most %(max)s in one message. Send the rest in a second message."
    ),
    FileProblem.MESSAGE_FULL: _(
        "The files have %(size)s together; at most %(max)s in one message. Send the rest in a second message."
    ),
    FileProblem.CLAIM_FULL: _(
        "This claim has all the files it can have: %(number)s files or %(max)s. Send only what the decision hangs on."
    ),
    FileProblem.SELLER_FULL: _("%(seller)s has used all of its %(quota)s of storage. Write to %(help)s."),
    FileProblem.WRONG_TYPE: _(
        "%(name)s is %(found_type)s, whatever its name says. "
        "PNG, JPEG, WebP, HEIC, PDF, text, CSV, EML, MP4 and MOV are accepted."
    ),
    FileProblem.BROKEN: _("%(name)s can't be opened as %(type)s; it may be cut off. Export or photograph it again."),
    FileProblem.PASSWORD_PROTECTED: _("%(name)s is a password-protected PDF. Save it without the password."),
    FileProblem.NOT_OPENED: _(
        "%(name)s wasn't accepted: pictures and PDFs can't be checked here at the moment. Send it again later."
    ),
    FileProblem.NOT_STORED: _(
        "%(name)s couldn't be stored at the moment. What you wrote is kept; send the file again in a few minutes."
    ),
}

# What a file turned out to be, in the words of "{name} is {found_type}, whatever its name says."
FOUND_TYPES: dict[str, str | Promise] = {
    "": _("of no type we know"),
    "application/gzip": _("a packed archive"),
    "application/msword": _("a Word document"),
    "application/pdf": _("a PDF"),
    "application/postscript": _("a PostScript file"),
    "application/rtf": _("a rich text document"),
    "application/vnd.ms-cab-compressed": _("a packed archive"),
    "application/vnd.ms-excel": _("a spreadsheet"),
    "application/vnd.ms-powerpoint": _("a presentation"),
    "application/vnd.oasis.opendocument.presentation": _("a presentation"),
    "application/vnd.oasis.opendocument.spreadsheet": _("a spreadsheet"),
    "application/vnd.oasis.opendocument.text": _("a text document of an office program"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": _("a presentation"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _("a spreadsheet"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": _("a Word document"),
    "application/x-7z-compressed": _("a packed archive"),
    "application/x-bzip2": _("a packed archive"),
    "application/x-executable": _("a program"),
    "application/x-msdownload": _("a program"),
    "application/x-rar-compressed": _("a packed archive"),
    "application/x-tar": _("a packed archive"),
    "application/x-xz": _("a packed archive"),
    "application/zip": _("a packed archive"),
    "application/zstd": _("a packed archive"),
    "image/apng": _("an animated picture"),
    "image/avif": _("an AVIF picture"),
    "image/bmp": _("a BMP picture"),
    "image/gif": _("a GIF picture"),
    "image/heic": _("a HEIC photo"),
    "image/svg+xml": _("an SVG drawing"),
    "image/tiff": _("a TIFF picture"),
    "image/webp": _("a WebP picture"),
    "text/html": _("a web page"),
    "text/x-script": _("a script"),
    "text/xml": _("an XML file"),
}
_FAMILIES: dict[str, str | Promise] = {
    "audio": _("a sound recording"),
    "image": _("a picture of another type"),
    "video": _("a video"),
}


def found_type(media_type: str) -> str:
    """Return what a file is, in words that fit after "is"."""
    family = media_type.partition("/")[0]
    return str(FOUND_TYPES.get(media_type) or _FAMILIES.get(family) or FOUND_TYPES[""])


def megabytes(size: int) -> str:
    """Return a size in MB with one decimal, rounded up, so that nothing over a limit reads like the limit."""
    tenths = -(-size * 10 // (1024 * 1024))
    number = formats.number(tenths // 10) if tenths % 10 == 0 else formats.number(tenths / 10, 1)
    return gettext("%(number)s MB") % {"number": number}


def gigabytes(size: int) -> str:
    """Return a size in whole GB."""
    return gettext("%(number)s GB") % {"number": size // 1024**3}


class FileNotAccepted(Exception):
    """A file that can't be accepted: `code` for programs, `str()` for people, `params` what the sentence is made of."""

    def __init__(self, code: FileProblem, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return str(SENTENCES[self.code]) % self.params
