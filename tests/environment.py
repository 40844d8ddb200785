"""What tests run in. pytest loads this before Django reads its settings: nothing of the developer's shell gets in.

``DATABASE_URL`` is the one variable that counts; unset, the tests have an embedded PostgreSQL of their own.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
# Runs at once, as the lanes of `make test`, need a server each, or a database each where DATABASE_URL names the server.
TEST_RUN = os.environ.get("TEST_RUN", "")
TEST_POSTGRES = BASE_DIR / "var" / f"postgres-test{TEST_RUN}"
IGNORED = """ALLOWED_HOSTS ATTACHMENTS_BUCKET AWS_ENDPOINT_URL BROKER_URL CACHE_URL CLAMD_URL DEBUG
DEFAULT_FROM_EMAIL DEMO DESK_ADDRESSES
EMAIL_URL FIELD_KEYS HELP_URL HSTS_SECONDS MARKETPLACE_NAME METRICS_TOKEN PORT PROMETHEUS_MULTIPROC_DIR
SECRET_KEY_FALLBACKS STATIC_ROOT TRUSTED_PROXY_COUNT"""

REDIS_URL_GIVEN = os.environ.pop("REDIS_URL", "")
for name in IGNORED.split():
    os.environ.pop(name, None)
os.environ["SECRET_KEY"] = secrets.token_urlsafe(50)
os.environ["SITE_URL"] = "http://testserver"
os.environ["LOG_LEVEL"] = "WARNING"
os.environ["DECODER_WITHOUT_SANDBOX"] = "1"  # where the kernel has it, it is in force all the same
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="safet-tests-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

EMBEDDED = not os.environ.get("DATABASE_URL")
if EMBEDDED:
    from safet_portal import embedded_postgres

    os.environ["DATABASE_URL"] = embedded_postgres.address(TEST_POSTGRES)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Replace what is slow on purpose or needs `collectstatic`, before anything was made from these settings."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    database = settings.DATABASES["default"]
    database.setdefault("TEST", {})["NAME"] = f"test_{database['NAME']}{TEST_RUN}".replace("-", "_")
    if "COVERAGE_RUN" in os.environ:  # lines of templates are known to a template made for debugging only
        settings.TEMPLATES[0]["OPTIONS"]["debug"] = True
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.WHITENOISE_AUTOREFRESH = True  # no scan of a folder that isn't there
    # Counters of rate limits in a table would outlive the tests that commit.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {'embedded PostgreSQL under var/' if EMBEDDED else 'DATABASE_URL'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright leaves an event loop running, in which Django refuses its database calls."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
