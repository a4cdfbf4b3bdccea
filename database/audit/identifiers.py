"""Ids of events: UUIDs of version 7, which carry the millisecond of their birth."""

from __future__ import annotations

import os
from collections import deque
from datetime import UTC, datetime
from uuid import UUID

_48_BITS = (1 << 48) - 1
_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
_DIGITS, _FETCHED = 32, 256
_ready: deque[str] = deque()


def chance() -> str:
    """32 random hexadecimal digits of the operating system's.

    They are fetched for many at a time: each fetch lets go of the interpreter, and a request would wait for another thread's.
    """
    try:
        return _ready.pop()
    except IndexError:
        fetched = os.urandom(_FETCHED * _DIGITS // 2).hex()
        _ready.extend(fetched[at : at + _DIGITS] for at in range(_DIGITS, len(fetched), _DIGITS))
        return fetched[:_DIGITS]


os.register_at_fork(after_in_child=_ready.clear)  # parent and child would give the same ids


def uuid7(at: float) -> str:
    """A new id as text: each event has one, and making a `UUID` takes several times as long.

    Args:
        at: seconds since 1970; what is less than a millisecond is cut off.
    """
    random = chance()
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
