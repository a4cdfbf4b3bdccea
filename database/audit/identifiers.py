"""Ids of events: UUIDs of version 7, which carry the millisecond of their birth."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from uuid import UUID

_48_BITS = (1 << 48) - 1
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def uuid7(at: float | None = None) -> UUID:
    """A new id.

    Args:
        at: seconds since 1970; by default now.
    """
    milliseconds = int((time.time() if at is None else at) * 1000) & _48_BITS
    random = int.from_bytes(os.urandom(10), "big")
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 64 & 0xFFF) << 64 | 2 << 62 | random & ((1 << 62) - 1))


def uuid7_text(at: float) -> str:
    """The same as text, several times as fast: each event has one."""
    random = os.urandom(10).hex()
    made = f"{int(at * 1000) & _48_BITS:012x}"
    return f"{made[:8]}-{made[8:]}-7{random[:3]}-{_VARIANT[random[3]]}{random[4:7]}-{random[7:19]}"


def born(identifier: UUID) -> datetime | None:
    """The millisecond in it; None: it is not of version 7."""
    if identifier.version != 7:
        return None
    try:
        return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
