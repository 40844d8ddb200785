"""Logs: one line of JSON an event, with the request's id on every line; readable text on a developer's machine."""

from __future__ import annotations

from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

HIDDEN_PARTS = frozenset({"key", "token", "uidb36"})
STAMPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_config(*, readable: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING; structlog and the standard library's loggers are written to the same place, stderr."""
    renderer: list[Any] = [
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    ]
    if not readable:
        renderer = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *STAMPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structlog": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": STAMPS,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structlog"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Django would say a second time what the request's own line says.
            "django.request": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
            "fontTools": {"level": "WARNING"},
        },
    }


class RequestLog(RequestMiddleware):
    """One line a request, started and finished, without what is secret in its address."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Method and path: no query (searches name orders and people), and no keys of resets and invitations."""
        path = request.path
        if request.resolver_match:
            for name, value in request.resolver_match.kwargs.items():
                if name in HIDDEN_PARTS:
                    path = path.replace(str(value), "…")
            return f"{request.method} {path}"
        return f"{request.method} /{path.lstrip('/').split('/', 1)[0]}"


def is_draft_kept() -> bool:
    """Return whether words of the request being answered were kept in a draft, for good."""
    return bool(structlog.contextvars.get_contextvars().get("draft_kept"))


def request_id() -> str:
    """The id of the request being answered, as the logs have it; empty outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
