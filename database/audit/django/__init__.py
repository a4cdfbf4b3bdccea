"""Django: `"database.audit.django"` in INSTALLED_APPS, `"database.audit.django.middleware.AuditMiddleware"` first in MIDDLEWARE."""
