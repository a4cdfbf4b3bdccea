"""What is recorded: rows of three tables, each with its id and its time from birth, so that writing it twice changes nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

from database.audit.cleaning import row
from database.audit.identifiers import uuid7


class Kind(StrEnum):
    """The table that an event belongs to."""

    LOG = "audit_logs"
    VIEW = "page_views"
    SESSION = "user_sessions"


class Recordable(Protocol):
    """What the recorder takes in: an event, or a request with its events."""

    @property
    def action(self) -> str | None:
        """The kind of action."""

    @property
    def number(self) -> int:
        """Of events."""

    def ready(self) -> list[Event]:
        """The events, with values that PostgreSQL takes, whatever they were."""


@dataclass(slots=True)
class Event:
    """One row to be, by column name."""

    kind: Kind
    values: dict[str, Any]

    @property
    def action(self) -> str | None:
        """Of a row of audit_logs."""
        return self.values.get("action_type")

    @property
    def number(self) -> int:
        """One."""
        return 1

    def cleaned(self) -> Event:
        """The same with values that PostgreSQL takes, whatever they were."""
        return Event(self.kind, row(self.values))

    def ready(self) -> list[Event]:
        """It alone."""
        return [self.cleaned()]


def instant(at: float) -> str:
    """ISO 8601 in UTC, with microseconds.

    Args:
        at: seconds since 1970.
    """
    seconds, microseconds = divmod(round(at * 1_000_000), 1_000_000)
    return f"{_second(seconds)}.{microseconds:06d}+00:00"


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    """Hundreds of events are of the same one."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[: -len("+00:00")]


def log(action_type: str, *, at: float | None = None, **values: Any) -> Event:
    """A row of audit_logs.

    Args:
        action_type: `login`, `update`, …
        at: when, in seconds since 1970; by default now.
        values: more columns.
    """
    at = time.time() if at is None else at
    return Event(Kind.LOG, {"event_id": uuid7(at), "action_timestamp": instant(at), "action_type": action_type, **values})


def session(session_id: str, *, at: float, ended: str | None = None, **values: Any) -> Event:
    """A session was seen, opened or ended; in which order these arrive does not matter.

    Args:
        session_id: the audit's own id, never the secret key.
        at: when, in seconds since 1970.
        ended: `logout` or `replaced`.
        values: more columns.
    """
    seen = instant(at)
    values = {"session_id": session_id, "login_timestamp": seen, "last_activity_timestamp": seen, **values}
    if ended:
        values |= {"logout_timestamp": seen, "end_reason": ended}
    return Event(Kind.SESSION, values)


def merged(events: Iterable[Event]) -> list[Mapping[str, Any]]:
    """Views or sessions of one batch, one row for each id (cleaned ones), in the order of their ids: no deadlocks."""
    found: dict[str, dict[str, Any]] = {}
    for event in events:
        name, join = ("view_id", _join_views) if event.kind is Kind.VIEW else ("session_id", _join_sessions)
        key = str(event.values[name])
        found[key] = join(found[key], event.values) if key in found else event.values
    return [found[key] for key in sorted(found)]


def _join_views(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What the server has seen counts; the browser adds the time, the title, and what is missing."""
    first, second = (other, one) if _of_server(other) else (one, other)
    times = [seconds for each in (one, other) if (seconds := each.get("time_on_page_seconds")) is not None]
    joined = {**second, **first}
    if _of_server(first) and not _of_server(second):
        joined = {**first, **{name: second[name] for name in ("page_title", "referrer") if name in second and name not in first}}
    return {**joined, "time_on_page_seconds": max(times)} if times else joined


def _of_server(values: Mapping[str, Any]) -> bool:
    return bool(values.get("metadata", {}).get("source") == "server")


def _join_sessions(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    joined = {**other, **one}
    joined["login_timestamp"] = min(one["login_timestamp"], other["login_timestamp"])
    joined["last_activity_timestamp"] = max(one["last_activity_timestamp"], other["last_activity_timestamp"])
    return joined
