"""All settings. Those that differ between machines come from the environment (.env.example lists every name)."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.environment import data_keys, env
from config.operator_settings import *  # noqa: F403
from config.patience import PATIENCE, REDIS_KEEPALIVE
from config.sign_in_settings import *  # noqa: F403
from patients.values.languages import LANGUAGES as OUR_LANGUAGES

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Demo, debug, TLS and keys ---
DEBUG = env.bool("DEBUG", default=False)
# A demo fills a clinic with data, shows an outbox page instead of sending, and needs no second factor from staff.
DEMO = env.bool("DEMO", default=False)
# How many people a new demo clinic has.
DEMO_PATIENTS = env.int("DEMO_PATIENTS", default=40)
# Caddy does TLS in front of us: cookies are secure, and plain HTTP is redirected.
HTTPS = env.bool("HTTPS", default=not (DEBUG or DEMO))

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not (DEBUG or DEMO):
        raise ImproperlyConfigured("SECRET_KEY is not set: put a long random value in the environment.")
    SECRET_KEY = "demo-only-key-never-used-where-patients-are-real"  # noqa: S105
# The key with which pages sign their scope (patients.wall.signing); `prepare` gives it to the database at a start.
WALL_SECRET = SECRET_KEY
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# The keys that lock the secrets in rows (patients.vault), the newest first.
DATA_KEYS = data_keys(env.str("DATA_KEYS", default=""))
if not DATA_KEYS and (DEBUG or DEMO):
    DATA_KEYS = ["a-demo-s-own-key-never-used-for-real-people"]

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))

# --- Apps and middleware ---
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "phonenumber_field",
    "patients",
    "alerts",
    "recovery",
]

MIDDLEWARE = [
    "config.refusals.RefusalsMiddleware",
    "config.plain_http.ProgramsUseHttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.static_headers.StaticFilesMiddleware",
    "config.compressed.CompressedPagesMiddleware",
    "config.middleware.RequestIdMiddleware",
    "config.middleware.CleanTextMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.WallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.NoStoreMiddleware",
    "config.middleware.WipeAtSignOutMiddleware",
    "config.middleware.StandingMiddleware",
    "config.language.LanguageMiddleware",
    "config.middleware.UnreadableFactorMiddleware",
    "config.middleware.ButtonAddressMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data: PostgreSQL holds all of it; Redis only carries wake-ups ---
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql://postgres:@127.0.0.1:5432/kypho")}
# Django's engine, extended to set the scope of each transaction (docs/architecture.md).
DATABASES["default"]["ENGINE"] = "config.database"
# WSGI workers serve the pages, where a persistent connection halves the cost. The event stream process sets
# DB_CONN_MAX_AGE=0, because under ASGI persistent connections leak.
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DB_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    **PATIENCE,
    "options": f"-c statement_timeout={env.str('DB_STATEMENT_TIMEOUT', default='15s')}"
    " -c lock_timeout=5s -c idle_in_transaction_session_timeout=10s",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

# --- Celery: the tick and its hints. Rows say what is due, so a lost message costs seconds, never an alert ------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "health_check_interval": 5,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "socket_keepalive_options": REDIS_KEEPALIVE,
    "global_keyprefix": "kypho:",
}

# --- Signing in: the rest is in config/sign_in_settings.py ---
# Staff need a second factor or a passkey before they see a patient, except in a demo, which says so.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not DEMO)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# Staff are signed out after this long without a click; a patient's phone stays signed in.
STAFF_IDLE_MINUTES = env.int("STAFF_IDLE_MINUTES", default=15)
SESSION_ENGINE = "patients.sign_in.session_store"
SESSION_COOKIE_AGE = int(timedelta(days=180).total_seconds())
# With TLS, browsers refuse a `__Host-` cookie that another subdomain or a plain HTTP page tries to set. Over plain
# HTTP (a local network) no browser would store such a cookie, so the prefix is left out.
_by_tls = BASE_URL.startswith("https://")
_prefix = "__Host-" if _by_tls else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_prefix}sessionid", f"{_prefix}csrftoken"
# Which style sheets this phone keeps: patients/phone_sheets.py.
SHEETS_COOKIE_NAME = f"{_prefix}kypho_sheets"
LANGUAGE_COOKIE_NAME = f"{_prefix}kypho_language"
KNOWN_BROWSER_COOKIE = f"{_prefix}kypho_known"
SESSION_COOKIE_SECURE = HTTPS or _by_tls
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS or _by_tls
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# The counts and used codes of the sign-in library must hold across processes and survive a flushed broker, so
# the database keeps them. The limit is so high that a flood cannot push one out. Our own counts are in
# patients.sign_in.limits.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- Security policies for the browser ---
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": [],
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    **{name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")},
    "publickey-credentials-get": ["self"],
    "publickey-credentials-create": ["self"],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=730).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
# A log is a few kilobytes. A log with a very long text is still taken, as it may hold an urgent answer too.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

# --- Messages ---
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Kypho Recovery <care@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
OUTBOX_DIR = DATA_DIR / "outbox"
# Twilio, or a provider with the same API. The token also proves that receipts and replies come from there.
SMS_ACCOUNT = env.str("SMS_ACCOUNT", default="")
SMS_TOKEN = env.str("SMS_TOKEN", default="")
SMS_FROM = env.str("SMS_FROM", default="")
SMS_API_URL = env.str("SMS_API_URL", default="https://api.twilio.com")
# The number that makes automatic calls, at the same account; empty: no calls.
VOICE_FROM = env.str("VOICE_FROM", default="")
_CHANNELS = "alerts.messaging.channels"
_sms_backend = f"{_CHANNELS}.twilio.Twilio" if SMS_ACCOUNT else f"{_CHANNELS}.sms.NotSetUp"
if DEMO:
    # Nothing leaves the machine in a demo: the outbox page shows what would have been sent.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = OUTBOX_DIR
    SMS_BACKEND = "alerts.messaging.channels.sms.OutboxFolder"
    if urlsplit(SMS_API_URL).hostname in ("127.0.0.1", "localhost"):
        SMS_BACKEND = _sms_backend  # the provider simulator runs on this machine
    else:
        VOICE_FROM = ""
else:
    _to = env.email_url("EMAIL_URL", default="smtp://localhost:25")
    _to["EMAIL_BACKEND"] = _to["EMAIL_BACKEND"].replace("django.core.mail.backends.smtp", f"{_CHANNELS}.smtp")
    vars().update(_to)
    SMS_BACKEND = env.str("SMS_BACKEND", default=_sms_backend)
# How many seconds one call to a provider may take in all; the outbox's lease is a little more than twice this.
SEND_SECONDS = EMAIL_TIMEOUT = 5
# The function that returns the key of the sign of silence. Alerts may not import the rule book, so it is named.
SILENCE_SIGN = "recovery.triage.rulebook.silence_sign"
# The key for push to the browsers of staff (bin/manage make_vapid_key), and the address at which push services
# may contact the operator.
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="")
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default=f"mailto:care@{urlsplit(BASE_URL).hostname}")
# Lets webhooks and push go to this machine itself; only for a simulator beside a demo.
OUTBOUND_LOOPBACK = DEMO and env.bool("OUTBOUND_LOOPBACK", default=False)
# The servers to which webhooks may go, and push besides the browsers' own services; empty: any a manager enters.
OUTBOUND_HOSTS = [name.strip().lower() for name in env.list("OUTBOUND_HOSTS", default=[]) if name.strip()]
OUTSIDE_HEARTBEAT_URL = env.str("OUTSIDE_HEARTBEAT_URL", default="")

# --- Language, time zone, static files, logs ---
LANGUAGE_CODE = "en"
LANGUAGES = list(OUR_LANGUAGES)
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
PHONENUMBER_DEFAULT_REGION = "US"
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or env.bool("PLAIN_STATIC", default=False)
        else "config.storage.ModuleStorage"
    },
}
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}
WHITENOISE_USE_FINDERS = DEBUG or env.bool("PLAIN_STATIC", default=False)

# The log of the server holds ids, never what a patient wrote.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"away": {"()": "config.logs.OneLineWhileAway"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["away"]}},
    # Celery has handlers of its own.
    "loggers": {name: {"filters": ["away"]} for name in ("celery.beat", "celery.app.trace")},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
