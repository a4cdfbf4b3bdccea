"""A request that is over. Its events are made by the writer: not in the request's time, and many in a row, which is quicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from database.audit.cleaning import row
from database.audit.events import Event, Kind, instant
from database.audit.identifiers import uuid7

_KEPT = 400


@dataclass(slots=True)
class Finished:
    """What is recorded of it: nothing of the framework's, no secret, and nothing that anybody could still change.

    Attributes:
        action: `page_view`, `read`, `request` or `error`.
        started: seconds since 1970.
        milliseconds: until the last part of the answer was sent.
        path: masked.
        referrer: masked.
        details: masked; None: there are none, as of most requests, and so with `metadata`.
        viewed: id of the page's view, and when the page was answered, in seconds since 1970; None: it is no page.
        error: class and fingerprint.
    """

    action: str
    started: float
    milliseconds: float
    user_id: str | None
    session_id: str | None
    ip_address: str | None
    user_agent: str | None
    correlation_id: str
    route: str | None
    method: str | None
    path: str | None
    status: int | None
    referrer: str | None
    viewed: tuple[str, float] | None
    error: tuple[str, str] | None
    details: dict[str, Any] | None
    metadata: dict[str, Any] | None
    event_id: str = ""

    def __post_init__(self) -> None:
        """The event has its id from birth: recorded twice, it is there once."""
        self.event_id = uuid7(self.started)

    @property
    def number(self) -> int:
        """Of events."""
        return 1 if self.viewed is None else 2

    def ready(self) -> list[Event]:
        """The request, and the view of a page; with values that PostgreSQL takes."""
        common = {**self._who(), **row({"correlation_id": self.correlation_id, "route": self.route})}
        error = self.error or (None, None)
        request = row({
            "request_path": self.path,
            "request_method": self.method,
            "response_status": self.status,
            "response_ms": round(self.milliseconds, 3),
            "error_class": error[0],
            "error_fingerprint": error[1],
        })  # fmt: skip
        named = {"event_id": self.event_id, "action_timestamp": instant(self.started), "action_type": self.action}
        made = [Event(Kind.LOG, {**named, **common, **request, **self._described()})]
        if self.viewed is not None:
            view_id, at = self.viewed
            viewed = {
                "view_id": view_id,
                "view_timestamp": instant(int(at * 1000) / 1000),  # the millisecond in the id, which the browser sends back
                **row({"page_path": self.path, "referrer": self.referrer}),
                "metadata": {"source": "server"},
            }
            made.append(Event(Kind.VIEW, {**common, **viewed}))
        return made

    def _who(self) -> Mapping[str, Any]:
        given = self.user_id, self.session_id, self.ip_address, self.user_agent
        return _known(*given) if sum(len(each or "") for each in given) <= _KEPT else _cleaned(*given)

    def _described(self) -> Mapping[str, Any]:
        """What the application has noted may be anything, also what cannot be shown."""
        if not self.details and not self.metadata:
            return {}
        try:
            return row({"action_details": self.details or {}, "metadata": self.metadata or {}})
        except Exception as error:
            return {"action_details": {"left_out": type(error).__name__}}


def _cleaned(user_id: str | None, session_id: str | None, ip_address: str | None, user_agent: str | None) -> Mapping[str, Any]:
    return row({"user_id": user_id, "session_id": session_id, "ip_address": ip_address, "user_agent": user_agent})


_known = lru_cache(maxsize=4096)(_cleaned)
"""The same for all pages of a visit; nobody changes it, and what is too long is not kept."""
