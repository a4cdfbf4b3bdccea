"""Django: this package in INSTALLED_APPS, `database.audit.django.middleware.AuditMiddleware` first in MIDDLEWARE."""
