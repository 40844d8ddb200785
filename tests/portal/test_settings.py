"""What the environment turns into settings, asked of a fresh process each."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.environment import BASE_DIR, IGNORED

NAMES = [*IGNORED.split(), "DATABASE_URL", "SECRET_KEY", "SITE_URL", "VAR_DIR", "REDIS_URL", "LOG_LEVEL"]
ASK = """
import json, sys
from django.conf import settings
print(json.dumps([getattr(settings, name) for name in sys.argv[1:]], default=str))
"""
PRODUCTION = {
    "DATABASE_URL": "postgres://safet:secret@db.internal:5433/portal",
    "SITE_URL": "https://safet.example.com/",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_KEYS": "0123456789abcdefghijklmnopqrstuvwxyz",
}


def run(arguments: list[str], var: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if name not in NAMES}
    environment = bare | {"VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "safet_portal.settings"} | variables
    return subprocess.run([sys.executable, *arguments], cwd=BASE_DIR, env=environment, capture_output=True, text=True)


def settings_of(var: Path, *wanted: str, **variables: str) -> Any:
    """The named settings, as a list; of a single one its value."""
    done = run(["-c", ASK, *wanted], var, **variables)
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout)
    return values if len(values) > 1 else values[0]


def test_nothing_set_is_safe_and_works_in_the_process(tmp_path: Path) -> None:
    wanted = ["DEBUG", "DEMO", "CELERY_TASK_ALWAYS_EAGER", "CELERY_TASK_EAGER_PROPAGATES", "EMAIL_BACKEND", "MAIL_DIR"]
    assert settings_of(tmp_path, *wanted) == [
        False,
        False,
        True,
        False,
        "safet_portal.mail.EmlFileBackend",
        str(tmp_path / "mail"),
    ]
    key = settings_of(tmp_path, "SECRET_KEY")
    assert len(key) > 50
    assert settings_of(tmp_path, "SECRET_KEY") == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "postgres").exists()


def test_production_has_secure_cookies_and_https(tmp_path: Path) -> None:
    wanted = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SITE_URL"]
    assert settings_of(tmp_path, *wanted, **PRODUCTION) == [True, True, True, 31536000, "https://safet.example.com"]
    assert settings_of(tmp_path, "ALLOWED_HOSTS", **PRODUCTION)[0] == "safet.example.com"
    assert list(tmp_path.iterdir()) == []


def test_cookies_of_production_are_this_hosts_alone(tmp_path: Path) -> None:
    """A browser takes a cookie named __Host-… only over https, for all paths, and for no other host of the domain."""
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "DEVICE_COOKIE_NAME"]
    rest = ["SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH", "SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN"]
    found = settings_of(tmp_path, *names, *rest, **PRODUCTION)
    assert found == ["__Host-sessionid", "__Host-csrftoken", "__Host-device", "/", "/", None, None]
    plain = settings_of(tmp_path, *names, **{**PRODUCTION, "SITE_URL": "http://127.0.0.1:8000"})
    assert plain == ["sessionid", "csrftoken", "device"]


def test_database_url_is_taken_apart(tmp_path: Path) -> None:
    found = settings_of(tmp_path, "DATABASES", **PRODUCTION)["default"]
    assert [found[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
        "db.internal",
        5433,
        "safet",
        "secret",
        "portal",
    ]
    assert (found["CONN_MAX_AGE"], found["CONN_HEALTH_CHECKS"], found["ATOMIC_REQUESTS"]) == (60, True, False)


def test_production_without_a_key_refuses_to_start(tmp_path: Path) -> None:
    variables = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    done = run(["manage.py", "migrate"], tmp_path, **variables)
    assert done.returncode == 1
    why = "SECRET_KEY isn't set: 50 random characters or more, the same for every process.\n"
    assert done.stderr == why
    assert list(tmp_path.iterdir()) == []


def test_redis_url_moves_tasks_and_cache_there(tmp_path: Path) -> None:
    wanted = ["CELERY_TASK_ALWAYS_EAGER", "CELERY_BROKER_URL", "CACHES"]
    eager, broker, caches = settings_of(tmp_path, *wanted, REDIS_URL="redis://r:6379/3")
    assert (eager, broker, caches["redis"]["LOCATION"]) == (False, "redis://r:6379/3", ["redis://r:6379/3"])
    assert caches["default"]["BACKEND"] == "safet_portal.caches.TwoLevels"


def test_cache_and_queue_can_be_two_servers(tmp_path: Path) -> None:
    wanted = ["CELERY_TASK_ALWAYS_EAGER", "CELERY_BROKER_URL", "CACHES"]
    apart = {"CACHE_URL": "rediss://r:6379/3", "BROKER_URL": "amqp://safet:secret@rabbit/portal"}
    eager, broker, caches = settings_of(tmp_path, *wanted, REDIS_URL="redis://other/1", **apart)
    assert (eager, broker, caches["redis"]["LOCATION"]) == (False, apart["BROKER_URL"], ["rediss://r:6379/3"])
    eager, broker, caches = settings_of(tmp_path, *wanted, CACHE_URL="redis://r/3")
    assert (eager, list(caches)) == (True, ["default", "redis", "table"])


def test_sentinels_are_named_in_one_form_for_both(tmp_path: Path) -> None:
    url = "sentinel://:p%40ss@one:26379,two/4?master=safet"
    broker, options = settings_of(tmp_path, "CELERY_BROKER_URL", "CELERY_BROKER_TRANSPORT_OPTIONS", REDIS_URL=url)
    assert broker == "sentinel://:p%40ss@one:26379/4;sentinel://:p%40ss@two:26379/4"
    assert (options["master_name"], options["sentinel_kwargs"]) == ("safet", {"password": "p@ss"})


@pytest.mark.parametrize(
    ("variable", "url", "said"),
    [
        ("BROKER_URL", "http://queue", "BROKER_URL begins with http://. It can be redis, rediss, sentinel, amqp"),
        ("CACHE_URL", "amqp://queue", "CACHE_URL begins with amqp://. It can be redis, rediss, sentinel."),
        ("REDIS_URL", "sentinel://one:26379/0", "isn't like sentinel://host:26379,other:26379/0?master=name"),
    ],
)
def test_address_nobody_can_use_is_refused_at_the_start(tmp_path: Path, variable: str, url: str, said: str) -> None:
    done = run(["manage.py", "check"], tmp_path, **{variable: url})
    assert (done.returncode, said in done.stderr) == (1, True), done.stderr


def test_email_url_is_taken_apart(tmp_path: Path) -> None:
    wanted = ["EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS"]
    assert settings_of(tmp_path, *wanted, EMAIL_URL="smtp+tls://me:p%40ss@mail.internal:587") == [
        "django.core.mail.backends.smtp.EmailBackend",
        "mail.internal",
        587,
        "me",
        "p@ss",
        True,
    ]


def test_bucket_makes_attachments_go_to_s3(tmp_path: Path) -> None:
    variables = {"ATTACHMENTS_BUCKET": "evidence", "AWS_ENDPOINT_URL": "http://s3:8333", "AWS_DEFAULT_REGION": "here"}
    storage = settings_of(tmp_path, "STORAGES", **variables)["attachments"]
    options = [storage["OPTIONS"][name] for name in ("bucket_name", "endpoint_url", "region_name", "default_acl")]
    assert (storage["BACKEND"], options) == (
        "claims.files.bucket.Bucket",
        ["evidence", "http://s3:8333", "here", None],
    )


def test_demo_answers_to_this_machine_only(tmp_path: Path) -> None:
    variables = {"DEMO": "1", "ALLOWED_HOSTS": "safet.example.com"}
    assert settings_of(tmp_path, "ALLOWED_HOSTS", **variables) == ["127.0.0.1", "localhost", "[::1]"]


def test_check_deploy_passes_as_in_production(tmp_path: Path) -> None:
    done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"], tmp_path, **PRODUCTION)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("missing", "code"),
    [("DATABASE_URL", "safet_portal.E001"), ("SITE_URL", "safet_portal.E003"), ("FIELD_KEYS", "safet_portal.E006")],
)
def test_check_deploy_refuses_what_is_missing(tmp_path: Path, missing: str, code: str) -> None:
    variables = {name: value for name, value in PRODUCTION.items() if name != missing}
    done = run(["manage.py", "check", "--deploy"], tmp_path, **variables)
    assert done.returncode == 1
    assert [word.strip("()") for word in done.stderr.split() if word.startswith("(safet_portal.")] == [code]


@pytest.mark.parametrize("keys", ["short", "0123456789abcdefghijklmnopqrstuvwxyz,short"])
def test_check_deploy_refuses_a_short_key(tmp_path: Path, keys: str) -> None:
    done = run(["manage.py", "check", "--deploy"], tmp_path, **{**PRODUCTION, "FIELD_KEYS": keys})
    assert (done.returncode, "FIELD_KEYS isn't set, or one of them is short." in done.stderr) == (1, True)


def test_check_deploy_refuses_the_demo_and_a_kept_key(tmp_path: Path) -> None:
    variables = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    done = run(["manage.py", "check", "--deploy"], tmp_path, DEMO="1", **variables)
    codes = [word.strip("()") for word in done.stderr.split() if word.startswith("(safet_portal.")]
    assert codes == ["safet_portal.E002", "safet_portal.E004"]


def test_storage_never_has_all_threads_of_a_web_process() -> None:
    threads = runpy.run_path(str(BASE_DIR / "gunicorn.conf.py"))["threads"]
    assert 0 < settings.STORAGE_CALLS_AT_ONCE < threads
