"""Django settings, every one of ours read from the environment through `env`."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from plimsoll import env, secret_key
from plimsoll.postgres.embedded import socket_url

ROOT = Path(__file__).resolve().parent

DATA = env.path("PLIMSOLL_DATA", "./plimsoll-data")
DATABASE_URL = env.text("PLIMSOLL_DATABASE_URL")
WEB = env.address("PLIMSOLL_WEB", "127.0.0.1:8000")
OTLP_GRPC = env.address("PLIMSOLL_OTLP_GRPC", "127.0.0.1:4317")
OTLP_AUTH = env.otlp_auth(OTLP_GRPC)
CATALOG = env.file("PLIMSOLL_CATALOG")
VIEWER_ON_LOOPBACK = env.choice("PLIMSOLL_VIEWER", ("none", "loopback"), "none") == "loopback"


def _database(url: str) -> dict[str, object]:
    """Return Django's description of a postgresql:// URL."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": query.pop("port", "") or (str(parts.port) if parts.port else ""),
        # A connection that the database dropped is replaced before it is used.
        "CONN_HEALTH_CHECKS": True,
        # psycopg has no persistent per-thread connections under ASGI; its pool is the supported way. It tries for less
        # long than a request waits: what goes on trying does so ever more seldom, and keeps the next request from it.
        "OPTIONS": query | {"pool": {"min_size": 0, "max_size": 8, "timeout": 5, "reconnect_timeout": 4}},
    }


SECRET_KEY = env.text("PLIMSOLL_SECRET_KEY") or secret_key.kept(DATA)
DEBUG = False
# Names, each with the port that it has from outside, such as ":8443", or none.
_HOSTS = env.hosts("PLIMSOLL_HOSTS")
ALLOWED_HOSTS = [host for host, _ in _HOSTS] or ["localhost", "127.0.0.1", "[::1]", WEB.host]
DATABASES = {"default": _database(DATABASE_URL or socket_url(DATA))}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_q",
    "rest_framework",
    "drf_spectacular",
    "plimsoll.store",
    "dashboards",
    "ingest",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dashboards.policy.ContentSecurityPolicy",
    "dashboards.static_files.StaticFiles",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "dashboards.frame.preferences.Preferences",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboards.access.sessions.Sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "plimsoll.urls"
ASGI_APPLICATION = "plimsoll.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The checkout's templates, or those the wheel carries inside the package.
        "DIRS": [ROOT.parent.parent / "templates", ROOT / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = env.time_zone("PLIMSOLL_TIME_ZONE", "UTC")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_FINDERS = ["dashboards.static_files.Finder"]
STORAGES = {"staticfiles": {"BACKEND": "dashboards.static_files.Storage"}}

# Behind a proxy that ends TLS, forms come from https while we see http: our own hosts are trusted either way.
CSRF_TRUSTED_ORIGINS = [
    f"https://{'*' + host if host.startswith('.') else host}{port}"
    for host, port in _HOSTS or [(host, "") for host in ALLOWED_HOSTS]
    if host != "*"
]
# Believed from anybody: it makes one's own cookies stricter, and has addresses lead back to where one came from.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "dashboards.access.refusals.forged"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "plimsoll_session"
CSRF_COOKIE_NAME = "plimsoll_csrf"
# A link that lets somebody choose a password.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

SECURE_REFERRER_POLICY = "same-origin"
# Sent by `dashboards.policy`, over https only.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
X_FRAME_OPTIONS = "DENY"

# Of a form. Webhook bodies are read and limited by their own view (webhook-providers, section 1), per source.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Plimsoll",
    "DESCRIPTION": "Delivery metrics and a live dependency map. Rows are flat; null means unknown, never zero.",
    "VERSION": "v1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": [],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "basic": {"type": "http", "scheme": "basic", "description": "The token is the password."},
        }
    },
}

Q_CLUSTER = {
    "name": "plimsoll",
    "orm": "default",
    "workers": 2,
    "poll": 1,
    "catch_up": False,
    "timeout": 300,
    "retry": 360,
    "max_attempts": 8,
    "save_limit": 250,
    "guard_cycle": 1,
    "log_level": "WARNING",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Whoever asked is told what was wrong with it; the operator is told what is wrong here.
    "loggers": {"django.request": {"level": "ERROR"}, "django.security.csrf": {"level": "ERROR"}},
}
