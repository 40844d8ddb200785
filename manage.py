#!/usr/bin/env python3
"""Run a management command of the portal, with the embedded PostgreSQL running where the command needs a database."""

import os
import sys

# These read or write files only. `makemigrations` stands here because all it would ask the database is whether its
# history is consistent, which `migrate` asks as well.
WITHOUT_DATABASE = {
    "check", "collectstatic", "compilemessages", "diffsettings", "draw_lifecycle", "findstatic", "help",
    "makemessages", "makemigrations", "sendtestemail", "startapp", "version",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safet_portal.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "demo":
        port = os.environ.get("PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            sys.exit(f"PORT is a number from 1 to 65535, not {port!r}.")
        # Its own world, whatever the shell has set: e-mails into files, tasks in the process, this machine only.
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        os.environ.update(
            DEMO="1",
            DEBUG="0",
            REDIS_URL="",
            CACHE_URL="",
            BROKER_URL="",
            EMAIL_URL="",
            ATTACHMENTS_BUCKET="",
            SITE_URL="",
        )
    elif command not in WITHOUT_DATABASE and not command.startswith("-") and not {"-h", "--help"} & set(sys.argv):
        ensure_database()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def ensure_database() -> None:
    """Start the embedded PostgreSQL where it is the database and isn't running yet."""
    from django.conf import settings

    from safet_portal import embedded_postgres

    if settings.EMBEDDED_POSTGRES and embedded_postgres.ensure(settings.EMBEDDED_POSTGRES):
        print("Started the embedded PostgreSQL; `make stop` stops it.", file=sys.stderr)


if __name__ == "__main__":
    from django.core.exceptions import ImproperlyConfigured

    from safet_portal.embedded_postgres import EmbeddedPostgresError

    try:
        main()
    except (ImproperlyConfigured, EmbeddedPostgresError) as error:  # for the person at the shell: what to do, no trace
        sys.exit(str(error))
