"""Settings. Hosts and passwords of the databases come from the environment; EDU2LMS_DATABASE would be the other place."""

import os
import secrets

DEBUG = False
# nothing is signed here: a key of each start's own will do
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ROOT_URLCONF = "examples.django_app.urls"
INSTALLED_APPS = ["examples.django_app"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "examples.django_app.web.problems"]
DATABASES = {"default": {"ENGINE": "database.django_backend"}}
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "loggers": {"database": {"handlers": ["stderr"], "level": "INFO"}},
}
