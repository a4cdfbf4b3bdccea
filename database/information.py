"""What the manager knows, as a JSON-able dict. Nothing here asks a database: it never waits."""

from __future__ import annotations

from typing import Any

from database.breaker import Breaker
from database.core import Core
from database.errors import DatabaseError
from database.link import Link
from database.publication import Publication


def describe(core: Core) -> dict[str, Any]:
    """State of both databases, of the switch between them, and of the pools."""
    current = core.current
    return {
        "source": None if current is None else str(current.source),
        "since": None if current is None else current.in_use_since.isoformat(),
        "stale_since": None if current is None or current.stale_since is None else current.stale_since.isoformat(),
        "read_only": current is core.fallback,
        "switches": core.switches,
        "last_switch": None if core.last_switch is None else core.last_switch.isoformat(),
        "primary": _link(core, core.primary),
        "fallback": {**_link(core, core.fallback), "publication": _publication(core.fallback)},
    }


def _link(core: Core, link: Link) -> dict[str, Any]:
    server = link.server
    return {
        "source": str(link.source),
        "host": server.host,
        "port": server.port,
        "dbname": server.dbname,
        "user": server.user,
        **_breaker(link.breaker),
        "next_probe_seconds": round(min(core.monitor.seconds_until_probe(link), 1e9), 3),
        "pool": link.statistics(),
    }


def _breaker(breaker: Breaker) -> dict[str, Any]:
    state = breaker.state
    return {
        "state": str(state.position),
        "state_since": state.since.isoformat(),
        "verified": breaker.verified,
        "reason": None if state.reason is None else str(state.reason),
        "detail": state.detail,
        "good_probes": state.good,
        "good_probes_needed": breaker.needed,
    }


def _publication(link: Link) -> dict[str, Any] | None:
    """The publication; the error's type, text and remedy when there is none; None before the fallback was looked at."""
    if isinstance(link.publication, Publication):
        return link.publication.as_dict()
    if isinstance(link.publication, DatabaseError):
        error = link.publication
        return {"error": {"type": type(error).__name__, "message": str(error), "fix": error.fix, "sqlstate": error.sqlstate}}
    return None
