"""Where the cache and the queue are, from one address each: Redis (with TLS, by Sentinel), RabbitMQ or SQS.

`sentinel://:password@host-1:26379,host-2:26379/0?master=name` is one form for both; the rest is as each library has it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

CACHE_SCHEMES = ("redis", "rediss", "sentinel")
BROKER_SCHEMES = (*CACHE_SCHEMES, "amqp", "amqps", "sqs")
ANSWER_SECONDS = 1
"""How long the cache may take to be reached, and to answer."""
KEPT_IN_HAND = 30
"""Seconds after which a task of a worker that gave no sign of life is another's (Redis)."""


def cache_of(url: str) -> dict[str, Any]:
    """Return the entry of CACHES for a Redis at this address. Raises ImproperlyConfigured."""
    scheme = _scheme("CACHE_URL", url, CACHE_SCHEMES)
    limits = {"socket_connect_timeout": ANSWER_SECONDS, "socket_timeout": ANSWER_SECONDS}
    if scheme != "sentinel":
        return {"BACKEND": "safet_portal.caches.Redis", "LOCATION": [url], "OPTIONS": limits}
    sentinels_of("CACHE_URL", url)
    return {"BACKEND": "safet_portal.caches.RedisBySentinel", "LOCATION": [url], "OPTIONS": limits}


def broker_of(url: str) -> tuple[str, dict[str, Any]]:
    """Return the address as Celery takes it, and what Celery tells its transport. Raises ImproperlyConfigured."""
    scheme = _scheme("BROKER_URL", url, BROKER_SCHEMES)
    if scheme in ("amqp", "amqps"):
        return url, {"read_timeout": 15, "write_timeout": 15}
    if scheme == "sqs":
        bare, _, query = url.partition("?")
        told = dict(parse_qsl(query))
        return bare, {
            "region": told.get("region", "us-east-1"),
            "queue_name_prefix": told.get("prefix", "safet-"),
            "visibility_timeout": 11 * 60,  # above the longest task: nothing renews it
            "wait_time_seconds": 10,
            "is_secure": told.get("tls", "1") != "0",
        }
    options: dict[str, Any] = {
        "visibility_timeout": KEPT_IN_HAND,  # renewed while the worker lives: `safet_portal.workers`
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 10,
        "socket_connect_timeout": 2,
        "socket_timeout": 15,  # above the second for which a worker asks for tasks at a time
        "socket_keepalive": True,
    }
    if scheme != "sentinel":
        return url, options
    found = sentinels_of("BROKER_URL", url)
    account = f":{_quoted(found.password)}@" if found.password else ""
    urls = ";".join(f"sentinel://{account}{host}:{port}/{found.db}" for host, port in found.hosts)
    return urls, {**options, "master_name": found.master, "sentinel_kwargs": {"password": found.password or None}}


class Sentinels:
    """Who knows which Redis is the master, and what that takes."""

    def __init__(self, hosts: list[tuple[str, int]], master: str, password: str, db: int) -> None:
        self.hosts, self.master, self.password, self.db = hosts, master, password, db


def sentinels_of(variable: str, url: str) -> Sentinels:
    """Take the address of Sentinels apart. Raises ImproperlyConfigured."""
    parts = urlsplit(url)
    account, _, hosts = parts.netloc.rpartition("@")
    told = dict(parse_qsl(parts.query))
    try:
        named = [(host, int(port or 26379)) for host, _, port in (each.partition(":") for each in hosts.split(","))]
        db = int(parts.path.strip("/") or 0)
    except ValueError as error:
        raise ImproperlyConfigured(f"{variable} isn't like sentinel://host:26379,other:26379/0?master=name") from error
    if not all(host for host, _ in named) or not told.get("master"):
        raise ImproperlyConfigured(f"{variable} isn't like sentinel://host:26379,other:26379/0?master=name")
    return Sentinels(named, told["master"], unquote(account.rpartition(":")[2]), db)


def _scheme(variable: str, url: str, known: tuple[str, ...]) -> str:
    scheme = url.partition("://")[0]
    if scheme not in known:
        raise ImproperlyConfigured(f"{variable} begins with {scheme}://. It can be {', '.join(known)}.")
    return scheme


def _quoted(text: str) -> str:
    return urlencode({"": text})[1:]
