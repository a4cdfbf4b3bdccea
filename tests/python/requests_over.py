"""Requests that are over, for tests of what the writer makes of them."""

from __future__ import annotations

from typing import Any

from database.audit.finished import Finished

_PLAIN: dict[str, Any] = {
    "action": "read",
    "started": 1.0,
    "milliseconds": 1.0,
    "correlation_id": "c",
    "method": "GET",
    "path": "/",
    "status": 200,
    "details": {},
    "metadata": {},
}
_NOBODY = dict.fromkeys(("user_id", "session_id", "ip_address", "user_agent", "route", "referrer", "viewed", "error"))


def finished(**changes: Any) -> Finished:
    """One of which not much is known."""
    return Finished(**{**_PLAIN, **_NOBODY, **changes})
