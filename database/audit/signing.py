"""Login, logout, failed login: Django's signals call these by themselves, any other application where it signs people in.

session_id = signing.login(user.id)      # keep it in the session: request.session["audit_session_id"] = session_id
signing.login_failed(username)
signing.logout(user.id)
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from database.audit import events
from database.audit.context import current
from database.audit.recorder import Recorder, get_recorder
from database.audit.requests import session_values

SESSION_KEY = "audit_session_id"
"""Under which the application's session holds the audit's own id."""


def login(user_id: object, *, replaces: str | None = None, recorder: Recorder | None = None, **details: Any) -> str:
    """Somebody has signed in.

    Args:
        user_id: who.
        replaces: the session that ends by this; by default that of the request, `""`: none.
        recorder: by default that of the process.
        details: more for `action_details`.

    Returns:
        the id of the session that begins here: random, and no secret.
    """
    recorder = recorder or get_recorder()
    at, observation = time.time(), current()
    session_id, user = str(uuid.uuid4()), str(user_id)
    if observation is not None:
        if replaces is None:
            observation.resolve()
        replaced = observation.session_id if replaces is None else replaces
        if replaced:
            _end(recorder, replaced, at, "replaced")
        observation.user_id, observation.session_id, observation.session_ended = user, session_id, False
    _record(recorder, "login", at, user, session_id, details)
    ip_address, user_agent = (observation.ip_address, observation.user_agent) if observation else (None, None)
    recorder.record(events.session(session_id, at=at, **session_values(user, ip_address, user_agent)))
    return session_id


def logout(user_id: object, session_id: str | None = None, *, recorder: Recorder | None = None, **details: Any) -> None:
    """Somebody has signed out.

    Args:
        user_id: who.
        session_id: what `login` returned; by default that of the request, looked for now: call it before the session is cleared.
        recorder: by default that of the process.
        details: more for `action_details`.
    """
    recorder = recorder or get_recorder()
    at, observation = time.time(), current()
    user = None if user_id is None else str(user_id)
    if observation is not None:
        if not session_id:
            observation.resolve()
        session_id = session_id or observation.session_id
        observation.user_id = user or observation.user_id
        observation.session_id = session_id
        observation.session_ended = True
    _record(recorder, "logout", at, user, session_id, details)
    if session_id:
        _end(recorder, session_id, at, "logout", user)


def login_failed(username: object, *, recorder: Recorder | None = None, **details: Any) -> None:
    """Somebody has tried to sign in.

    Args:
        username: as it was given; what people type there by mistake may be a password, so only 100 characters are kept.
        recorder: by default that of the process.
        details: more for `action_details`; never the password.
    """
    details = {"username": str(username)[:100], **details}
    _record(recorder or get_recorder(), "login_failed", time.time(), None, None, details)


def _record(
    recorder: Recorder, action: str, at: float, user: str | None, session_id: str | None, details: dict[str, Any]
) -> None:
    observation = current()
    values: dict[str, Any] = {"user_id": user, "session_id": session_id, "action_details": recorder.masker.value(details)}
    if observation is not None:
        values |= {
            "correlation_id": observation.correlation_id,
            "request_path": observation.masked_path,
            "request_method": observation.method,
            "ip_address": observation.ip_address,
            "user_agent": observation.user_agent,
        }
    recorder.record(events.log(action, at=at, **values))


def _end(recorder: Recorder, session_id: str, at: float, reason: str, user: str | None = None) -> None:
    recorder.forget(session_id)
    recorder.record(events.session(session_id, at=at, ended=reason, user_id=user))
