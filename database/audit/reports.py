"""What the script in the page reports, looked at closely: anybody may send anything."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from database.audit.context import Observation
from database.audit.events import Event, Kind
from database.audit.identifiers import born
from database.audit.masking import Masker

LONGEST = 8192
"""Bytes of a report."""
_OLDEST, _AHEAD = timedelta(hours=24), timedelta(minutes=5)
_SAME = ("same-origin", "none")
_ROUTES = ("/", "!/")


class ReportError(ValueError):
    """It is no report."""


@cache
def script() -> tuple[bytes, str]:
    """The script, and its ETag."""
    text = (files("database") / "audit" / "page.js").read_bytes()
    return text, f'"{sha256(text).hexdigest()[:16]}"'


SCRIPT_HEADERS = {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": "public, max-age=3600",
    "X-Content-Type-Options": "nosniff",
}


def is_own(fetch_site: str | None, origin: str | None, host: str | None) -> bool:
    """Whether it comes from a page of this site.

    Args:
        fetch_site: Sec-Fetch-Site, which all present browsers send.
        origin: Origin, for the others.
        host: Host.
    """
    if fetch_site is not None:
        return fetch_site in _SAME
    return origin is None or urlsplit(origin).netloc == host


def understand(body: bytes, observation: Observation, masker: Masker) -> Event:
    """The view that a report tells of.

    Raises:
        ReportError: too long, not JSON, an id of another time, a time that cannot have been.
    """
    if len(body) > LONGEST:
        raise ReportError("too long")
    try:
        given = json.loads(body)
        view_id = UUID(given["id"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ReportError("not a report") from None
    at, now = born(view_id), datetime.now(UTC)
    if at is None or not now - _OLDEST <= at <= now + _AHEAD:
        raise ReportError("an id of another time")
    possible = max(timedelta(), now - at) + _AHEAD  # by the browser's clock, where it does not know the server's
    path, referrer = _text(given, "path", 2000), _text(given, "referrer", 2000)
    if not path.startswith("/"):
        raise ReportError("no path")
    values = {
        "view_id": str(view_id),
        "view_timestamp": at,
        "page_path": _route(path, masker, observation),
        "page_title": _text(given, "title", 300) or None,
        "referrer": masker.url(referrer, observation.found) or None,
        "time_on_page_seconds": _seconds(given.get("seconds"), possible.total_seconds()),
        "correlation_id": observation.correlation_id,
        "ip_address": observation.ip_address,
        "user_agent": observation.user_agent,
        "metadata": {"source": "script"},
    }
    return Event(Kind.VIEW, values)


def _route(path: str, masker: Masker, observation: Observation) -> str:
    """Without its query; with what follows `#` where that is a route (`#/students`, `#!/students`) and no place in the page."""
    page, _, fragment = path.partition("#")
    found = masker.url(page.partition("?")[0], observation.found)
    if not fragment.startswith(_ROUTES):
        return found
    mark, _, route = fragment.partition("/")
    return f"{found}#{mark}{masker.url('/' + route.partition('?')[0])}"


def _seconds(value: Any, possible: float) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= possible:
        raise ReportError("a time that cannot have been")
    return float(value)


def _text(given: dict[str, Any], name: str, longest: int) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise ReportError(f"{name} is no text")
    return value[:longest]
