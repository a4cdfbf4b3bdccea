"""Pools of psycopg_pool, each used from one switch to the next: a retired pool is closed and never opened again."""

from __future__ import annotations

import contextlib
import os
import weakref
from typing import Any, Protocol

import psycopg
from psycopg_pool import ConnectionPool

from database import publication
from database.ask import ask
from database.config import DatabaseConfig
from database.connections import ManagedConnection
from database.errors import FallbackNotPublished
from database.managed import Managed, Owner
from database.outage import Verdict
from database.publication import Publication
from database.server import Source

CLOSING = 0.05
"""Seconds for each of a pool's workers to end; callers that wait for a connection are told after that."""


class PoolOwner(Owner, Protocol):
    """The link, as its pools see it."""

    publication: Publication | FallbackNotPublished | None


def settings(owner: PoolOwner, config: DatabaseConfig) -> dict[str, Any]:
    """What both kinds of pool are made with.

    A connection attempt that fails is judged by the manager within milliseconds; what the pool itself does about it, trying
    again while its callers wait, matters only when the server is full.
    """
    return {
        "min_size": config.pool_min,
        "max_size": config.pool_max,
        "timeout": config.checkout_timeout,
        "reconnect_timeout": max(config.checkout_timeout, 1.0),
        "name": f"edu2lms-{owner.source}",
        "open": False,
    }


class Made:
    """The connections of one pool, as long as they exist."""

    def __init__(self, owner: PoolOwner, config: DatabaseConfig) -> None:
        """Nothing is opened."""
        self.owner = owner
        self.config = config
        self.refused: Verdict | None = None
        """Why the pool was given up: callers raise it instead of looking for another pool."""
        self._made: weakref.WeakValueDictionary[int, Managed[Any]] = weakref.WeakValueDictionary()

    def keep(self, connection: Managed[Any]) -> None:
        """Remember a new connection."""
        self._made[id(connection)] = connection

    def _all(self) -> list[Managed[Any]]:
        """Those that are there; other threads may be adding some, which disturbs no list of references."""
        return [connection for reference in self._made.valuerefs() if (connection := reference()) is not None]

    @property
    def alive(self) -> int:
        """How many connections of it work, as far as is known."""
        return sum(not connection.closed for connection in self._all())

    def finish(self) -> None:
        """Close all sockets without a word."""
        for connection in self._all():
            connection.pgconn.finish()

    def leave_to_parent(self) -> None:
        """In a forked child: whatever happens to these objects here, nothing reaches the parent's sockets."""
        devnull = os.open(os.devnull, os.O_RDWR)
        for connection in self._all():
            with contextlib.suppress(OSError, psycopg.Error):
                os.dup2(devnull, connection.pgconn.socket)
        os.close(devnull)


class Generation(Made):
    """A pool for threads."""

    def __init__(self, owner: PoolOwner, conninfo: str, config: DatabaseConfig) -> None:
        """Open the pool; its connections are made in the background."""
        super().__init__(owner, config)
        bound = type("BoundConnection", (ManagedConnection,), {"owner": owner})
        self.pool: ConnectionPool[ManagedConnection[Any]] = ConnectionPool(
            conninfo, connection_class=bound, configure=self._configure, **settings(owner, config)
        )
        self.pool.open(wait=False)

    def _configure(self, connection: ManagedConnection[Any]) -> None:
        self.keep(connection)
        if self.owner.source is Source.EDU:
            try:
                rows = ask(connection.pgconn, publication.STATEMENT, self.config.check_timeout)
                self.owner.publication = publication.understand(rows)
            except (psycopg.ProgrammingError, psycopg.DataError) as error:
                self.owner.publication = publication.missing(error)

    def retire(self) -> None:
        """Close what rests, tell who waits; what is in use is closed when it comes back."""
        self.pool.close(CLOSING)

    def leave_to_parent(self) -> None:
        """As above; and the pool's threads, which do not exist here, are not waited for."""
        super().leave_to_parent()
        self.pool._closed = True
