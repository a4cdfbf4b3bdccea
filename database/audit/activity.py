"""The last activity of the sessions that this process sees: kept in memory, written at most once a minute for each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from database.audit import events
from database.audit.events import Event

_MOST = 100_000


@dataclass(slots=True)
class _Seen:
    first: float
    last: float
    written: float
    values: Callable[[], dict[str, Any]]


class Activity:
    """Thread-safe."""

    def __init__(self, seconds: float, idle_seconds: float) -> None:
        """Nothing was seen.

        Args:
            seconds: between two writes of a session.
            idle_seconds: after which a session is forgotten here.
        """
        self._seconds, self._idle = seconds, idle_seconds
        self._seen: dict[str, _Seen] = {}
        self._lock = threading.Lock()

    def seen(self, session_id: str, at: float, values: Callable[[], dict[str, Any]]) -> None:
        """A session was used.

        Args:
            session_id: the audit's own id.
            at: seconds since 1970.
            values: more columns, asked for when it is written: what other processes know may be missing there.
        """
        found = self._seen.get(session_id)
        if found is not None:
            found.last = max(found.last, at)
            return
        with self._lock:
            if len(self._seen) < _MOST:
                self._seen.setdefault(session_id, _Seen(at, at, float("-inf"), values))

    def forget(self, session_id: str) -> None:
        """It has ended."""
        with self._lock:
            self._seen.pop(session_id, None)

    def due(self, now: float, *, everything: bool = False) -> list[Event]:
        """What is to be written now: sessions used since they were written, a minute ago or more."""
        found = []
        with self._lock:
            for session_id, seen in list(self._seen.items()):
                if seen.last > seen.written and (everything or now - seen.written >= self._seconds):
                    values = {**seen.values(), "login_timestamp": events.instant(seen.first)}
                    found.append(events.session(session_id, at=seen.last, **values))
                    seen.written = seen.last
                elif now - seen.last > self._idle:
                    del self._seen[session_id]
        return found
