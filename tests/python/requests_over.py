"""Requests that are over, and a recorder that keeps them, for tests and measurements."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from database.audit.context import Observation
from database.audit.events import Recordable
from database.audit.finished import Finished
from database.audit.recorder import Recorder

_PLAIN: dict[str, Any] = {
    "action": "read",
    "started": 1.0,
    "milliseconds": 1.0,
    "correlation_id": "c",
    "method": "GET",
    "path": "/",
    "status": 200,
}
_NOBODY = dict.fromkeys(
    ("user_id", "session_id", "ip_address", "user_agent", "route", "referrer", "viewed", "error", "details", "metadata")
)


def finished(**changes: Any) -> Finished:
    """One of which not much is known."""
    return Finished(**{**_PLAIN, **_NOBODY, **changes})


class Told:
    """A framework that knows this of a request."""

    def __init__(self, find: Callable[[str], Mapping[str, Any] | None], realm: Callable[[], Hashable] = lambda: None) -> None:
        self.find, self.realm = find, realm

    def resolve(self, observation: Observation) -> None:
        """Nobody is there."""


class Keeping(Recorder):
    """Writes nothing, starts nothing."""

    def __init__(self) -> None:
        super().__init__({})
        self.kept: list[Recordable] = []

    def record(self, event: Recordable) -> bool:
        """Keep it."""
        self.kept.append(event)
        return True

    def seen(self, *_: Any) -> None:
        """Nothing."""
