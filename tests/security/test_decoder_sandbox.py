"""The decoder process is shut in by the kernel: what a taken-over decoder would try is refused, and decoding goes on.

Each attempt is also made outside, where it works: else its refusal would say nothing. Where the kernel lacks what shuts
in, these tests are skipped and say what is missing.
"""

from __future__ import annotations

import ast
import ctypes
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from claims.files import decoder_process, sandbox, scan_queue
from claims.files.check import examine
from claims.files.refusals import FileNotAccepted, FileProblem
from claims.models import Attachment
from safet_portal import health
from tests.cast import World
from tests.claims.files import samples
from tests.claims.files.classes import pdf_with_javascript
from tests.security.escapes import ATTEMPTS

MISSING = sandbox.missing()
needs_the_kernel = pytest.mark.skipif(bool(MISSING), reason=f"this kernel has no {' and no '.join(MISSING)}")
VICTIM = """
import ctypes, sys
secret = ctypes.create_string_buffer(b"secret")
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(2**64 - 1), 0, 0, 0)  # anybody of this account may trace it
print(ctypes.addressof(secret), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def victim() -> Iterator[tuple[int, int]]:
    """Another process, and where in its memory a secret stands."""
    with subprocess.Popen([sys.executable, "-c", VICTIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        yield process.pid, int(process.stdout.readline())
        process.stdin.close()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose decoder has been taken over, with secrets where a real one may have them."""
    package = tmp_path / "checkout" / "claims" / "files"
    package.mkdir(parents=True)
    for name in ("decoder_process.py", "sandbox.py", "limits.py"):
        shutil.copy(Path(sandbox.__file__).with_name(name), package)
    shutil.copy(Path(__file__).with_name("escapes.py"), package / "decoder.py")
    (package / "victim.py").write_text("")
    kept = tmp_path / "checkout" / "var" / "attachments"
    kept.mkdir(parents=True)
    (kept / "kept").write_text("x")
    (kept.parent / "secret_key").write_text("secret")
    (tmp_path / "checkout" / ".env").write_text("SECRET_KEY=secret")
    return tmp_path / "checkout"


@pytest.fixture
def targets(checkout: Path, victim: tuple[int, int], tmp_path: Path) -> Iterator[dict[str, Any]]:
    folder, neighbour = tmp_path / "upload" / "made", tmp_path / "upload" / "neighbour"
    folder.mkdir(parents=True)
    neighbour.write_text("x")
    where = connection.settings_dict
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(b"\0" + str(tmp_path).encode()[-80:])
        listening.listen()
        yield {
            "checkout": str(checkout),
            "settings": str(settings.BASE_DIR / "manage.py"),
            "source": str(folder.parent / "source"),
            "folder": str(folder),
            "neighbour": str(neighbour),
            "parent": os.getpid(),
            "victim": victim[0],
            "secret_at": victim[1],
            "database": [where["HOST"] or "127.0.0.1", where["PORT"] or 5432],
            "abstract": str(tmp_path)[-80:],
        }


def inside(checkout: Path, targets: dict[str, Any], attempt: str, work: str = "check") -> str:
    """Return how an attempt ends in the decoder process of this checkout."""
    Path(targets["source"]).write_text(json.dumps(targets))
    folder = Path(targets["folder"]) if work == "make" else None
    line = decoder_process.command(work, Path(targets["source"]), attempt, folder)
    ended = subprocess.run(line, cwd=checkout, env=decoder_process.ENVIRONMENT, capture_output=True, timeout=60)
    assert not ended.stderr
    return json.loads(ended.stdout)["said"]


def outside(checkout: Path, targets: dict[str, Any], attempt: str) -> str:
    """Return how the same attempt ends in a process that is not shut in."""
    Path(targets["source"]).write_text(json.dumps(targets))
    line = [sys.executable, "-E", "-s", str(checkout / "claims/files/decoder.py"), targets["source"], attempt]
    ended = subprocess.run(line, env=decoder_process.ENVIRONMENT, capture_output=True, timeout=60)
    return json.loads(ended.stdout)["said"]


@needs_the_kernel
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_gets_out_of_the_decoder(
    checkout: Path, targets: dict[str, Any], attempt: str, request: pytest.FixtureRequest
) -> None:
    if attempt == "reach_redis":
        targets["redis"] = urlsplit(request.getfixturevalue("redis_url")).port
    assert inside(checkout, targets, attempt) == "refused"
    assert outside(checkout, targets, attempt) == "worked"


@needs_the_kernel
def test_a_decoder_reads_its_source_fills_its_folder_and_starts_threads(
    checkout: Path, targets: dict[str, Any]
) -> None:
    assert inside(checkout, targets, "image/png", "make") == "worked"


@needs_the_kernel
def test_a_check_has_no_folder_to_write_into(checkout: Path, targets: dict[str, Any]) -> None:
    targets["neighbour"] = f"{targets['folder']}/neighbour"
    assert inside(checkout, targets, "write_elsewhere") == "refused"
    assert outside(checkout, targets, "write_elsewhere") == "worked"


def test_the_checkout_is_never_readable_as_a_whole() -> None:
    ours = [Path(path) for path in sandbox.readable() if Path(path) in (settings.BASE_DIR, *settings.BASE_DIR.parents)]
    assert ours == []
    assert str(Path(sandbox.__file__).parent) in sandbox.readable()


def test_a_checkout_among_the_libraries_is_left_out(checkout: Path) -> None:
    """Here it lies in a folder of Python's search path, as /usr/lib/safet would among the system's."""
    (checkout.parent / "library").mkdir()
    found = subprocess.run(
        [sys.executable, "-c", "from claims.files import sandbox; print(*sandbox.readable(), sep='\\n')"],
        cwd=checkout, env={"PYTHONPATH": str(checkout.parent)}, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    assert str(checkout.parent / "library") in found
    assert [path for path in found if path in (str(checkout), str(checkout.parent))] == []
    assert [path for path in found if path.startswith(str(checkout))] == [str(checkout / "claims" / "files")]


# -- Decoding is the same with and without --------------------


def form() -> bytes:
    """A PDF with a form whose field somebody filled in, and text in a font that isn't embedded."""
    from io import BytesIO

    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

    writer = PdfWriter(PdfReader(BytesIO(letter())))
    page = writer.pages[0]
    name = NameObject
    font = DictionaryObject({name("/Type"): name("/Font"), name("/Subtype"): name("/Type1"),
                             name("/BaseFont"): name("/Helvetica")})  # fmt: skip
    field = DictionaryObject({
        name("/Type"): name("/Annot"), name("/Subtype"): name("/Widget"), name("/FT"): name("/Tx"),
        name("/T"): TextStringObject("order"), name("/V"): TextStringObject("111-2223334-5556667"),
        name("/DA"): TextStringObject("/Helv 12 Tf 0 g"),
        name("/Rect"): ArrayObject([FloatObject(n) for n in (20, 20, 180, 40)]),
    })  # fmt: skip
    resources = DictionaryObject({name("/Font"): DictionaryObject({name("/Helv"): font})})
    kept = writer._add_object(field)
    page[name("/Annots")] = ArrayObject([kept])
    writer._root_object[name("/AcroForm")] = DictionaryObject(
        {name("/Fields"): ArrayObject([kept]), name("/DR"): resources, name("/NeedAppearances"): name("/true")}
    )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def letter() -> bytes:
    from fpdf import FPDF

    paper = FPDF(format=(80, 80))
    for font in ("Helvetica", "Times", "Courier"):
        paper.add_page()
        paper.set_font(font, size=12)
        paper.cell(text="Delivered on Tuesday, not on Monday.")
    return bytes(paper.output())


def photo(kind: str, **options: Any) -> bytes:
    from io import BytesIO

    from PIL import Image, ImageCms

    picture = Image.effect_noise((900, 700), 60).convert(options.pop("mode", "RGB"))
    out = BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB" if picture.mode == "LAB" else "sRGB")).tobytes()
    picture.save(out, kind, icc_profile=profile, **options)
    return out.getvalue()


KINDS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "PNG": ("image/png", lambda: photo("PNG")),
    "PNG with transparency": ("image/png", lambda: samples.png(90, 70, "RGBA")),
    "PNG of few colours": ("image/png", lambda: samples.png(90, 70, "P")),
    "PNG of 16 bits": ("image/png", lambda: samples.png(90, 70, "I;16")),
    "baseline JPEG": ("image/jpeg", lambda: photo("JPEG")),
    "progressive JPEG": ("image/jpeg", lambda: photo("JPEG", progressive=True)),
    "grey JPEG": ("image/jpeg", lambda: samples.jpeg(90, 70, "L")),
    "CMYK JPEG": ("image/jpeg", lambda: samples.jpeg(90, 70, "CMYK")),
    "WebP": ("image/webp", lambda: photo("WEBP")),
    "lossless WebP with transparency": ("image/webp", lambda: samples.webp(90, 70, "RGBA", lossless=True)),
    "HEIC": ("image/heic", lambda: samples.heic(1024, 768)),
    "PDF": ("application/pdf", letter),
    "PDF with a form": ("application/pdf", form),
    "PDF that runs JavaScript": ("application/pdf", pdf_with_javascript),
}
IN_THE_OPEN = """
import json, sys
from claims.files import decoder_process as process
print(json.dumps([process.main("check", *sys.argv[1:3], ""), process.main("make", *sys.argv[1:4])]))
"""


@needs_the_kernel
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_decoded_is_the_same_to_the_byte_with_and_without(kind: str, tmp_path: Path) -> None:
    media_type, make = KINDS[kind]
    source, shut_in, in_the_open = tmp_path / "source", tmp_path / "in", tmp_path / "open"
    source.write_bytes(make())
    shut_in.mkdir()
    in_the_open.mkdir()

    said = [decoder_process.run("check", source, media_type), decoder_process.run("make", source, media_type, shut_in)]
    line = [sys.executable, "-E", "-s", "-c", IN_THE_OPEN, source, media_type, in_the_open]
    also = subprocess.run(line, cwd=settings.BASE_DIR, env=decoder_process.ENVIRONMENT, capture_output=True, check=True)

    assert said == json.loads(also.stdout)
    made = {path.name: path.read_bytes() for path in shut_in.iterdir()}
    assert made == {path.name: path.read_bytes() for path in in_the_open.iterdir()}
    assert made["1.png"]


# -- Every decode happens there --------------------

DECODERS = {"PIL", "pillow_heif", "pypdf", "pypdfium2"}
IN_THE_DECODER = {"claims/files/decoder.py", "claims/files/pdfs.py", "claims/files/pictures.py"}
OF_OUR_OWN_PICTURES = {"safet_portal/demo/pictures.py"}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def modules() -> Iterator[tuple[str, set[str]]]:
    for app in ("accounts", "claims", "messaging", "desk", "safet_portal"):
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            yield str(path.relative_to(settings.BASE_DIR)), imported(path)


def test_no_other_module_has_a_decoder() -> None:
    having = {name for name, found in modules() if {module.split(".")[0] for module in found} & DECODERS}
    assert having == IN_THE_DECODER | OF_OUR_OWN_PICTURES
    theirs = {name.removesuffix(".py").replace("/", ".") for name in IN_THE_DECODER}
    using = {name for name, found in modules() if found & theirs}
    assert using == {"claims/files/decoder_process.py", "claims/files/decoder.py"}


@pytest.mark.parametrize("name", ["box.jpg", "box.png", "box.webp", "box.heic", "box.pdf"])
def test_a_check_loads_no_decoder_into_the_process_that_asks_for_it(name: str, tmp_path: Path) -> None:
    kind = name.partition(".")[2]
    content = {"jpg": samples.jpeg, "png": samples.png, "webp": samples.webp, "heic": samples.heic, "pdf": samples.pdf}[
        kind
    ]()
    (tmp_path / name).write_bytes(content)
    script = (
        "import sys, django; from django.conf import settings; from django.core.files import File; django.setup()\n"
        "settings.DECODER_WITHOUT_SANDBOX = True; before = set(sys.modules)\n"  # fpdf has some of Pillow, to write with
        "from claims.files.check import examine; print(examine(File(open(sys.argv[1], 'rb'))).media_type)\n"
        f"print(*sorted(name for name in set(sys.modules) - before if name.split('.')[0] in {DECODERS!r}))"
    )
    line = [sys.executable, "-c", script, tmp_path / name]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "safet_portal.settings"}
    ran = subprocess.run(line, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[1:] == ["", ""]


# -- Where the kernel can't --------------------

PRCTL = {"x86_64": 157, "aarch64": 167}


def without(what: str, do: Callable[[], Any]) -> Any:
    """Return what `do` returns in a thread, and in the processes it starts, whose kernel lacks Landlock or seccomp.

    A filter of system calls holds for one thread and what it starts: there the kernel answers as an older one does.
    """
    step = struct.Struct("=HBBI").pack
    enosys, allow = step(0x06, 0, 0, 0x00050000 | 38), step(0x06, 0, 0, 0x7FFF0000)
    machine = os.uname().machine
    if what == sandbox.LANDLOCK:
        steps = [step(0x20, 0, 0, 0), step(0x15, 0, 1, 444), enosys, allow]
    else:
        steps = [step(0x20, 0, 0, 0), step(0x15, 0, 3, PRCTL[machine]), step(0x20, 0, 0, 16), step(0x15, 0, 1, 22)]
        steps += [enosys, allow]
    said: list[Any] = []

    def run() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        program = ctypes.create_string_buffer(b"".join(steps), 8 * len(steps))
        assert libc.prctl(38, 1, 0, 0, 0) == 0
        assert libc.prctl(22, 2, struct.pack("@HP", len(steps), ctypes.addressof(program)), 0, 0) == 0
        try:
            said.append(do())
        except Exception as error:
            said.append(error)
        finally:
            connection.close()

    sandbox.missing.cache_clear()
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    sandbox.missing.cache_clear()
    return said[0]


def deploy_check() -> str:
    try:
        call_command("check", deploy=True, fail_level="ERROR")
    except CommandError as error:
        return str(error)
    return ""


@needs_the_kernel
@pytest.mark.parametrize("what", [sandbox.LANDLOCK, sandbox.SECCOMP])
def test_without_it_nothing_is_decoded_and_the_deploy_check_says_why(what: str, settings: Any) -> None:
    settings.DECODER_WITHOUT_SANDBOX = False
    assert without(what, sandbox.missing) == (what,)

    refused = without(what, lambda: examine(samples.file(samples.jpeg(), "box.jpg")))
    assert isinstance(refused, FileNotAccepted)
    assert refused.code is FileProblem.NOT_OPENED
    assert str(refused) == (
        "box.jpg wasn't accepted: pictures and PDFs can't be checked here at the moment. Send it again later."
    )
    assert without(what, lambda: examine(samples.file(b"words", "a.txt"))).media_type == "text/plain"
    assert f"can't be shut in here (no {what})" in without(what, deploy_check)
    assert "safet_portal.E007" not in deploy_check()


@needs_the_kernel
@pytest.mark.parametrize("what", [sandbox.LANDLOCK, sandbox.SECCOMP])
def test_where_the_operator_says_so_it_goes_on_without(what: str, settings: Any) -> None:
    settings.DECODER_WITHOUT_SANDBOX = True
    assert without(what, lambda: examine(samples.file(samples.jpeg(), "box.jpg"))).media_type == "image/jpeg"
    assert "safet_portal.E007" not in without(what, deploy_check)


@needs_the_kernel
def test_status_tells_it_and_wakes_nobody() -> None:
    told = without(sandbox.LANDLOCK, lambda: health.run_checks(["decoder_sandbox"]))
    assert told == {"decoder_sandbox": "failed"}
    assert health.is_well(told)
    assert health.run_checks(["decoder_sandbox"]) == {"decoder_sandbox": "ok"}


@needs_the_kernel
@pytest.mark.django_db(transaction=True)
def test_a_kept_picture_waits_until_it_can_be_decoded(world: World, settings: Any) -> None:
    settings.DECODER_WITHOUT_SANDBOX = False
    file = world.add_file(world.reply_draft(world.claim()), name="box.jpg", data=samples.jpeg())
    Attachment.objects.filter(pk=file.pk).update(making=Attachment.Making.PENDING, made_key="", previews=0)
    without(sandbox.LANDLOCK, lambda: scan_queue.check_file(file.pk, now=world.now))
    file.refresh_from_db()
    assert (file.making, file.make_tried_at) == (Attachment.Making.PENDING, world.now)
    scan_queue.check_file(file.pk, now=world.now)
    file.refresh_from_db()
    assert file.making == Attachment.Making.MADE


@needs_the_kernel
def test_import_of_old_emails_begins_with_no_file_it_could_not_check(settings: Any, tmp_path: Path) -> None:
    settings.DECODER_WITHOUT_SANDBOX = False
    settings.DESK_ADDRESSES = ["desk@example.com"]
    (tmp_path / "old.eml").write_bytes(samples.MAIL)
    refused = without(sandbox.LANDLOCK, lambda: call_command("import_correspondence", tmp_path / "old.eml"))
    assert isinstance(refused, CommandError)
    assert (refused.returncode, "no Landlock" in str(refused)) == (2, True)


# -- The filter, for both machines --------------------

ALLOWED, KILLED, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026


def judged(program: bytes, machine: int, number: int, *arguments: int) -> int:
    """Return what the filter answers to a system call: the few steps of BPF it is made of, done by hand."""
    call = struct.pack("=iIQ6Q", number, machine, 0, *(*arguments, *[0] * 6)[:6])
    at, held = 0, 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", program, at * 8)
        at += 1
        if code == 0x20:
            held = struct.unpack_from("=I", call, value)[0]
        elif code == 0x54:
            held &= value
        elif code == 0x06:
            return value
        else:
            assert code in (0x15, 0x45)
            at += if_true if (held == value if code == 0x15 else held & value) else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_allows_what_is_listed_and_nothing_else(machine: str) -> None:
    program, (word, number_of) = sandbox.filter_for(machine), sandbox.MACHINES[machine]
    special = {"clone", "clone3", "ioctl", "fcntl", "openat", "open"}
    for number in range(600):
        names = {name for name, known in number_of.items() if known == number}
        if not names & special:
            assert judged(program, word, number) == (ALLOWED if names else EPERM), (number, names)
    assert judged(program, 0x40000003, number_of["read"]) == KILLED
    assert judged(program, word, number_of["read"] | 0x40000000) == EPERM
    assert judged(program, word, number_of["clone3"]) == ENOSYS
    thread, vfork, namespace = 0x3D0F00, 0x4111, 0x3D0F00 | 0x40000000
    assert [judged(program, word, number_of["clone"], flags) for flags in (thread, vfork, 17, namespace)] == [
        ALLOWED, EPERM, EPERM, EPERM,
    ]  # fmt: skip
    assert [judged(program, word, number_of["fcntl"], 1, command) for command in (1, 8, 10)] == [ALLOWED, EPERM, EPERM]
    assert [judged(program, word, number_of["ioctl"], 1, command) for command in (0x5401, 0x5412)] == [ALLOWED, EPERM]
    flags = (0, 0o1000, 0o1101, 0o1102)
    answers = [ALLOWED, EPERM, ALLOWED, ALLOWED]
    assert [judged(program, word, number_of["openat"], 0, 0, flag) for flag in flags] == answers
    if "open" in number_of:
        assert [judged(program, word, number_of["open"], 0, flag) for flag in flags] == answers


HEADERS = {
    "x86_64": "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "aarch64": "/usr/include/asm-generic/unistd.h",
}


@pytest.mark.parametrize("machine", HEADERS)
def test_the_numbers_are_the_kernels(machine: str) -> None:
    header = Path(HEADERS[machine])
    if not header.exists():
        pytest.skip(f"needs the kernel's headers: there is no {header}")
    kernels = dict(re.findall(r"#define\s+__NR(?:3264)?_(\w+)\s+(\d+)\b", header.read_text()))
    kernels.setdefault("newfstatat", kernels.get("fstatat"))
    ours = sandbox.MACHINES[machine][1]
    assert {name: str(number) for name, number in ours.items()} == {name: kernels.get(name) for name in ours}
