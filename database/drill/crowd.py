"""The simulated application: threads that ask for screens through the connection manager, and note what they get."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from types import TracebackType

import psycopg

from database.connection_manager import DatabaseConnectionManager
from database.drill.result import Phase
from database.drill.visitors import WRITE_EVERY, WRITES, Seen, Visitor, look, try_to_write
from database.errors import DatabaseError
from database.server import Source

PAUSE = 0.05
"""Seconds between two requests of a thread: people think, and the real servers have other work."""


class Crowd:
    """`with Crowd(…) as crowd:` visits until the end of the block; `begin` opens the book of a new phase."""

    def __init__(
        self, manager: DatabaseConnectionManager, visitors: Sequence[Visitor], screens: Mapping[str, str], threads: int
    ) -> None:
        """Nobody visits yet.

        Args:
            manager: hands out the connections.
            visitors: drawn at random for each request.
            screens: SQL by name; a thread asks for one after the other.
            threads: how many at a time.
        """
        self._manager, self._visitors, self._screens = manager, visitors, screens
        self.phase = Phase("")
        self._began = monotonic()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(number,), daemon=True) for number in range(threads)]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(self._manager.config.checkout_timeout if error is None else 0)

    def begin(self, name: str) -> Phase:
        """Note what ends from now on under this name; returns the book, which is written to until the next one is opened."""
        with self._lock:
            now = monotonic()
            self.phase.seconds = now - self._began
            self.phase, self._began = Phase(name), now
        return self.phase

    def _visit(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  (the same visits in every drill)
        screens = itertools.islice(itertools.cycle(self._screens.values()), number, None)
        writes = itertools.islice(itertools.cycle(WRITES), number, None)
        for request in itertools.count(number):
            if self._stopping.wait(PAUSE * chance.uniform(0.5, 1.5)):
                return
            began = monotonic()
            try:
                seen = self._request(chance, next(screens), writes if request % WRITE_EVERY == 0 else None)
            except Exception as error:  # whatever an application would have got
                self._note(began, error)
            else:
                self._note(began, seen)

    def _request(self, chance: random.Random, screen: str, writes: Iterator[bytes] | None) -> Seen:
        visitor = chance.choice(self._visitors)
        with self._manager.get_connection() as connection:
            rows = look(connection, visitor, screen, visitor.parameters(chance))
            written = None
            if writes is not None and connection.source is Source.EDU:
                written = try_to_write(connection, next(writes))
            return Seen(connection.source, rows, written)

    def _note(self, began: float, what: Seen | Exception) -> None:
        with self._lock:
            now, phase = monotonic(), self.phase
            phase.milliseconds.append((now - began) * 1000)
            if isinstance(what, Exception):
                phase.errors[type(what).__name__] += 1
                phase.first_error = phase.first_error or _said(what)
                return
            if what.source is Source.LMS:
                phase.on_lms += 1
                # an answer that was held up in a black hole does not show that anybody is back
                if phase.to_lms_seconds is None and began >= self._began:
                    phase.to_lms_seconds = now - self._began
            else:
                phase.on_edu += 1
                if phase.to_fallback_seconds is None:
                    phase.to_fallback_seconds = now - self._began
            phase.writes_refused += what.written == "refused"
            phase.writes_through += what.written == "through"


def _said(error: Exception) -> str:
    text = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    words = " ".join((text or str(error)).split())
    if isinstance(error, DatabaseError):
        words = words.removesuffix(error.fix).rstrip(". ")
    return f"{type(error).__name__}: {words}"
