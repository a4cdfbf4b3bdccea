"""A request that is over. Its events are made by the writer: not in the request's time, and many in a row, which is quicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from database.audit.cleaning import row
from database.audit.context import Observation
from database.audit.events import Event, Kind, instant
from database.audit.identifiers import uuid7


@lru_cache(maxsize=4096)
def _who(user_id: str | None, session_id: str | None, ip_address: str | None, user_agent: str | None) -> Mapping[str, Any]:
    """The same for all pages of a visit; nobody changes it."""
    return row({"user_id": user_id, "session_id": session_id, "ip_address": ip_address, "user_agent": user_agent})


@dataclass(slots=True)
class Finished:
    """What is recorded of it; no secret is in it any more, and nothing of the framework's is held by it.

    Attributes:
        observation: user, session, route, address, times; nobody changes it any more.
        action: `page_view`, `read`, `request` or `error`.
        path: masked.
        referrer: masked.
        details: masked.
        milliseconds: until the last part of the answer was sent.
    """

    observation: Observation
    action: str
    path: str | None
    referrer: str | None
    details: dict[str, Any]
    milliseconds: float

    @property
    def number(self) -> int:
        """Of events."""
        return 1 if self.observation.viewed is None else 2

    def ready(self) -> list[Event]:
        """The request, and the view of a page; with values that PostgreSQL takes."""
        seen = self.observation
        error = seen.error or (None, None)
        common = {
            **_who(seen.user_id, seen.session_id, seen.ip_address, seen.user_agent),
            **row({"correlation_id": seen.correlation_id, "route": seen.route}),
        }
        request = row({
            "request_path": self.path,
            "request_method": seen.method,
            "response_status": seen.status,
            "response_ms": round(self.milliseconds, 3),
            "error_class": error[0],
            "error_fingerprint": error[1],
            "action_details": self.details or None,
            "metadata": seen.metadata or None,
        })  # fmt: skip
        named = {"event_id": uuid7(seen.started), "action_timestamp": instant(seen.started), "action_type": self.action}
        made = [Event(Kind.LOG, {**named, **common, **request})]
        if seen.viewed is not None:
            view_id, at = seen.viewed
            viewed = {
                "view_id": view_id,
                "view_timestamp": instant(int(at * 1000) / 1000),  # the millisecond in the id, which the browser sends back
                **row({"page_path": self.path, "referrer": self.referrer}),
                "metadata": {"source": "server"},
            }
            made.append(Event(Kind.VIEW, {**common, **viewed}))
        return made
