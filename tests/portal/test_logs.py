"""What the logs say of a request, and what they keep to themselves."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.test import RequestFactory
from django.urls import resolve

from safet_portal.logs import RequestLog
from tests.environment import BASE_DIR

ASK = """
import django; django.setup()
from django.test import Client, override_settings
with override_settings(ALLOWED_HOSTS=["testserver"]):
    Client().get("{path}")
"""


def lines_of(path: str) -> list[dict[str, object]]:
    """What one request logs, in a process of its own."""
    variables = {"DJANGO_SETTINGS_MODULE": "safet_portal.settings", "LOG_LEVEL": "INFO"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore::UserWarning", "-c", ASK.format(path=path)],
        cwd=BASE_DIR,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_request_is_two_lines_of_json_with_one_id() -> None:
    lines = lines_of("/healthz")
    assert [(line["event"], line["request"], line.get("code")) for line in lines] == [
        ("request_started", "GET /healthz", None),
        ("request_finished", "GET /healthz", 200),
    ]
    assert len({line["request_id"] for line in lines}) == 1


def test_search_words_stay_out_of_the_logs() -> None:
    text = json.dumps(lines_of("/healthz?q=701-1234567-1234567"))
    assert "701-1234567-1234567" not in text


@pytest.mark.parametrize(
    ("path", "known", "said"),
    [
        ("/accounts/password/reset/key/1-set-password/", True, "GET /accounts/password/reset/key/…-…/"),
        ("/nobody/has/this-secret/", False, "GET /nobody"),
    ],
)
def test_secrets_in_addresses_stay_out_of_the_logs(path: str, known: bool, said: str) -> None:
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path) if known else None
    assert RequestLog.format_request(request) == said
