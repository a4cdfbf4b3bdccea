"""Advisory locks: in lms one load or run at a time and one prepare, in edu one publication of the fallback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from loader import queries
from loader.config import Settings
from loader.connection import Connection
from loader.errors import BusyError

_CLASS = 0x6564756C  # "edul": keeps our locks apart from everybody else's
LOAD_OR_RUN = 1
PREPARE = 2
FALLBACK = 3


@contextmanager
def advisory_lock(settings: Settings, connection: Connection, number: int, *, database: str = "lms") -> Iterator[None]:
    """Hold the lock for the block; it also ends with the connection.

    Raises:
        BusyError: somebody else holds it.
    """
    got = connection.execute("select pg_try_advisory_lock(%s, %s)", (_CLASS, number)).fetchone()
    if not got or not got[0]:
        holder = connection.execute(queries.read("advisory_lock_holder"), {"class": _CLASS, "number": number}).fetchone()
        raise BusyError(where=settings.where(database), holder=f" ({holder[0]})" if holder else "")
    try:
        yield
    finally:
        # when the server has gone, so has the lock, and what went wrong is told by the error that is on its way
        with suppress(psycopg.OperationalError):
            connection.execute("select pg_advisory_unlock(%s, %s)", (_CLASS, number))
