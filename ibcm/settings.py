"""Settings of the Django project. Every variable is read here, once; docs/settings.md lists them."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ibcm.env import Environment
from ibcm.home import Home

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
IBCM_BROKER_URL = _env.text("IBCM_BROKER_URL", "memory://")

# -- Django -------------------------------------------------------------------------------------------------
SECRET_KEY = _env.text("IBCM_SECRET_KEY") or IBCM_HOME.secret_key()
DEBUG = False
ALLOWED_HOSTS = [*_env.words("IBCM_ALLOWED_HOSTS"), "127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "ibcm.urls"
ASGI_APPLICATION = "ibcm.asgi.application"
APPEND_SLASH = True

_PARTS = ("ibcm.records", "ibcm.sources", "ibcm.jobs", "ibcm.chat", "ibcm.api", "ibcm.monitoring")
INSTALLED_APPS = [
    "ibcm",
    *(part for part in _PARTS if find_spec(part)),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
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

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": IBCM_HOME.database,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}
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
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True

# -- Celery -------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = IBCM_BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
