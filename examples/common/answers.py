"""How an answer looks, the same in both applications: JSON below /api/, an HTML page elsewhere, and where the data came from."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader

from database.errors import (
    DatabaseError,
    NoDatabaseError,
    OutcomeUnknown,
    PoolExhausted,
    ReadOnlyFallbackError,
    ReadOnlyPrimary,
    TransactionLost,
)
from database.managed import Managed
from examples.common.screens import Screen

API = "/api/"
_log = logging.getLogger("examples")
_PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True)
_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'"
)
_READ_ONLY = "The service is read-only for the moment: nothing was changed. Please try again later."
_SAID = {
    ReadOnlyFallbackError: _READ_ONLY,
    ReadOnlyPrimary: _READ_ONLY,
    NoDatabaseError: "The service is not available for the moment. Please try again later.",
    PoolExhausted: "The service is busy. Please try again.",
    TransactionLost: "The connection to the database broke. Nothing was changed. Please try again.",
    OutcomeUnknown: "The connection to the database broke. Please look whether your change is there before you repeat it.",
}


@dataclass(frozen=True)
class Origin:
    """Which database the rows came from, and the instant up to which they are complete; None: nobody knows."""

    source: str
    as_of: datetime | None

    @classmethod
    def of(cls, connection: Managed[Any]) -> Origin:
        """As a connection of the manager tells it."""
        return cls(str(connection.source), datetime.now(UTC) if connection.source == "lms" else connection.stale_since)

    @property
    def is_fallback(self) -> bool:
        """Whether lms is out."""
        return self.source != "lms"


@dataclass(frozen=True)
class Answer:
    """A finished answer."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)


def answer(path: str, document: dict[str, Any], origin: Origin, screen: Screen | None = None) -> Answer:
    """Rows of a screen, or what was written."""
    headers = {"X-Data-Source": origin.source, "Cache-Control": "private, no-store"}
    if origin.as_of is not None:
        headers["X-Data-As-Of"] = origin.as_of.astimezone(UTC).isoformat(timespec="seconds")
    if screen is None or path.startswith(API):
        return Answer(200, _json(document), "application/json", headers)
    return _page("screen.html", 200, headers, screen=screen, rows=document[screen.rows], next=document.get("next"), origin=origin)


def home(user: UUID | None) -> Answer:
    """The first page."""
    return _page("home.html", 200, {}, user=user)


def sign_in(*, failed: bool = False) -> Answer:
    """The form for signing in."""
    return _page("sign_in.html", 403 if failed else 200, {}, failed=failed)


def edit_notes(row: dict[str, Any], origin: Origin) -> Answer:
    """The form for the notes of an enrollment."""
    return _page("edit_notes.html", 200, {}, row=row, origin=origin)


def problem(path: str, status: int, said: str, headers: dict[str, str] | None = None) -> Answer:
    """What went wrong, in words for the person who asked."""
    if path.startswith(API):
        return Answer(status, _json({"detail": said}), "application/json", headers or {})
    return _page("problem.html", status, headers or {}, status=status, said=said)


def database_problem(path: str, error: DatabaseError) -> Answer:
    """503; with Retry-After where repeating the request is safe and helps. The error's own text is for the log."""
    _log.warning("%s: %s: %s", path, type(error).__name__, error)
    said = next((text for kind, text in _SAID.items() if isinstance(error, kind)), "The service cannot reach its data.")
    seconds = 1 if isinstance(error, TransactionLost) else error.retry_after
    return problem(path, 503, said, {} if seconds is None else {"Retry-After": str(seconds)})


def _page(template: str, code: int, headers: dict[str, str], **values: Any) -> Answer:
    text = _PAGES.get_template(template).render(values)
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "private, no-store", **headers}
    return Answer(code, text.encode(), "text/html; charset=utf-8", headers)


def _json(document: Any) -> bytes:
    return json.dumps(document, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> str:
    """Dates as ISO 8601, instants in UTC whatever the session's time zone is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def shown(value: Any) -> str:
    """A value as a person reads it; of a text in several languages, the first that is there."""
    if isinstance(value, dict):
        value = next((value[language] for language in ("az", "en", "ru") if value.get(language)), None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return "–" if value is None else str(value)


_PAGES.filters["shown"] = shown
