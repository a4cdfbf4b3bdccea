"""The two links, the thread that watches them, and the decision which of them is in use."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from database import events, server
from database.breaker import Breaker
from database.config import DatabaseConfig
from database.errors import NoDatabaseError
from database.link import Link
from database.metrics import Metrics
from database.monitor import Monitor
from database.outage import Verdict


class Decision:
    """Which database is in use, and the waiting for that to change."""

    def __init__(self, config: DatabaseConfig) -> None:
        """Start the monitor; nothing else is opened before it is needed."""
        self.config = config
        self.primary = Link(server.primary(config), Breaker(config.good_probes, 2 * config.retry_seconds), config)
        self.fallback = Link(server.fallback(config), Breaker(1, 0.0), config)
        self.metrics = Metrics(self)
        self.closed = False
        self.switches = 0
        self.last_switch: datetime | None = None
        self._source: Link | None = self.primary
        self._changed = threading.Condition()
        self.version = 0
        """Grows with each change of what is in use."""
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
        """Whether there is a source in use that was seen and lets us in; right after the start, wait for the first look.

        A source that does not is looked at again, so that whoever asks once more learns of its return.
        """
        deadline = monotonic() + timeout
        with self._changed:
            self._changed.wait_for(lambda: self._seen or self.closed, max(0.0, deadline - monotonic()))
        current = self.current
        if current is None:
            return False
        if self._seen and not current.lets_nobody_in:
            return True
        current.suspect()
        return False

    @property
    def _seen(self) -> bool:
        return self.current is None or self.current.breaker.verified or self.current.alive > 0

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
            self.version += 1
            self._changed.notify_all()
            tasks, self._waiting_tasks = self._waiting_tasks, set()
        for wake in tasks:
            wake()

    # ── waiting while both are out ──────────────────────────────────────────────────────────────────────────────────────────

    def wait(self, seen: int, deadline: float) -> None:
        """Wait until `version` is no longer the one that was seen.

        Raises:
            NoDatabaseError: it still is, at the deadline.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self.version != seen, max(0.0, deadline - monotonic())):
                raise self.none_left()

    async def wait_async(self, seen: int, deadline: float) -> None:
        """The same for a task."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(changed.set)

        with self._changed:
            if self.version != seen:
                return
            self._waiting_tasks.add(wake)
        try:
            async with asyncio.timeout(max(0.0, deadline - monotonic())):
                await changed.wait()
        except TimeoutError:
            raise self.none_left() from None
        finally:
            with self._changed:
                self._waiting_tasks.discard(wake)

    def none_left(self) -> NoDatabaseError:
        """The error for callers that have waited long enough."""
        if (current := self.current) is not None:  # just now
            return NoDatabaseError(f"{current.source} came into use when the time was over", retry_after=1)
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
