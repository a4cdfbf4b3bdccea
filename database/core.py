"""The two links, the thread that watches them, and the way from a caller to a connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from psycopg_pool import PoolClosed, PoolTimeout

from database import events, server
from database.breaker import Breaker
from database.config import DatabaseConfig
from database.connections import ManagedAsyncConnection, ManagedConnection
from database.errors import NoDatabaseError, PoolExhausted
from database.link import Link
from database.loops import AsyncGeneration
from database.metrics import Metrics
from database.monitor import Monitor
from database.outage import Verdict
from database.pools import Generation


class Core:
    """What a process has open. A forked child makes its own."""

    def __init__(self, config: DatabaseConfig) -> None:
        """Start the monitor; nothing else is opened before it is needed."""
        self.config = config
        self.primary = Link(server.primary(config), Breaker(config.good_probes, config.retry_seconds), config)
        self.fallback = Link(server.fallback(config), Breaker(1, 0.0), config)
        self.metrics = Metrics(self)
        self.closed = False
        self.switches = 0
        self.last_switch: datetime | None = None
        self._source: Link | None = self.primary
        self._changed = threading.Condition()
        self._version = 0
        self._waiting_tasks: set[Callable[[], None]] = set()
        self.monitor = Monitor(self.primary, self.fallback, config, on_change=self._take_in_change, on_probe=self._take_in_probe)
        self.monitor.start()

    # ── the decision, as the monitor has made it ───────────────────────────────────────────────────────────────────────────

    @property
    def current(self) -> Link | None:
        """Where new checkouts go; None while both are out."""
        if self.primary.breaker.is_closed:
            return self.primary
        return self.fallback if self.fallback.breaker.is_closed else None

    def is_ready(self, timeout: float) -> bool:
        """Whether there is a source in use that was seen; right after the start, wait for the first look."""
        deadline = monotonic() + timeout
        with self._changed:
            self._changed.wait_for(lambda: self._seen or self.closed, max(0.0, deadline - monotonic()))
        return self.current is not None and self._seen

    @property
    def _seen(self) -> bool:
        return self.current is None or self.current.breaker.verified

    def _take_in_change(self, link: Link) -> None:
        previous, self._source = self._source, self.current
        if self._source is not previous:
            self.switches += 1
            self.last_switch = datetime.now(UTC)
            if self._source is not None:
                self._source.in_use_since = self.last_switch
            self.metrics.switched(previous, self._source)
            events.switched(previous, self._source, link, self.config)
        self._tell_waiting()
        if not link.breaker.is_closed:
            link.retire()
        if self.primary.breaker.is_closed:
            self.fallback.retire()

    def _take_in_probe(self, link: Link, verdict: Verdict, seconds: float) -> None:
        self.metrics.probed(link, verdict, seconds)
        events.probed(link, verdict, seconds)

    def _tell_waiting(self) -> None:
        with self._changed:
            self._version += 1
            self._changed.notify_all()
            tasks, self._waiting_tasks = self._waiting_tasks, set()
        for wake in tasks:
            wake()

    # ── threads ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def checkout(self, budget: float) -> tuple[Generation, ManagedConnection[Any]]:
        """A living connection of the source in use, and the pool to return it to.

        Raises:
            NoDatabaseError: both are out for the whole budget.
            PoolExhausted: all connections were in use for the whole budget.
            LoginRefused: the server answers, and lets nobody in.
        """
        begun = monotonic()
        deadline = begun + budget
        while True:
            seen, link = self._version, self.current
            if link is None:
                self._wait(seen, deadline)
                continue
            try:
                generation = link.generation()
                connection = self._usable(link, generation, deadline)
            except PoolClosed as closed:
                self._check_open(closed)
                continue
            except PoolTimeout:
                raise self._too_late(link, link.statistics(), budget) from None
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
            if link.is_usable(connection, deadline - monotonic()):
                return connection
            connection.close()
            generation.pool.putconn(connection)
            link.suspect()

    def _wait(self, seen: int, deadline: float) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: self._version != seen, max(0.0, deadline - monotonic())):
                raise self._none()

    # ── event loops ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def acheckout(self, budget: float) -> tuple[AsyncGeneration, ManagedAsyncConnection[Any]]:
        """The same for a task of the running event loop."""
        begun = monotonic()
        deadline = begun + budget
        while True:
            seen, link = self._version, self.current
            if link is None:
                await self._wait_async(seen, deadline)
                continue
            try:
                generation = link.async_generation()
                await generation.open()
                connection = await self._usable_async(link, generation, deadline)
            except PoolClosed as closed:
                self._check_open(closed)
                await asyncio.sleep(0)
                continue
            except PoolTimeout:
                raise self._too_late(link, link.statistics(), budget) from None
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
            if await link.is_usable_async(connection, deadline - monotonic()):
                return connection
            await connection.close()
            await generation.pool.putconn(connection)
            link.suspect()

    async def _wait_async(self, seen: int, deadline: float) -> None:
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        with self._changed:
            if self._version != seen:
                return
            self._waiting_tasks.add(wake)
        try:
            async with asyncio.timeout(max(0.0, deadline - monotonic())):
                await changed.wait()
        except TimeoutError:
            raise self._none() from None
        finally:
            with self._changed:
                self._waiting_tasks.discard(wake)

    # ── what callers are told ──────────────────────────────────────────────────────────────────────────────────────────────

    def _check_open(self, closed: PoolClosed) -> None:
        """A closed pool means: look again where to go. Unless everything is closed for good."""
        if self.closed:
            raise closed

    def _too_late(self, link: Link, statistics: dict[str, int], budget: float) -> NoDatabaseError | PoolExhausted:
        if self.current is not link:
            return self._none()
        waiting = statistics.get("requests_waiting", 0)
        return PoolExhausted(
            f"no connection to {link.source} within {budget:g} s: {statistics.get('pool_size', 0)} of {self.config.pool_max} "
            f"connections are in use, {waiting} callers wait",
            retry_after=1,
        )

    def _none(self) -> NoDatabaseError:
        states = (f"{link.source} is out ({link.breaker.state.reason})" for link in (self.primary, self.fallback))
        return NoDatabaseError(" and ".join(states), retry_after=max(1, round(self.config.both_out_seconds)))

    # ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        """Close everything; connections in use are closed when they come back."""
        self.closed = True
        self.monitor.stop()
        for link in (self.primary, self.fallback):
            link.closed = True
            link.retire()
        self._tell_waiting()

    def leave_to_parent(self) -> None:
        """In a forked child: nothing here may be used, and nothing may reach the parent's connections."""
        self.closed = True
        self.primary.leave_to_parent()
        self.fallback.leave_to_parent()
