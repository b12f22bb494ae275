"""As `startproject` makes them, for one model; the database stands in BARE_DATABASE_URL."""

import environ

env = environ.FileAwareEnv()
SECRET_KEY = "only-for-a-benchmark-on-this-machine-only-for-a-benchmark"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bench.bare.urls"
DATABASES = {"default": {**env.db_url("BARE_DATABASE_URL"), "CONN_MAX_AGE": 60}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "bench.bare"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
