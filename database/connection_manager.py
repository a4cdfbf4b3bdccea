"""The application's connections: lms while it is well, the legacy edu as a read-only safety net while it is not.

from database.connection_manager import get_db_manager

with get_db_manager().get_connection(dict_cursor=True) as conn:
    rows = conn.execute("select * from students limit 10").fetchall()
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Any, Literal, overload

import psycopg
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row
from psycopg_pool import PoolClosed

from database import information
from database.config import DatabaseConfig
from database.connections import ManagedAsyncConnection, ManagedConnection
from database.core import Core
from database.errors import ConfigurationError
from database.loops import AsyncGeneration
from database.metrics import Metrics

Config = DatabaseConfig | Mapping[str, Any]


class DatabaseConnectionManager:
    """Hands out connections; safe for threads, forks and several event loops. Nothing is opened before it is needed."""

    def __init__(self, config: Config | None = None) -> None:
        """Remember the settings.

        Args:
            config: settings by field name of `DatabaseConfig`; what is not given comes from the environment and from
                Django's settings, and is read at the first use (so that this may stand in a Django settings file).
        """
        self._given = config
        self._core: Core | None = None
        self._lock = threading.Lock()
        self.closed = False
        _managers.add(self)

    @property
    def core(self) -> Core:
        """What is open in this process.

        Raises:
            ConfigurationError: a setting is missing or wrong.
            PoolClosed: after `close_all`.
        """
        core = self._core
        if core is not None:
            return core
        with self._lock:
            if self.closed:
                raise PoolClosed("the connection manager is closed")
            if self._core is None:
                given = self._given
                self._core = Core(given if isinstance(given, DatabaseConfig) else DatabaseConfig.load(given))
            return self._core

    @property
    def config(self) -> DatabaseConfig:
        """The settings in use."""
        return self.core.config

    @property
    def metrics(self) -> Metrics:
        """The Prometheus metrics of this process."""
        return self.core.metrics

    @overload
    def get_connection(
        self, dict_cursor: Literal[False] = False, *, timeout: float | None = None
    ) -> AbstractContextManager[ManagedConnection[TupleRow]]: ...
    @overload
    def get_connection(
        self, dict_cursor: Literal[True], *, timeout: float | None = None
    ) -> AbstractContextManager[ManagedConnection[DictRow]]: ...
    def get_connection(
        self, dict_cursor: bool = False, *, timeout: float | None = None
    ) -> AbstractContextManager[ManagedConnection[Any]]:
        """A connection for a `with` block. Commits are the caller's: what is unfinished at the end is rolled back.

        Args:
            dict_cursor: rows as dicts instead of tuples.
            timeout: seconds to wait for it; by default the setting `checkout_timeout`.

        Raises:
            NoDatabaseError: both databases are out for the whole time, or the one in use gave no answer in it.
            PoolExhausted: all connections were in use for the whole time, or the server had no place for more; no switch.
            LoginRefused: the server answers, and lets nobody in; no switch.
        """
        return self._connection(dict_cursor, timeout)

    @contextmanager
    def _connection(self, dict_cursor: bool, timeout: float | None) -> Iterator[ManagedConnection[Any]]:
        core = self.core
        generation, connection = core.checkout(core.config.checkout_timeout if timeout is None else timeout)
        connection.row_factory = dict_row if dict_cursor else tuple_row
        try:
            yield connection
        finally:
            try:
                connection.restore()
            except psycopg.Error:
                connection.close()
            finally:
                generation.pool.putconn(connection)

    @overload
    def aconnection(
        self, dict_cursor: Literal[False] = False, *, timeout: float | None = None
    ) -> AbstractAsyncContextManager[ManagedAsyncConnection[TupleRow]]: ...
    @overload
    def aconnection(
        self, dict_cursor: Literal[True], *, timeout: float | None = None
    ) -> AbstractAsyncContextManager[ManagedAsyncConnection[DictRow]]: ...
    def aconnection(
        self, dict_cursor: bool = False, *, timeout: float | None = None
    ) -> AbstractAsyncContextManager[ManagedAsyncConnection[Any]]:
        """The same for `async with`, from a pool of the running event loop, which is closed when that loop ends."""
        return self._aconnection(dict_cursor, timeout)

    @asynccontextmanager
    async def _aconnection(self, dict_cursor: bool, timeout: float | None) -> AsyncIterator[ManagedAsyncConnection[Any]]:
        core = self.core
        generation, connection = await core.acheckout(core.config.checkout_timeout if timeout is None else timeout)
        connection.row_factory = dict_row if dict_cursor else tuple_row
        try:
            yield connection
        finally:
            # whoever is cancelled may be cancelled again at each await: the connection must come back nevertheless
            await asyncio.shield(asyncio.ensure_future(_give_back(generation, connection)))

    def get_database_info(self) -> dict[str, Any]:
        """What is known about both databases, JSON-able; asks nothing and never waits."""
        return information.describe(self.core)

    def is_ready(self, timeout: float = 1.0) -> bool:
        """Whether there is a database to work with; right after the start, wait for the first probe."""
        return self.core.is_ready(timeout)

    def close_all(self) -> None:
        """Close every pool and stop the monitor; connections in use are closed when they come back. For good."""
        with self._lock:
            self.closed = True
            core, self._core = self._core, None
        if core is not None:
            core.close()

    def _begin_again_in_child(self) -> None:
        self._lock = threading.Lock()
        core, self._core = self._core, None
        if core is not None:
            core.leave_to_parent()
            _parents.append(core)


async def _give_back(generation: AsyncGeneration, connection: ManagedAsyncConnection[Any]) -> None:
    try:
        await connection.restore()
    except psycopg.Error:
        await connection.close()
    finally:
        await generation.pool.putconn(connection)


_managers: weakref.WeakSet[DatabaseConnectionManager] = weakref.WeakSet()
_parents: list[Core] = []
"""In a forked child: what belongs to the parent, kept so that nothing is collected, and thereby closed, here."""
_default: DatabaseConnectionManager | None = None
_default_lock = threading.Lock()


def get_db_manager(config: Config | None = None) -> DatabaseConnectionManager:
    """The manager of this process, made at the first call.

    Args:
        config: as of `DatabaseConnectionManager`; only the first call may give one.

    Raises:
        ConfigurationError: another manager is in use already.
    """
    global _default
    with _default_lock:
        if _default is None or _default.closed:
            _default = DatabaseConnectionManager(config)
        elif config is not None and config != _default._given:
            raise ConfigurationError("the process has a connection manager with other settings: close_all() that first")
        return _default


@overload
def get_db_connection(
    dict_cursor: Literal[False] = False, *, timeout: float | None = None
) -> AbstractContextManager[ManagedConnection[TupleRow]]: ...
@overload
def get_db_connection(
    dict_cursor: Literal[True], *, timeout: float | None = None
) -> AbstractContextManager[ManagedConnection[DictRow]]: ...
def get_db_connection(
    dict_cursor: bool = False, *, timeout: float | None = None
) -> AbstractContextManager[ManagedConnection[Any]]:
    """`get_db_manager().get_connection(...)`."""
    return get_db_manager()._connection(dict_cursor, timeout)


def _after_fork_in_child() -> None:
    global _default_lock
    _default_lock = threading.Lock()
    for manager in list(_managers):
        manager._begin_again_in_child()


os.register_at_fork(after_in_child=_after_fork_in_child)
