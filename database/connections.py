"""The connections that are handed out: psycopg's, with `source`, `since`, `stale_since`, and typed errors."""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic
from typing import Any

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import Row

from database.half_open import is_silence, let_go
from database.managed import IN_BLOCK, Managed, Noting

_CANCEL = 1.0  # seconds for asking a server to give a statement up


class ManagedCursor(Noting, psycopg.Cursor[Row]):
    """See `Noting`."""


class ManagedAsyncCursor(Noting, psycopg.AsyncCursor[Row]):
    """See `Noting`."""


class ManagedServerCursor(Noting, psycopg.ServerCursor[Row]):
    """See `Noting`."""


class ManagedAsyncServerCursor(Noting, psycopg.AsyncServerCursor[Row]):
    """See `Noting`."""


class ManagedConnection(Managed[Row], psycopg.Connection[Row]):
    """A `psycopg.Connection` with `source`, `since`, `stale_since`, and typed errors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As in psycopg."""
        super().__init__(*args, **kwargs)
        self.cursor_factory = ManagedCursor
        self.server_cursor_factory = ManagedServerCursor

    @classmethod
    def connect(cls, conninfo: str = "", **kwargs: Any) -> Any:
        """Connect as psycopg does; a failure makes the manager look at the server."""
        begun = monotonic()
        try:
            connection = super().connect(conninfo, **kwargs)
        except psycopg.Error as error:
            let_go(error)
            if is_silence(error):
                cls.owner.hear_nothing(begun, error)
            else:
                cls.owner.suspect()
            raise
        connection.rested_at = monotonic()
        return connection

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Everything that the connection does goes through here."""
        before = self.pgconn.transaction_status
        try:
            if timeout is not None:
                return super().wait(gen, interval, timeout)
            while True:
                try:
                    return super().wait(gen, interval, self.owner.silence)
                except errors._WaitTimeout:
                    self.hear_silence()
        except psycopg.Error as error:
            self.fail(error, before)

    def restore(self) -> None:
        """Make it as new for the next user: roll back what is unfinished, undo what the session was told."""
        if self.pgconn.transaction_status in IN_BLOCK:
            self.rollback()
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            # in the middle of something, nobody can say of what; the server would go on with it, locks included
            with contextlib.suppress(psycopg.Error):
                self.cancel_safe(timeout=_CANCEL)
            self.close()
            return
        if (self.isolation_level, self.read_only, self.deferrable) != (None, None, None):
            self.isolation_level = self.read_only = self.deferrable = None
        if self.dirty:
            self.autocommit = True
            self.execute("discard all", prepare=False)
            self.forget_prepared()
            self.dirty = False
        if self.autocommit:
            self.autocommit = False
        self.wants_read_only = False
        self.rested_at = monotonic()


class ManagedAsyncConnection(Managed[Row], psycopg.AsyncConnection[Row]):
    """A `psycopg.AsyncConnection` with the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As in psycopg."""
        super().__init__(*args, **kwargs)
        self.cursor_factory = ManagedAsyncCursor
        self.server_cursor_factory = ManagedAsyncServerCursor

    @classmethod
    async def connect(cls, conninfo: str = "", **kwargs: Any) -> Any:
        """Connect as psycopg does; a failure makes the manager look at the server, and so does an attempt that takes long.

        A time-out proves nothing here: the event loop may have been busy with something else all the time. The look begins
        before it, so that nobody waits longer for that.
        """
        connection: Any = None
        takes_long = asyncio.get_running_loop().call_later(cls.owner.check_timeout, cls.owner.suspect)
        with contextlib.suppress(asyncio.CancelledError):
            try:
                connection = await super().connect(conninfo, **kwargs)
            except psycopg.Error as error:
                let_go(error)
                cls.owner.suspect()
                raise
            finally:
                takes_long.cancel()
        if connection is None:
            # a new one, without traceback: whoever keeps it (a log) would keep the half-made connection's socket open
            raise asyncio.CancelledError
        connection.rested_at = monotonic()
        return connection

    async def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Everything that the connection does goes through here."""
        before = self.pgconn.transaction_status
        try:
            if timeout is not None:
                return await super().wait(gen, interval, timeout)
            while True:
                try:
                    return await super().wait(gen, interval, self.owner.silence)
                except errors._WaitTimeout:
                    self.hear_silence()
        except psycopg.Error as error:
            self.fail(error, before)

    async def restore(self) -> None:
        """As `ManagedConnection.restore`."""
        if self.pgconn.transaction_status in IN_BLOCK:
            await self.rollback()
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            with contextlib.suppress(psycopg.Error):
                await self.cancel_safe(timeout=_CANCEL)
            await self.close()
            return
        if self.isolation_level is not None:
            await self.set_isolation_level(None)
        if self.read_only is not None:
            await self.set_read_only(None)
        if self.deferrable is not None:
            await self.set_deferrable(None)
        if self.dirty:
            await self.set_autocommit(True)
            await self.execute("discard all", prepare=False)
            self.forget_prepared()
            self.dirty = False
        if self.autocommit:
            await self.set_autocommit(False)
        self.wants_read_only = False
        self.rested_at = monotonic()
