"""Settings. Hosts and passwords of the databases come from the environment; EDU2LMS_DATABASE would be the other place."""

import os
import secrets

DEBUG = False
# sessions are signed with it; a key of each start's own ends them all at the next one
SECRET_KEY = os.environ.get("EXAMPLES_SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ROOT_URLCONF = "examples.django_app.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "database.audit.django",
    "examples.django_app",
]
MIDDLEWARE = [
    "database.audit.django.middleware.AuditMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "examples.django_app.web.problems",
]
AUTH_USER_MODEL = "django_app.User"
AUTHENTICATION_BACKENDS = ["examples.django_app.signing_in.OnePassword"]
# in the cookie itself: the application's tables are all that there is
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
DATABASES = {"default": {"ENGINE": "database.django_backend"}}
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"database": {"handlers": ["stderr"], "level": "INFO"}},
}
