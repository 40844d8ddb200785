"""One settings file: what differs between places is an environment variable, and every default is the safe one.

``docs/operations.md`` lists the variables. The database's address is only computed here; who starts the embedded
PostgreSQL is ``manage.py``, the demo or the tests, never a web worker.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from kombu.entity import Queue

from safet_portal import embedded_postgres
from safet_portal.development import kept_secret
from safet_portal.hourly import hourly
from safet_portal.logs import logging_config
from safet_portal.outside import broker_of, cache_of
from safet_portal.queues import BEFORE, BULK, QUEUES, ROUTES, expires_after

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where this runs -------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
# The demo signs people in without a password (its bar to switch person): it answers to this machine only, see below.
DEMO = env.bool("DEMO", False)
LOCAL = DEBUG or DEMO
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var"))).resolve()
PORT = int(env.str("PORT", "") or 8000)

MARKETPLACE_NAME = env.str("MARKETPLACE_NAME", "Example Market")
HELP_URL = env.str("HELP_URL", "/help/")
# Links in e-mails are built from this, never from the Host header of a request.
SITE_URL_GIVEN = bool(env.str("SITE_URL", ""))
SITE_URL = (env.str("SITE_URL", "") or f"http://127.0.0.1:{PORT}").rstrip("/")
LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [urlsplit(SITE_URL).hostname or "localhost"]
ALLOWED_HOSTS = LOOPBACK_HOSTS if DEMO else [*ALLOWED_HOSTS, *LOOPBACK_HOSTS]  # health checks ask from this machine

# --- Database: PostgreSQL, always ------------------------------------------------------------------------------------
EMBEDDED_POSTGRES = None if env.str("DATABASE_URL", "") else VAR_DIR / "postgres"
DATABASE = environ.Env.db_url_config(env.str("DATABASE_URL", "") or embedded_postgres.address(VAR_DIR / "postgres"))
DATABASES = {
    "default": {
        **DATABASE,
        "OPTIONS": {
            # Seconds: a host that is gone, or cut off, says nothing.
            **{"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
            "tcp_user_timeout": 15_000,
            **DATABASE.get("OPTIONS", {}),
        },
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Secrets ---------------------------------------------------------------------------------------------------------
# Not given: DEBUG and the embedded database get a key made once and kept in a file, anything else refuses to start.
SECRET_KEY_GIVEN = bool(env.str("SECRET_KEY", ""))
SECRET_KEY = env.str("SECRET_KEY", "") or (kept_secret(VAR_DIR / "secret_key") if LOCAL or EMBEDDED_POSTGRES else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY isn't set: 50 random characters or more, the same for every process.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# What encrypts people's secrets in the database: the first of them; all decrypt. None: a key derived from SECRET_KEY.
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# --- The application -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "safet_portal",
    "desk",
    "messaging",
    "claims",
    "accounts",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_structlog",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "safet_portal.arrival.stamp_arrival",
    "safet_portal.logs.RequestLog",
    "safet_portal.middleware.speak",
    "accounts.sign_in.security_events.watch",
    "safet_portal.metrics.measure",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "safet_portal.health.answer_probes",
    "safet_portal.middleware.SayUnreadable",
    "safet_portal.privacy.keep_private",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "safet_portal.bodies.ReadBodies",  # its turn is before that of the next, which would read the body
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "safet_portal.bodies.limit_bodies",  # who sends it is known, and nobody has read of it
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.sign_in.devices.remember_device",
    "desk.audit.audit_middleware.name_actor",
    "desk.audit.audit_middleware.record_staff",
    "safet_portal.middleware.Budgets",
]
ROOT_URLCONF = "safet_portal.urls"
WSGI_APPLICATION = "safet_portal.wsgi.application"
APPEND_SLASH = True

TEMPLATE_LOADERS: list[object] = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
if not DEBUG:
    TEMPLATE_LOADERS = [("safet_portal.constant_parts.Loader", TEMPLATE_LOADERS)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", TEMPLATE_LOADERS)],
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.reader",
                "safet_portal.context.portal",
            ],
        },
    }
]

LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Sign-in ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{VALIDATORS}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ["email", "name"]}},
    {"NAME": f"{VALIDATORS}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "accounts.sign_in.passwords.NotCommon"},
    {"NAME": "accounts.sign_in.passwords.NotWordsOfThisPortal"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.sign_in.adapter.AccountAdapter"
MFA_ADAPTER = "accounts.sign_in.adapter.MFAAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.forms.LoginForm",
    "change_password": "accounts.sign_in.forms.ChangePasswordForm",
    "reset_password": "accounts.sign_in.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.sign_in.forms.NewPasswordForm",
    "reauthenticate": "accounts.sign_in.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people come in by import or by a link sent to their address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a password reset for a stranger's address sends the stranger nothing
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
# How often one may be wrong is ours (accounts.sign_in.limits), not allauth's. What is right costs as much to check:
# one limit.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": ""}
MFA_FORMS = {
    "authenticate": "accounts.sign_in.factor_forms.AuthenticateForm",
    "reauthenticate": "accounts.sign_in.factor_forms.ReauthenticateForm",
    "activate_totp": "accounts.sign_in.factor_forms.ActivateTOTPForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = f"{MARKETPLACE_NAME} SAFE-T"
# How many proxies of ours are in front: decides which address of X-Forwarded-For the rate limits believe.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

# --- What browsers are told ------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
HTTPS = urlsplit(SITE_URL).scheme == "https" and not DEBUG
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^status$", r"^metrics$"]  # probes come from inside, without TLS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 365 * 24 * 3600) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # links in e-mails find the person signed in
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "safet_portal.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []
# Under https no other host of the domain, and no page without TLS, can set or overwrite these.
COOKIES_OF_THIS_HOST = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIES_OF_THIS_HOST}sessionid"
CSRF_COOKIE_NAME = f"{COOKIES_OF_THIS_HOST}csrftoken"
DEVICE_COOKIE_NAME = f"{COOKIES_OF_THIS_HOST}device"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # HSTS preloading binds the whole domain: not the portal's to ask for

# --- What browsers send ----------------------------------------------------------------------------------------------
FILES_A_MESSAGE, BYTES_A_FILE = 10, 10 * 1024 * 1024
BYTES_AN_IMPORT = 50 * 1024 * 1024  # what is larger goes through the command
LARGEST_OF_STRANGERS, LARGEST_FORM = 64 * 1024, 1024 * 1024
LARGEST_BODY = FILES_A_MESSAGE * BYTES_A_FILE + LARGEST_FORM
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]  # never in memory
DATA_UPLOAD_MAX_MEMORY_SIZE = LARGEST_FORM
DATA_UPLOAD_MAX_NUMBER_FILES = 2 * FILES_A_MESSAGE  # so that eleven files get the form's own sentence

# --- Files -----------------------------------------------------------------------------------------------------------
ATTACHMENTS_BUCKET = env.str("ATTACHMENTS_BUCKET", "")
# Downloads lead to the bucket itself, by a link that lives so many seconds; 0: through the portal.
ATTACHMENTS_LINK_SECONDS = env.int("ATTACHMENTS_LINK_SECONDS", 60) if ATTACHMENTS_BUCKET else 0
STORAGE_CALLS_AT_ONCE = 6  # of a process; fewer than the threads gunicorn.conf.py gives it
IMPORTS_KEPT_DAYS = env.int("IMPORTS_KEPT_DAYS", 90)  # what runs of imports left out, and the runs themselves
PACKS_A_DAY = env.int("PACKS_A_DAY", 5)  # evidence packs of one claim that one side can have made in 24 hours
SELLER_STORAGE_BYTES = env.int("SELLER_STORAGE_GB", 20) * 1024**3  # what one seller can upload in all
CLAMD_URL = env.str("CLAMD_URL", "")  # tcp://host:3310 or unix:///path; unset: not scanned, and said so
# Whether pictures and PDFs are decoded where the kernel can't shut the decoder process in (Landlock, seccomp).
DECODER_WITHOUT_SANDBOX = env.bool("DECODER_WITHOUT_SANDBOX", LOCAL)
ATTACHMENTS_STORAGE: dict[str, object] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": VAR_DIR / "attachments",  # no URL leads here: files are served through the access check only
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if ATTACHMENTS_BUCKET:
    ATTACHMENTS_STORAGE = {
        "BACKEND": "claims.files.bucket.Bucket",
        "OPTIONS": {  # keys come from the usual AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
            "bucket_name": ATTACHMENTS_BUCKET,
            "endpoint_url": env.str("AWS_ENDPOINT_URL", "") or None,
            "region_name": env.str("AWS_DEFAULT_REGION", "") or None,
            "addressing_style": "path" if env.str("AWS_ENDPOINT_URL", "") else "auto",
            "signature_version": "s3v4",
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
            "querystring_expire": 60,
        },
    }
STATICFILES = "safet_portal.static_storage.StaticFiles"
if LOCAL:  # served from where they are, nothing to collect
    STATICFILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": ATTACHMENTS_STORAGE,
    "attachments": ATTACHMENTS_STORAGE,
    "staticfiles": {"BACKEND": STATICFILES},
}
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static" if DEMO else Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_AUTOREFRESH = DEBUG

# --- What one person may cost in an hour; 0: as much as they like -----------------------------------------------------
BUDGETS = hourly(
    {
        "messages": 60,  # messages, replies and appeals sent by a member
        "batches": 20,  # files and lists of many drafts, to make or to submit
        "drafts": 600,  # drafts begun
        "filings": 300,  # claims submitted one by one
        "saves": 3600,  # words and choices kept, by themselves while a person writes or by a button
        "uploads": 1000,  # files sent up
        "searches": 600,
        "exports": 60,  # CSV files
        "packs": 30,  # evidence packs asked for
        "live": 12_000,  # what open pages ask by themselves: 900 an hour each that is looked at
        "forms": 1200,  # every other form of a member
        "desk": 6000,  # every form of a handler, and the signs of life of the pages they have open
        "visitors": 300,  # forms and links of e-mails, by an address that isn't signed in
        "calendars": 120,  # one calendar's fetches
    },
    env.str("BUDGETS", ""),
)

# --- E-mail ----------------------------------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")
MAIL_DIR = VAR_DIR / "mail"
if EMAIL_URL:
    mail = environ.Env.email_url_config(EMAIL_URL)
    EMAIL_BACKEND = mail["EMAIL_BACKEND"]
    EMAIL_HOST = mail["EMAIL_HOST"] or "localhost"
    EMAIL_PORT = mail["EMAIL_PORT"] or 25
    EMAIL_HOST_USER = mail["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = mail["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS = mail.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = mail.get("EMAIL_USE_SSL", False)
    EMAIL_FILE_PATH = mail["EMAIL_FILE_PATH"]
else:
    EMAIL_BACKEND = "safet_portal.mail.EmlFileBackend"
EMAIL_TIMEOUT = env.float("EMAIL_TIMEOUT", 10.0)  # seconds until the mail server is reached …
EMAIL_ANSWER_TIMEOUT = env.float("EMAIL_ANSWER_TIMEOUT", 60.0)  # … until it answers one command …
EMAIL_ATTEMPT_TIMEOUT = env.float("EMAIL_ATTEMPT_TIMEOUT", 120.0)  # … and until it has taken one e-mail
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "") or f'"{MARKETPLACE_NAME} SAFE-T (no reply)" <no-reply@localhost>'
SERVER_EMAIL = DEFAULT_FROM_EMAIL
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", "")  # where mail servers send back what comes back
BOUNCE_MAILBOX = env.str("BOUNCE_MAILBOX", "")  # imaps://user:password@host/INBOX: read, and what was read is deleted
BOUNCE_TOKEN = env.str("BOUNCE_TOKEN", "")  # what a mail provider brings that tells of bounces itself
DESK_OF_DEMO = ["safe-t@desk.example"] if DEMO else []
DESK_ADDRESSES = [address.strip().lower() for address in env.list("DESK_ADDRESSES", default=DESK_OF_DEMO)]

# --- Cache and tasks -------------------------------------------------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", "")  # for both
CACHE_URL = env.str("CACHE_URL", "") or REDIS_URL
QUEUE_URL = env.str("BROKER_URL", "") or REDIS_URL
TABLE_CACHE: dict[str, Any] = {
    "BACKEND": "safet_portal.table_cache.TableCache",
    "LOCATION": "cache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},  # past it Django deletes what still counts
}
CACHES: dict[str, dict[str, Any]] = {"default": TABLE_CACHE}
if CACHE_URL:
    CACHES = {
        "default": {"BACKEND": "safet_portal.caches.TwoLevels"},
        "redis": cache_of(CACHE_URL),
        "table": TABLE_CACHE,
    }
for level in CACHES.values():
    level["KEY_PREFIX"] = "safet"

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker_of(QUEUE_URL) if QUEUE_URL else ("memory://localhost", {})
# These two come before BROKER_URL of the environment, which `celery` takes for an address as it is.
CELERY_BROKER_READ_URL = CELERY_BROKER_WRITE_URL = CELERY_BROKER_URL
CELERY_TASK_ALWAYS_EAGER = not QUEUE_URL  # then a task runs in the process that asked for it, after its commit
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 9 * 60
CELERY_TASK_TIME_LIMIT = 10 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2, "interval_max": 0.2}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "safet_portal.beat:ClockScheduler"
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in (*QUEUES, BEFORE)]  # type: ignore[no-untyped-call]
CELERY_TASK_DEFAULT_QUEUE = CELERY_TASK_DEFAULT_ROUTING_KEY = BULK
CELERY_TASK_ROUTES = {task: {"queue": queue} for task, queue in ROUTES.items()}
CELERY_BROKER_HEARTBEAT = 20  # seconds: RabbitMQ takes back what a machine had that is gone
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "send pending e-mails": {
        "task": "messaging.tasks.send_pending_emails",
        "schedule": env.float("SWEEP_SECONDS", 60.0),
    },
    "do sign-in changes": {"task": "accounts.tasks.do_sign_in_changes", "schedule": 60.0},
    "purge password resets": {"task": "messaging.tasks.purge_password_resets", "schedule": 3600.0},
    "send reminders": {"task": "messaging.tasks.send_reminders", "schedule": 300.0},
    "lapse overdue claims": {"task": "claims.tasks.lapse_overdue_claims", "schedule": 60.0},
    "count what was decided": {"task": "claims.tasks.refresh_figures", "schedule": 900.0},
    "delete what was redacted": {"task": "messaging.tasks.delete_erased", "schedule": 3600.0},
    "look after evidence packs": {"task": "messaging.tasks.look_after_packs", "schedule": 60.0},
    "purge infected files": {"task": "claims.tasks.purge_infected_files", "schedule": 3600.0},
    "purge orphaned files": {"task": "messaging.tasks.purge_loose_files", "schedule": 24 * 3600.0},
    "check waiting files": {"task": "claims.tasks.check_waiting_files", "schedule": 60.0},
    "forget what is idle": {"task": "claims.tasks.forget_what_is_idle", "schedule": 24 * 3600.0},
    "work on batches": {"task": "claims.tasks.work_on_batches", "schedule": 10.0},
    "look after imports": {"task": "claims.tasks.look_after_imports", "schedule": 30.0},
    "bring windows up to date": {"task": "claims.tasks.recompute_windows", "schedule": 60.0},
    "purge security events": {"task": "accounts.tasks.purge_security_events", "schedule": 24 * 3600.0},
    "clear sessions": {"task": "safet_portal.tasks.clear_sessions", "schedule": 3600.0},
    "purge unsent words": {"task": "safet_portal.tasks.purge_unsent_words", "schedule": 3600.0},
    "tell that beat runs": {"task": "safet_portal.tasks.tell_that_beat_runs", "schedule": 30.0},
    "read bounces": {"task": "messaging.tasks.read_bounces", "schedule": 300.0},
    "find lost tasks": {"task": "safet_portal.tasks.find_lost_tasks", "schedule": 300.0},
}
for queue in QUEUES:
    told = {"task": "safet_portal.tasks.tell_that_queue_runs", "args": (queue,), "options": {"queue": queue}}
    CELERY_BEAT_SCHEDULE[f"tell that {queue} runs"] = {**told, "schedule": 60.0}
for entry in CELERY_BEAT_SCHEDULE.values():
    entry["options"] = {**entry.get("options", {}), "expires": expires_after(entry["schedule"])}

# --- Logs ------------------------------------------------------------------------------------------------------------
LOGGING = logging_config(readable=LOCAL, level=env.str("LOG_LEVEL", "INFO"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # the proxy's log has it
