"""Connection attempts that timed out, and what they leave behind."""

from __future__ import annotations

import traceback

import psycopg
from psycopg import errors

_SEVERAL = "Multiple connection attempts failed"  # psycopg's words; its type is that of the last attempt


def let_go(error: psycopg.Error) -> None:
    """Close what a failed attempt has left open.

    psycopg keeps an attempt that timed out in a cycle of error, traceback and frame, with its socket, until the garbage
    collector comes by; a server that is slow, and not dead, would keep a slot for each of them.
    """
    cause: BaseException | None = error
    while cause is not None:
        traceback.clear_frames(cause.__traceback__)
        cause = cause.__context__


def is_silence(error: psycopg.Error) -> bool:
    """Whether an attempt has met silence and nothing else: of several hosts, one may have answered before another did not."""
    return isinstance(error, errors.ConnectionTimeout) and _SEVERAL not in str(error)
