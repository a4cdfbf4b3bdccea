"""Hooks the audit into Django: sign-in, errors, and the transactions of the ORM."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth import signals
from django.core.signals import got_request_exception
from django.db import connections
from django.db.backends.signals import connection_created

from database.audit.django import receivers


class AuditApp(AppConfig):
    """The application without tables."""

    name = "database.audit.django"
    label = "database_audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        """Listen."""
        uid = self.label
        signals.user_logged_in.connect(receivers.logged_in, dispatch_uid=uid)
        signals.user_logged_out.connect(receivers.logged_out, dispatch_uid=uid)
        signals.user_login_failed.connect(receivers.login_failed, dispatch_uid=uid)
        got_request_exception.connect(receivers.failed, dispatch_uid=uid)
        connection_created.connect(receivers.link_transactions, dispatch_uid=uid)
        for connection in connections.all(initialized_only=True):
            receivers.link_transactions(type(connection), connection)
