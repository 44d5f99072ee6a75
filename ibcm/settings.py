"""Settings of the Django project. Every variable is read here, once; docs/settings.md lists them."""

from pathlib import Path

import django_stubs_ext

from ibcm.api import conf as api_conf
from ibcm.databases import database
from ibcm.env import Environment, named_host
from ibcm.home import Home
from ibcm.logs import logging_settings

django_stubs_ext.monkeypatch()  # lets our classes name what a model manager or an admin page is about

BASE_DIR = Path(__file__).resolve().parent.parent
_env = Environment()

# -- IBCM ---------------------------------------------------------------------------------------------------
IBCM_PROFILE = _env.choice("IBCM_PROFILE", ("laptop", "cluster"))
IBCM_HOME = Home(_env.folder("IBCM_HOME", BASE_DIR / "var")).prepare()
IBCM_MODELS = _env.folder("IBCM_MODELS", IBCM_HOME.models)
IBCM_INSTANCE = _env.text("IBCM_INSTANCE", "ibcm")
IBCM_HOST = _env.text("IBCM_HOST", "127.0.0.1")
IBCM_PORT = _env.number("PORT", 8000, low=1, high=65535)
IBCM_EMBEDDER = _env.text("IBCM_EMBEDDER", "multilingual-e5-small")
IBCM_NEO4J_URI = _env.text("IBCM_NEO4J_URI")
IBCM_NEO4J_USER = _env.text("IBCM_NEO4J_USER", "neo4j")
IBCM_NEO4J_PASSWORD = _env.text("IBCM_NEO4J_PASSWORD")
IBCM_NEO4J_DATABASE = _env.text("IBCM_NEO4J_DATABASE", "neo4j")
IBCM_QDRANT_URL = _env.text("IBCM_QDRANT_URL")
IBCM_QDRANT_API_KEY = _env.text("IBCM_QDRANT_API_KEY")
IBCM_DATABASE_URL = _env.text("IBCM_DATABASE_URL")
IBCM_BROKER_URL = _env.text("IBCM_BROKER_URL", "memory://localhost/")
IBCM_QUESTION_DAYS = _env.number("IBCM_QUESTION_DAYS", 30, low=0, high=36500)
IBCM_HTTPS = _env.flag("IBCM_HTTPS", default=IBCM_PROFILE == "cluster")
IBCM_LOG_LEVEL = _env.choice("IBCM_LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR"))

# -- Django -------------------------------------------------------------------------------------------------
IBCM_SECRET_KEY_GIVEN = bool(_env.text("IBCM_SECRET_KEY"))
SECRET_KEY = _env.text("IBCM_SECRET_KEY") or IBCM_HOME.secret_key()
DEBUG = False
ALLOWED_HOSTS = [*_env.words("IBCM_ALLOWED_HOSTS"), "127.0.0.1", "localhost", "[::1]", *named_host(IBCM_HOST)]
CSRF_TRUSTED_ORIGINS = _env.words("IBCM_TRUSTED_ORIGINS")
ROOT_URLCONF = "ibcm.urls"
ASGI_APPLICATION = "ibcm.asgi.application"
APPEND_SLASH = True

INSTALLED_APPS = [
    "ibcm",
    "ibcm.records",
    "ibcm.sources",
    "ibcm.jobs",
    "ibcm.chat",
    "ibcm.curation",
    "ibcm.api",
    "ibcm.monitoring",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ibcm.security.SecurityHeaders",
    "ibcm.static_files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

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
            ]
        },
    }
]

DATABASES = {"default": database(IBCM_DATABASE_URL, IBCM_HOME.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # files are served from the packages that bring them: nothing to collect
WHITENOISE_ALLOW_ALL_ORIGINS = False

# -- Safety -------------------------------------------------------------------------------------------------
# With HTTPS in front (IBCM_HTTPS=1, the default of the cluster profile) nothing travels in the clear; on a laptop the
# address is loopback and has no certificate.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IBCM_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IBCM_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IBCM_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IBCM_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # probes come over plain HTTP from inside
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

LOGGING = logging_settings(IBCM_HOME.logs / "ibcm.log", IBCM_LOG_LEVEL)

REST_FRAMEWORK = api_conf.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api_conf.SPECTACULAR_SETTINGS

# -- Celery -------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = IBCM_BROKER_URL
if IBCM_BROKER_URL.startswith(("redis:", "rediss:")):
    # One Redis may serve several instances.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"global_keyprefix": f"{IBCM_INSTANCE}:", "socket_connect_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # a long job must not keep short ones waiting behind it
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # in memory: job rows are the truth, ticks may be lost
