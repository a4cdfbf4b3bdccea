"""Registers the written table where a package wants that."""

from __future__ import annotations

from django.apps import AppConfig, apps


class BenchApp(AppConfig):
    """Of the measurement."""

    name = "tests.bench.audit_django_app"
    label = "bench"

    def ready(self) -> None:
        """For django-auditlog; django-easy-audit takes every model."""
        if apps.is_installed("auditlog"):
            from auditlog.registry import auditlog

            auditlog.register(self.get_model("Enrollment"))
