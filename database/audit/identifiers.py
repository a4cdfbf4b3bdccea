"""Ids of events: UUIDs of version 7, which carry the millisecond of their birth."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import UUID

_48_BITS = (1 << 48) - 1
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


def uuid7(at: float) -> str:
    """A new id as text: each event has one, and making a `UUID` takes several times as long.

    Args:
        at: seconds since 1970; what is less than a millisecond is cut off.
    """
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
