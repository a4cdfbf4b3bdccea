"""Pools for event loops: one per loop, closed when the loop ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolClosed

from database import publication
from database.ask import aask
from database.config import DatabaseConfig
from database.connections import ManagedAsyncConnection
from database.pools import CLOSING, Made, PoolOwner, settings
from database.server import Source


class _EndsWhenCancelled:
    """A queue that remembers a cancellation which its reader has swallowed."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    async def get(self) -> Any:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        return await self._queue.get()


class _Pool(AsyncConnectionPool[ManagedAsyncConnection[Any]]):
    """psycopg_pool takes the cancellation of a worker that is connecting for a failure to connect, and goes on.

    `asyncio.run` cancels everything at its end and would wait for such a worker for ever.
    """

    @classmethod
    async def worker(cls, q: Any) -> None:
        """Work until told to stop, or cancelled."""
        await super().worker(_EndsWhenCancelled(q))  # type: ignore[arg-type]


class AsyncGeneration(Made):
    """A pool for the tasks of one event loop."""

    def __init__(
        self, owner: PoolOwner, conninfo: str, config: DatabaseConfig, forget: Callable[[AsyncGeneration], None]
    ) -> None:
        """Made inside the running loop; opened by the first task that needs it.

        Args:
            owner: the link.
            conninfo: where.
            config: sizes and times.
            forget: called when the loop ends.
        """
        super().__init__(owner, config)
        self.loop = asyncio.get_running_loop()
        self._forget = forget
        self._retired = False
        bound = type("BoundAsyncConnection", (ManagedAsyncConnection,), {"owner": owner})
        self.pool = _Pool(conninfo, connection_class=bound, configure=self._configure, **settings(owner, config))
        self._guard: AsyncGenerator[None, None] | None = None

    async def open(self) -> None:
        """Open the pool, once.

        Raises:
            PoolClosed: it was retired meanwhile.
        """
        if self._guard is None:
            # asyncio closes the asynchronous generators that were begun in a loop when that loop ends: so the pool ends with it
            self._guard = self._until_closed()
            await anext(self._guard)
            await self.pool.open(wait=False)
        if self._retired:
            await self.pool.close(CLOSING)
            raise PoolClosed(f"{self.owner.source} is out of use")

    async def _until_closed(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._forget(self)
            # at the end of the loop the pool's workers are cancelled already, and close() stops at that
            with contextlib.suppress(asyncio.CancelledError):
                await self.pool.close(CLOSING)
            if not self._retired:
                self.finish()

    async def _configure(self, connection: ManagedAsyncConnection[Any]) -> None:
        self.keep(connection)
        if self.owner.source is Source.EDU:
            try:
                rows = await aask(connection.pgconn, publication.STATEMENT, self.config.check_timeout)
                self.owner.publication = publication.understand(rows)
            except (psycopg.ProgrammingError, psycopg.DataError) as error:
                self.owner.publication = publication.missing(error)

    def retire(self) -> None:
        """As `Generation.retire`, from any thread; the loop does it as soon as it can."""
        self._retired = True
        with contextlib.suppress(RuntimeError):  # the loop has ended, and the pool with it
            self.loop.call_soon_threadsafe(self._close_soon)

    def _close_soon(self) -> None:
        if self._guard is not None:
            self._closing = self.loop.create_task(self._guard.aclose())

    def leave_to_parent(self) -> None:
        """As above; the parent's loop does not run here."""
        super().leave_to_parent()
        self.pool._closed = True


class PoolsOfLoops:
    """The pools of one link, by event loop. The caller holds the link's lock."""

    def __init__(self, make: Callable[[Callable[[AsyncGeneration], None]], AsyncGeneration]) -> None:
        """Take what makes a pool for the running loop."""
        self._make = make
        self._pools: dict[asyncio.AbstractEventLoop, AsyncGeneration] = {}

    def of_running_loop(self) -> AsyncGeneration:
        """The pool of the running loop, made now if need be."""
        loop = asyncio.get_running_loop()
        if loop not in self._pools:
            for ended in [other for other in self._pools if other.is_closed()]:
                self._pools.pop(ended).finish()  # a loop that was closed without being asked to end its generators
            self._pools[loop] = self._make(self._forget)
        return self._pools[loop]

    def _forget(self, generation: AsyncGeneration) -> None:
        if self._pools.get(generation.loop) is generation:
            self._pools.pop(generation.loop, None)

    def take_all(self) -> list[AsyncGeneration]:
        """All of them, which are not handed out any more."""
        taken, self._pools = list(self._pools.values()), {}
        return taken

    @property
    def all(self) -> list[AsyncGeneration]:
        """All that are in use."""
        return list(self._pools.values())
