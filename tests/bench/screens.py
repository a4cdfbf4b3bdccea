"""The five screens under load: while lms is well, during the switch there and back, and on the fallback.

What is asked is a `Target`. The connection manager is one; an example served over HTTP becomes one by a function that makes the
request and returns what the answer says about its source: `walk` needs nothing else.
"""

from __future__ import annotations

import random
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from bad_network import BadNetwork

from database.drill.visitors import Visitor
from tests.bench.results import Goal, Result

LMS, SWITCH, FALLBACK = "lms", "during the switch", "fallback"
USERS = 4
PAUSE = 0.05
QUIET_SECONDS = 30.0
SWITCH_SECONDS = 2.0
WARM_SECONDS = 10.0  # a connection's first look at a screen reads the catalogue, 20 to 60 ms
_PATIENCE = 30.0
_WARMING = "while connections are new"


class Target(Protocol):
    """Something that answers screens."""

    def __call__(self, screen: str, visitor: Visitor, parameters: Mapping[str, Any]) -> str:
        """Ask for one screen; returns `lms` or `edu`. An error is whatever it raises."""


@dataclass
class Book:
    """Seconds by screen and place, errors by place."""

    seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)


def walk(
    direct: Target, through: Target, way: BadNetwork, screens: Sequence[str], visitors: Sequence[Visitor], repeat: int
) -> Book:
    """Put both targets under load.

    Args:
        direct: its way to lms is the shortest; it is asked while lms is well.
        through: its way to lms leads through `way`, that to the fallback does not.
        way: breaks and is repaired.
        screens: their names.
        visitors: drawn at random.
        repeat: number of switches there and back.
    """
    book = Book()
    with _load(direct, book, screens, visitors) as load:
        time.sleep(WARM_SECONDS)
        load.place = LMS
        time.sleep(QUIET_SECONDS)
    with _load(through, book, screens, visitors) as load:
        for _ in range(repeat):
            load.wait_for("lms")
            load.place = SWITCH
            way.refuse()
            load.wait_for("edu")
            time.sleep(SWITCH_SECONDS)
            load.place = _WARMING
            time.sleep(WARM_SECONDS)
            load.place = FALLBACK
            time.sleep(QUIET_SECONDS / repeat)
            load.place = SWITCH
            way.repair()
            load.wait_for("lms")
            time.sleep(SWITCH_SECONDS)
            load.place = _WARMING
    return book


class _Load:
    """Users that look at screens, and think in between."""

    def __init__(self, target: Target, book: Book, screens: Sequence[str], visitors: Sequence[Visitor]) -> None:
        self.place = _WARMING
        self.stopping = threading.Event()
        self._target, self._book, self._screens, self._visitors = target, book, screens, visitors
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self.threads = [threading.Thread(target=self._use, args=(number,)) for number in range(USERS)]

    def wait_for(self, source: str) -> None:
        """Until a request that is made from now on is answered by it."""
        now = time.perf_counter()
        while self._last.get(source, 0.0) < now:
            if time.perf_counter() - now > _PATIENCE:
                raise RuntimeError(f"no answer of {source} within {_PATIENCE:g} s: {self._book.errors}")
            time.sleep(0.005)

    def _use(self, number: int) -> None:
        chance = random.Random(number)
        while not self.stopping.wait(PAUSE * chance.uniform(0.5, 1.5)):
            visitor, screen = chance.choice(self._visitors), chance.choice(self._screens)
            started = time.perf_counter()
            try:
                source = self._target(screen, visitor, visitor.parameters(chance))
            except Exception as error:
                self._note(screen, started, error)
            else:
                self._note(screen, started, None, source)

    def _note(self, screen: str, started: float, error: Exception | None, source: str = "") -> None:
        with self._lock:
            place, seconds = self.place, time.perf_counter() - started
            if source:
                self._last[source] = max(started, self._last.get(source, 0.0))
            self._book.requests[place] = self._book.requests.get(place, 0) + 1
            self._book.seconds.setdefault((screen, place), []).append(seconds)
            if error is not None:
                self._book.errors.setdefault(place, []).append(f"{type(error).__name__}: {error}")


@contextmanager
def _load(target: Target, book: Book, screens: Sequence[str], visitors: Sequence[Visitor]) -> Iterator[_Load]:
    load = _Load(target, book, screens, visitors)
    for thread in load.threads:
        thread.start()
    try:
        yield load
    finally:
        load.stopping.set()
        for thread in load.threads:
            thread.join()


def add_screens(result: Result, book: Book, through: str, *, prefix: str = "") -> None:
    """A line per screen and place, the goals, and how many requests failed.

    Args:
        result: gets them.
        book: what `walk` has noted.
        through: what was asked, for the goals.
        prefix: of the lines, where several things are asked in one measurement.
    """
    slowest: dict[str, tuple[float, float]] = {}
    for screen in sorted({screen for screen, _ in book.seconds}):
        for place in (LMS, SWITCH, FALLBACK):
            times = [seconds * 1000 for seconds in book.seconds[screen, place]]
            mean, p99 = statistics.fmean(times), _percentile(times, 99)
            quantiles = {"p50_ms": _percentile(times, 50), "p95_ms": _percentile(times, 95), "p99_ms": p99}
            result.add(f"{prefix}{screen}: {place}", requests=len(times), mean_ms=mean, **quantiles, longest_ms=max(times))
            slowest[place] = max(slowest.get(place, (0.0, 0.0))[0], mean), max(slowest.get(place, (0.0, 0.0))[1], p99)
    for place, (mean, _) in slowest.items():
        result.goals.append(Goal(f"mean ms of the slowest screen through {through}, {place}", mean, 100))
    for place in (LMS, FALLBACK):
        result.goals.append(Goal(f"p99 ms of the slowest screen through {through}, {place}", slowest[place][1], 20))
    errors = sum(map(len, book.errors.values()))
    share = 100 * errors / book.requests[SWITCH]  # wherever they were: what is asked between the switches dilutes nothing
    result.goals.append(Goal(f"% of requests through {through} that failed, of those during the switches", share, 1))
    for place in (LMS, SWITCH, FALLBACK, _WARMING):
        found = book.errors.get(place, [])
        first = f"; the first: {' '.join(found[0].split())}" if found else ""
        result.notes.append(f"{prefix}errors, {place}: {len(found):,} of {book.requests[place]:,} requests{first}.")


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
