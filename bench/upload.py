"""What an upload of 10 MB costs: memory of the web process and of the decoder process beside it, and seconds.

    DATABASE_URL=… .venv/bin/python bench/upload.py [--json]

A real gunicorn with one worker process takes each file through the Communication page's form, as a browser would. The
web process's peak is read from /proc, reset before each file; the decoder process is measured on
its own. The exit code is 1 where the web process needs 60 MB or more.
"""

from __future__ import annotations

import argparse
import html
import http.client
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

from fresh import ROOT, fresh_database

MOST_MB = 60
TEN_MB = 10 * 1024 * 1024
MAKE_SENDER = """
import django; django.setup()
from django.test import Client
from django.utils import timezone
from tests.cast import World
world = World(now=timezone.now())
claim = world.claim()
client = Client(); client.force_login(world.alice)
print(claim.claim_id, client.cookies["sessionid"].value)
"""


def noise(kind: str, width: int, height: int, **options: Any) -> bytes:
    """A photo nothing can be saved on, at the best quality at which it has less than 10 MB."""
    from PIL import Image

    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    picture = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))
    for quality in range(90, 0, -8):
        out = BytesIO()
        picture.save(out, kind, quality=quality, **options)
        if out.tell() < TEN_MB:
            return out.getvalue()
    raise ValueError(kind)


def even_progressive(width: int, height: int) -> bytes:
    """A JPEG of as many pixels as are allowed, in less than 1 MB: its decoder holds all of its coefficients."""
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (width, height), "#c49a6c").save(out, "JPEG", progressive=True, subsampling=0)
    return out.getvalue()


def pdf_of(photo: bytes) -> bytes:
    from fpdf import FPDF

    paper = FPDF()
    paper.add_page()
    paper.image(BytesIO(photo), w=100)
    return bytes(paper.output())


def files() -> dict[str, bytes]:
    """Files of nearly 10 MB, the most that is taken in, each of another kind, and two small ones that swell."""
    photo = noise("JPEG", 4000, 3000)
    sys.path.insert(0, str(ROOT))
    from tests.claims.files.classes import pdf_bomb

    return {
        "photo.jpg": photo,
        "progressive.jpg": even_progressive(8000, 8000),
        "label.png": noise("PNG", 1850, 1850),
        "photo.webp": noise("WEBP", 3000, 2250, method=0),
        "photo.heic": noise("HEIF", 3000, 2250),
        "scan.pdf": pdf_of(photo),
        "bomb.pdf": pdf_bomb(),
        "tracking.txt": b"1Z999AA10123456784;delivered;2026-11-20\n" * (TEN_MB // 40 - 1),
    }


def memory(pid: int, name: str) -> int:
    """Return VmRSS or VmHWM of a process in KB."""
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
    assert found is not None
    return int(found[1])


class Browser:
    """Just enough of one: cookies, the form's hidden fields, and a multipart body."""

    def __init__(self, port: int, claim_id: str, session: str) -> None:
        self.port, self.page, self.session = port, f"/claims/{claim_id}/messages/", session

    def ask(self, method: str, body: bytes = b"", **headers: str) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(method, self.page, body or None, headers)
        response = connection.getresponse()
        answer = response.status, response.read().decode(), dict(response.headers)
        connection.close()
        return answer

    def upload(self, name: str, content: bytes) -> str:
        """Return "" where the file was taken in, else the sentence why it wasn't."""
        code, page, headers = self.ask("GET", Cookie=f"sessionid={self.session}")
        assert code == 200, page[:500]
        form = page[page.index('id="composer"') :]
        names = "csrfmiddlewaretoken|draft|kept_at|tab|stands"
        fields = dict(re.findall(rf'<input type="hidden" name="({names})" value="([^"]*)"', form))
        cookie = f"sessionid={self.session}; csrftoken={re.findall('csrftoken=([^;]+)', headers['Set-Cookie'])[0]}"
        parts = [f'name="{key}"\r\n\r\n{value}' for key, value in {**fields, "act": "save", "text": "x"}.items()]
        parts.append(f'name="files"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n')
        start = "".join(f"--border\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)[:-2].encode()
        body = start + content + b"\r\n--border--\r\n"
        kind = "multipart/form-data; boundary=border"
        code, said, _headers = self.ask("POST", body, Cookie=cookie, **{"Content-Type": kind})
        why = re.findall(r"<li>(.*?)</li>", said.partition('id="to-fix"')[2])
        assert code == 302 or why, (name, len(content), code)
        return "" if code == 302 else html.unescape(why[0])


def decoder(content: bytes, name: str) -> int:
    """Return the peak memory in KB of the process that decodes this file."""
    types = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heic": "image/heic"}
    media_type = {**types, "pdf": "application/pdf"}.get(name.rpartition(".")[2])
    if media_type is None:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(content)
        measure = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        made = Path(folder) / "made"
        made.mkdir()
        peaks = []
        for work in ("check", "make"):
            command = [sys.executable, "-m", "claims.files.decoder_process", work, str(source), media_type, str(made)]
            done = subprocess.run([sys.executable, "-c", measure, *command], cwd=ROOT, capture_output=True, check=True)
            peaks.append(int(done.stdout))
        return max(peaks)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    rows = []
    with fresh_database() as database, tempfile.TemporaryDirectory() as folder:
        port = 20_000 + os.getpid() % 20_000
        variables = {
            **os.environ,
            "DATABASE_URL": database,
            "VAR_DIR": folder,
            "DEMO": "1",
            "PORT": str(port),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "WEB_CONCURRENCY": "1",
            "LOG_LEVEL": "WARNING",
        }
        variables.pop("REDIS_URL", None)
        prepare = [sys.executable, "-c", MAKE_SENDER]
        made = subprocess.run(prepare, cwd=ROOT, env=variables, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        claim_id, session = made.stdout.split()
        server = subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=ROOT, env=variables)
        try:
            browser = Browser(port, claim_id, session)
            until = time.monotonic() + 60
            while True:
                try:
                    browser.ask("GET")
                    break
                except OSError:
                    assert time.monotonic() < until and server.poll() is None, "the server does not answer"
                    time.sleep(0.2)
            children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
            worker = int(children[0])
            browser.upload("warm.txt", b"the first request loads what every request needs")
            for name, content in files().items():
                Path(f"/proc/{worker}/clear_refs").write_text("5")
                before, started = memory(worker, "VmRSS"), time.monotonic()
                refused = browser.upload(name, content)
                assert bool(refused) == (name == "bomb.pdf"), (name, refused)
                seconds = time.monotonic() - started
                extra = max(memory(worker, "VmHWM") - before, 0)
                rows.append({"file": name, "mb": round(len(content) / 1024**2, 1), "web_mb": round(extra / 1024, 1),
                             "decoder_mb": decoder(content, name) // 1024, "seconds": round(seconds, 2)})  # fmt: skip
        finally:
            server.terminate()
            server.wait(20)
    if chosen.json:
        print(json.dumps(rows))
    else:
        print(f"{'file':<14}{'MB':>6}{'web MB':>8}{'decoder MB':>12}{'seconds':>9}")
        for row in rows:
            print(f"{row['file']:<14}{row['mb']:>6}{row['web_mb']:>8}{row['decoder_mb']:>12}{row['seconds']:>9}")
    return int(any(row["web_mb"] >= MOST_MB for row in rows))


if __name__ == "__main__":
    sys.exit(main())
