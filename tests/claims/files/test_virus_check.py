"""The virus check against a real clamd."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from claims.files import virus_check
from tests.servers import CLAMD_LARGEST, EICAR, free_port


def scan(content: bytes) -> str:
    return virus_check.scan(io.BytesIO(content))


def test_scan_finds_nothing_in_a_harmless_file(clamd):
    assert scan(b"Delivered on Tuesday.") == ""
    assert scan(bytes(3 * 1024 * 1024)) == ""


def test_scan_names_the_virus(clamd):
    assert scan(EICAR.encode()) == "Test.Eicar.UNOFFICIAL"
    assert scan(b"a line of text\n" * 100_000 + EICAR.encode()) == "Test.Eicar.UNOFFICIAL"


def test_scan_by_unix_socket(clamd, clamd_url, settings, tmp_path_factory):
    socket = tmp_path_factory.getbasetemp() / "clamd0" / "socket"
    settings.CLAMD_URL = f"unix://{socket}"
    assert (virus_check.answers(), scan(b"fine"), scan(EICAR.encode())) == (True, "", "Test.Eicar.UNOFFICIAL")


def test_scan_over_the_scanners_limit_is_not_clean(clamd):
    with pytest.raises(virus_check.NotScanned):
        scan(bytes(CLAMD_LARGEST + 1))
    assert virus_check.answers()


def test_scan_without_an_answer_is_not_clean(settings):
    settings.CLAMD_URL = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(virus_check.NotScanned):
        scan(b"fine")
    assert not virus_check.answers()


def test_scan_by_a_server_that_speaks_otherwise(mail_sink, settings, monkeypatch):
    monkeypatch.setattr(virus_check, "SECONDS", 2)  # it never answers; a minute is long in a test
    settings.CLAMD_URL = f"tcp://127.0.0.1:{urlsplit(mail_sink.url).port}"
    with pytest.raises(virus_check.NotScanned):
        scan(b"fine")


def test_no_address_means_no_scanner(settings):
    assert not virus_check.is_configured()


def test_signature_is_in_no_file_of_ours(base_dir: Path):
    """About the files as such, not about what they say: a scanner on a developer's machine would take them away."""
    for path in (base_dir / "tests").rglob("*.py"):
        assert EICAR not in path.read_text()
