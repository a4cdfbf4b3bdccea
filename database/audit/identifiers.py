"""Ids of events: UUIDs of version 7, which carry the millisecond of their birth."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from uuid import UUID


def uuid7(at: float | None = None) -> UUID:
    """A new id.

    Args:
        at: seconds since 1970; by default now.
    """
    milliseconds = int((time.time() if at is None else at) * 1000) & ((1 << 48) - 1)
    random = int.from_bytes(os.urandom(10), "big")
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 64 & 0xFFF) << 64 | 2 << 62 | random & ((1 << 62) - 1))


def born(identifier: UUID) -> datetime | None:
    """The millisecond in it; None: it is not of version 7."""
    if identifier.version != 7:
        return None
    try:
        return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
