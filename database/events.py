"""Structured log lines: a sentence for people, and `extra` with plain key=value pairs for machines."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from database.config import DatabaseConfig
from database.outage import Health, Verdict

if TYPE_CHECKING:
    from database.link import Link

logger = logging.getLogger("database")


def switched(previous: Link | None, current: Link | None, cause: Link, config: DatabaseConfig) -> None:
    """The application goes elsewhere: a warning when it leaves lms, an error when nothing is left."""
    state = cause.breaker.state
    names = {"from_source": _name(previous), "to_source": _name(current)}
    why = f"{cause.source} is back" if cause.breaker.is_closed else f"{cause.source} is out: {state.reason}"
    level = logging.ERROR if current is None else logging.WARNING if not cause.breaker.is_closed else logging.INFO
    logger.log(
        level,
        "database switched from %s to %s: %s",
        names["from_source"],
        names["to_source"],
        why,
        extra={
            "event": "database_switch",
            **names,
            "cause_source": str(cause.source),
            "reason": None if state.reason is None else str(state.reason),
            "detail": state.detail,
            "at": datetime.now(UTC).isoformat(),
            "retry_seconds": config.retry_seconds,
        },
    )


def probed(link: Link, verdict: Verdict, seconds: float) -> None:
    """A refused login deserves a warning each time: nobody else would notice. The rest is for debugging."""
    level = logging.WARNING if verdict.health is Health.DENIED else logging.DEBUG
    logger.log(
        level,
        "%s probed: %s",
        link.source,
        verdict.health,
        extra={
            "event": "database_probe",
            "probed_source": str(link.source),
            "health": str(verdict.health),
            "reason": None if verdict.reason is None else str(verdict.reason),
            "detail": verdict.detail,
            "seconds": round(seconds, 6),
        },
    )


def _name(link: Link | None) -> str:
    return "none" if link is None else str(link.source)
