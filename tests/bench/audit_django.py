"""The same in Django, and one write: with the audit, with another package's (BENCH_AUDIT), or without any."""

from __future__ import annotations

import os
from typing import Any

KIND = os.environ.get("BENCH_AUDIT", "bare")
OURS, AUDITLOG, EASY = "ours", "django-auditlog", "django-easy-audit"
_MORE = {OURS: "database.audit.django", AUDITLOG: "auditlog", EASY: "easyaudit"}
_MIDDLEWARE = {
    OURS: "database.audit.django.middleware.AuditMiddleware",
    AUDITLOG: "auditlog.middleware.AuditlogMiddleware",
    EASY: "easyaudit.middleware.easyaudit.EasyAuditMiddleware",
}

SECRET_KEY = "of a measurement"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.audit_django_urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "tests.bench.audit_django_app",
    *([_MORE[KIND]] if KIND in _MORE else []),
]
MIDDLEWARE = [
    *([_MIDDLEWARE[KIND]] if KIND == OURS else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *([_MIDDLEWARE[KIND]] if KIND in (AUDITLOG, EASY) else []),
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _databases() -> dict[str, Any]:
    """Making tables needs Django's own backend; whoever serves uses the manager's."""
    if "BENCH_MIGRATE" not in os.environ:
        return {"ENGINE": "database.django_backend"}
    given = {name: os.environ[f"LMS_{name}"] for name in ("HOST", "PORT")}
    user, password = os.environ["LMS_ADMIN_USER"], os.environ["LMS_ADMIN_PASSWORD"]
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": os.environ["LMS_DBNAME"], "USER": user, "PASSWORD": password, **given,
    }  # fmt: skip


DATABASES = {"default": _databases()}
