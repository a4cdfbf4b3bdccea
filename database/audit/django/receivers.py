"""What Django tells by its signals."""

from __future__ import annotations

import sys
from typing import Any

from database.audit import signing
from database.audit.context import current
from database.audit.counts import logger
from database.audit.django.linking import link_first
from database.audit.signing import SESSION_KEY

SESSION_BEFORE = "audit_session_before"
"""Attribute of a request: the session that it came with, if any."""


def logged_in(sender: object, *, request: Any = None, user: Any = None, **_more: Any) -> None:
    """A session of the audit begins; its id is kept in Django's session."""
    del sender
    try:
        session = getattr(request, "session", None)
        before = getattr(request, SESSION_BEFORE, "")
        session_id = signing.login(user.pk, replaces=before if session is None else session.get(SESSION_KEY, before))
        if session is not None:
            session[SESSION_KEY] = session_id
    except Exception:  # signing in must not fail because of it
        logger.exception("a login was not recorded")


def logged_out(sender: object, *, request: Any = None, user: Any = None, **_more: Any) -> None:
    """Called before Django throws its session away."""
    del sender
    try:
        session = getattr(request, "session", None)
        if user is not None:
            signing.logout(user.pk, session.get(SESSION_KEY) if session is not None else None)
    except Exception:
        logger.exception("a logout was not recorded")


def login_failed(sender: object, *, credentials: dict[str, Any] | None = None, **_more: Any) -> None:
    """Django has taken the password out of the credentials; what else is secret is masked."""
    del sender
    try:
        given = credentials or {}
        signing.login_failed(given.get("username") or given.get("email") or "")
    except Exception:
        logger.exception("a failed login was not recorded")


def failed(sender: object, **_more: Any) -> None:
    """An exception became a 500."""
    del sender
    observation, error = current(), sys.exc_info()[1]
    if observation is not None and error is not None:
        observation.note_error(error)


def link_transactions(sender: object, connection: Any, **_more: Any) -> None:
    """Of each connection: see `linking`."""
    del sender
    if connection.vendor == "postgresql" and link_first not in connection.execute_wrappers:
        connection.execute_wrappers.append(link_first)
