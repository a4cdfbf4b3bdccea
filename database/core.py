"""The way from a caller to a connection."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from psycopg_pool import PoolClosed, PoolTimeout

from database.connections import ManagedAsyncConnection, ManagedConnection
from database.decision import Decision
from database.errors import NoDatabaseError, PoolExhausted
from database.link import Link
from database.loops import AsyncGeneration
from database.pools import Generation, Made


class Core(Decision):
    """What a process has open. A forked child makes its own."""

    # ── threads ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def checkout(self, budget: float) -> tuple[Generation, ManagedConnection[Any]]:
        """A living connection of the source in use, and the pool to return it to.

        Raises:
            NoDatabaseError: both are out for the whole budget, or what is in use gave no answer in it.
            PoolExhausted: all connections were in use for the whole budget, or the server had no place for more.
            LoginRefused: the server answers, and lets nobody in.
        """
        begun = monotonic()
        deadline = begun + budget
        while True:
            seen, link = self._look()
            if link is None:
                self.wait(seen, deadline)
                continue
            try:
                generation = link.generation()
                if self._has_gone_out_of_use(link):
                    continue
                connection = self._usable(link, generation, deadline)
            except PoolClosed:  # it has gone out of use meanwhile: look again
                continue
            except PoolTimeout:
                raise self._too_late(link, generation, budget) from None
            self.metrics.checked_out(link, monotonic() - begun)
            return generation, connection

    def _usable(self, link: Link, generation: Generation, deadline: float) -> ManagedConnection[Any]:
        while True:
            try:
                connection = generation.pool.getconn(deadline - monotonic())
            except PoolClosed:
                if generation.refused is not None:
                    raise link.refusal(generation.refused) from None
                raise
            usable = False
            try:
                usable = link.is_usable(connection, deadline - monotonic())
            finally:  # also when Ctrl-C comes in the middle of the check
                if not usable:
                    connection.close()
                    generation.pool.putconn(connection)
            if usable:
                return connection
            link.suspect()

    # ── event loops ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def acheckout(self, budget: float) -> tuple[AsyncGeneration, ManagedAsyncConnection[Any]]:
        """The same for a task of the running event loop."""
        begun = monotonic()
        deadline = begun + budget
        while True:
            seen, link = self._look()
            if link is None:
                await self.wait_async(seen, deadline)
                continue
            try:
                generation = link.async_generation()
                if self._has_gone_out_of_use(link):
                    continue
                await generation.open()
                connection = await self._usable_async(link, generation, deadline)
            except PoolClosed:
                await asyncio.sleep(0)
                continue
            except PoolTimeout:
                raise self._too_late(link, generation, budget) from None
            self.metrics.checked_out(link, monotonic() - begun)
            return generation, connection

    async def _usable_async(self, link: Link, generation: AsyncGeneration, deadline: float) -> ManagedAsyncConnection[Any]:
        while True:
            try:
                connection = await generation.pool.getconn(deadline - monotonic())
            except PoolClosed:
                if generation.refused is not None:
                    raise link.refusal(generation.refused) from None
                raise
            usable = False
            try:
                usable = await link.is_usable_async(connection, deadline - monotonic())
            finally:  # also when it is cancelled in the middle of the check, and again here
                if not usable:
                    connection.pgconn.finish()
                    await asyncio.shield(asyncio.ensure_future(generation.pool.putconn(connection)))
            if usable:
                return connection
            link.suspect()

    # ── what callers are told ──────────────────────────────────────────────────────────────────────────────────────────────

    def _look(self) -> tuple[int, Link | None]:
        """Where to go, and the version of that answer."""
        if self.closed:
            raise PoolClosed("the connection manager is closed")
        return self.version, self.current

    def _has_gone_out_of_use(self, link: Link) -> bool:
        """Between the look and the making of a pool: nobody would close that before the next switch."""
        if self.current is link:
            return False
        link.retire()
        return True

    def _too_late(self, link: Link, pool: Made, budget: float) -> NoDatabaseError | PoolExhausted:
        """Only who knows that the database is well may say that the pool is too small for it."""
        if self.current is not link:
            return self.none_left()
        alive, waiting = pool.alive, link.statistics().get("requests_waiting", 0)
        said = f"no connection to {link.source} within {budget:g} s: {alive} of {self.config.pool_max} connections are in use"
        if link.breaker.is_busy:
            return PoolExhausted(f"{said}, and the server has no place for more; {waiting} callers wait", retry_after=1)
        if alive >= self.config.pool_max:
            return PoolExhausted(f"{said}, {waiting} callers wait", retry_after=1)
        return NoDatabaseError(f"{said}, and there is no answer yet to the request for another one", retry_after=1)
