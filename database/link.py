"""The way to one database: its breaker, its pools, and what is known about it."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import psycopg
from psycopg_pool import PoolClosed

from database.ask import aask, ask
from database.breaker import Breaker
from database.config import DatabaseConfig
from database.connections import ManagedAsyncConnection, ManagedConnection
from database.errors import FallbackNotPublished, LoginRefused
from database.loops import AsyncGeneration, PoolsOfLoops
from database.managed import Managed
from database.outage import SILENT, Reason, Verdict, out
from database.pools import Generation
from database.publication import Publication
from database.server import Server, Source

_REFUSAL_LASTS = 1.0  # seconds: so long a refused login is not tried again


class Link:
    """One for lms and one for edu; implements `managed.Owner`."""

    def __init__(self, server: Server, breaker: Breaker, config: DatabaseConfig) -> None:
        """Nothing is opened.

        Args:
            server: where.
            breaker: whether it is in use; only the monitor changes it.
            config: sizes and times.
        """
        self.server = server
        self.source: Source = server.source
        self.breaker = breaker
        self.config = config
        self.silence = config.silence
        self.check_timeout = config.check_timeout
        self.retry_seconds = max(1, round(config.retry_seconds))
        self.in_use_since = datetime.now(UTC)
        self.publication: Publication | FallbackNotPublished | None = None
        self.on_suspicion: Callable[[Link], None] = lambda _link: None
        self.on_silence: Callable[[Link, float, Verdict], None] = lambda _link, _begun, _verdict: None
        self.closed = False
        self._lock = threading.Lock()
        self._generation: Generation | None = None
        self._loops = PoolsOfLoops(self._new_async)
        self._refused: tuple[float, Verdict] | None = None

    # ── what connections ask ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def stale_since(self) -> datetime | None:
        """When the fallback was published, once that is known; always None for lms."""
        return self.publication.published_at if isinstance(self.publication, Publication) else None

    @property
    def is_silent(self) -> bool:
        """Out without a word: whoever waits for an answer waits in vain."""
        return self.breaker.state.reason in SILENT

    def suspect(self) -> None:
        """Have the server looked at now."""
        if self.breaker.is_closed:
            self.on_suspicion(self)

    def hear_nothing(self, begun: float, error: psycopg.Error) -> None:
        """An attempt that was begun at that time of the monotonic clock has met silence."""
        if self.breaker.is_closed:
            self.on_silence(self, begun, out(Reason.TIMEOUT, error))

    # ── pools ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def generation(self) -> Generation:
        """The pool in use, opened now if need be.

        Raises:
            PoolClosed: the database has gone out of use meanwhile.
            LoginRefused: it was, a moment ago.
        """
        generation = self._generation
        if generation is not None:
            return generation
        with self._lock:
            self._check_open()
            if self._generation is None:
                self._generation = Generation(self, self.server.conninfo, self.config)
            return self._generation

    def async_generation(self) -> AsyncGeneration:
        """The same for the running event loop."""
        with self._lock:
            self._check_open()
            return self._loops.of_running_loop()

    def _new_async(self, forget: Callable[[AsyncGeneration], None]) -> AsyncGeneration:
        return AsyncGeneration(self, self.server.conninfo, self.config, forget)

    @property
    def _open(self) -> list[Generation | AsyncGeneration]:
        return [*([self._generation] if self._generation else []), *self._loops.all]

    def _check_open(self) -> None:
        if self.closed or not self.breaker.is_closed:
            raise PoolClosed(f"{self.source} is out of use")
        if self._refused is not None and monotonic() - self._refused[0] < _REFUSAL_LASTS:
            raise self.refusal(self._refused[1])

    def refusal(self, verdict: Verdict) -> LoginRefused:
        """The error for callers that wait for a connection which the server refuses."""
        server = self.server
        return LoginRefused(f"{server.user} is refused by {self.source} ({server.dbname} at {server.host}): {verdict.detail}")

    def retire(self, refused: Verdict | None = None) -> None:
        """Close what rests; what is in use finishes in peace and is closed when it comes back.

        Args:
            refused: why callers that wait now are told instead of being sent elsewhere.
        """
        with self._lock:
            retired = self._open
            self._generation = None
            self._loops.take_all()
            self._refused = None if refused is None else (monotonic(), refused)
        for each in retired:
            each.refused = refused
            each.retire()

    def deny(self, verdict: Verdict) -> None:
        """Take in that new logins are refused: a pool with living connections goes on, one without tells its callers."""
        if not self.alive:
            self.retire(verdict)

    @property
    def lets_nobody_in(self) -> bool:
        """Logins were refused when it was last looked at, and no connection is left from before."""
        return self.breaker.is_refusing and not self.alive

    @property
    def alive(self) -> int:
        """How many connections work, in all pools of this process."""
        with self._lock:
            return sum(each.alive for each in self._open)

    def statistics(self) -> dict[str, int]:
        """Numbers of psycopg_pool, all pools of this process together."""
        with self._lock:
            pools = self._open
        total: dict[str, int] = {}
        for each in pools:
            for name, number in each.pool.get_stats().items():
                total[name] = total.get(name, 0) + number
        return total

    def leave_to_parent(self) -> None:
        """In a forked child: the pools are the parent's."""
        for each in self._open:
            each.leave_to_parent()

    # ── connections ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def is_usable(self, connection: ManagedConnection[Any], budget: float) -> bool:
        """Whether a pooled connection is alive: a look at the socket, and a round trip when it has rested for a while."""
        try:
            if not self._needs_round_trip(connection):
                return True
            ask(connection.pgconn, b"", min(self.config.check_timeout, max(budget, 0.001)))
            return self._still_takes_writes(connection)
        except psycopg.Error:
            return False

    async def is_usable_async(self, connection: ManagedAsyncConnection[Any], budget: float) -> bool:
        """The same."""
        try:
            if not self._needs_round_trip(connection):
                return True
            await aask(connection.pgconn, b"", min(self.config.check_timeout, max(budget, 0.001)))
            return self._still_takes_writes(connection)
        except psycopg.Error:
            return False

    def _needs_round_trip(self, connection: Managed[Any]) -> bool:
        """After a rest; and at once when the server has said something unasked: mostly that it hangs up."""
        if monotonic() - connection.rested_at > self.config.check_idle:
            return True
        look = select.poll()
        look.register(connection.pgconn.socket, select.POLLIN)
        return bool(look.poll(0))

    def _still_takes_writes(self, connection: Managed[Any]) -> bool:
        return self.source is not Source.LMS or not connection.is_read_only
