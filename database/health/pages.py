"""The pages, without a framework.

| page | 200 when | else |
|---|---|---|
| live | the process answers; it says nothing about databases, so that nobody restarts it because of them | |
| ready | there is a database to work with, lms or the fallback, and it lets us in | 503, Retry-After |
| status | always: everything that is known | |
| metrics | always: Prometheus | |
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from database.connection_manager import DatabaseConnectionManager

_JSON = "application/json"


@dataclass(frozen=True)
class Page:
    """A finished answer."""

    status: int
    body: bytes
    content_type: str = _JSON
    headers: dict[str, str] = field(default_factory=dict)


def live(manager: DatabaseConnectionManager) -> Page:
    """The process answers."""
    del manager
    return _json(200, {"status": "alive"})


def ready(manager: DatabaseConnectionManager) -> Page:
    """There is a database to work with; right after the start this waits for the first probe, at most a second."""
    is_ready = manager.is_ready()
    source = manager.get_database_info()["source"]
    if is_ready:
        return _json(200, {"status": "ready", "source": source, "read_only": source == "edu"})
    retry = max(1, round(manager.config.both_out_seconds))
    return _json(503, {"status": "not ready", "source": None}, {"Retry-After": str(retry)})


def status(manager: DatabaseConnectionManager) -> Page:
    """Everything that is known, without asking a database; of the audit where it is in use."""
    audit = sys.modules.get("database.audit.recorder")
    known = None if audit is None else audit.status()
    return _json(200, manager.get_database_info() | ({} if known is None else {"audit": known}))


def metrics(manager: DatabaseConnectionManager) -> Page:
    """The metrics of this process, with those of the audit where it is in use."""
    audit = sys.modules.get("database.audit.recorder")
    more = b"" if audit is None else audit.metrics()
    return Page(200, generate_latest(manager.metrics.registry) + more, CONTENT_TYPE_PLAIN_0_0_4)


PAGES = {"/health/live": live, "/health/ready": ready, "/health/status": status, "/metrics": metrics}


def _json(code: int, value: dict[str, Any], headers: dict[str, str] | None = None) -> Page:
    return Page(code, json.dumps(value).encode(), headers={"Cache-Control": "no-store", **(headers or {})})
