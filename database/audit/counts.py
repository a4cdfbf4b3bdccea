"""What was counted in this process: for Prometheus, for the log, and for the row in audit_logs that tells of losses."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

logger = logging.getLogger("database.audit")
_EVERY = 10.0  # seconds between two lines about the same


class Counts(Collector):
    """Thread-safe; also a Prometheus collector, with a registry of its own."""

    def __init__(self, waiting: Callable[[], int], spooled: Callable[[], int]) -> None:
        """Take the two sizes that are looked up when somebody asks."""
        self._lock = threading.Lock()
        self._waiting, self._spooled = waiting, spooled
        self._totals: Counter[str] = Counter()
        self._dropped: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()
        self._said: dict[str, float] = {}
        self.unfit: str | None = None
        """Why lms takes no events although it is there; None: it does, or it is away."""
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def add(self, what: str, number: int = 1) -> None:
        """Count `recorded`, `written` or `spooled`."""
        with self._lock:
            self._totals[what] += number

    def drop(self, reason: str, number: int = 1, detail: object = "") -> None:
        """Count what is lost, and say so.

        Args:
            reason: `overflow`, `refused`, `spool_failed`.
            number: of events.
            detail: for the log.
        """
        with self._lock:
            self._dropped[reason] += number
            self._untold[reason] += number
            total = self._dropped[reason]
        self.say(logging.ERROR, f"dropped {reason}", "audit events dropped (%s): %d until now. %s", reason, total, detail)

    def say(self, level: int, about: str, message: str, *values: object) -> None:
        """A line of the log, at most one every ten seconds about the same."""
        now = time.monotonic()
        with self._lock:
            if now - self._said.get(about, -_EVERY) < _EVERY:
                return
            self._said[about] = now
        logger.log(level, message, *values, extra={"event": "audit_" + about.partition(" ")[0]})

    def is_unfit(self, why: str | None) -> None:
        """Lms can take no events as it is, or takes them again (None). Said in the log when that changes."""
        with self._lock:
            before, self.unfit = self.unfit, why
        if why is not None and before is None:
            message = "lms takes no audit events, and waiting does not heal it: %s. They are kept on disk; run `edu2lms prepare`"
            self.say(logging.ERROR, "unfit", message, why)

    def untold(self) -> dict[str, int]:
        """What was dropped since this was asked the last time, by reason."""
        with self._lock:
            told, self._untold = dict(self._untold), Counter()
        return told

    def tell_again(self, told: dict[str, int]) -> None:
        """The telling has failed."""
        with self._lock:
            self._untold.update(told)

    def total(self, what: str) -> int:
        """`recorded`, `written`, `spooled`, `dropped`."""
        with self._lock:
            return sum(self._dropped.values()) if what == "dropped" else self._totals[what]

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance."""
        return []

    def collect(self) -> Iterator[Metric]:
        """For Prometheus."""
        with self._lock:
            totals, dropped, unfit = dict(self._totals), dict(self._dropped), self.unfit is not None
        for name, text in (("recorded", "Events taken in"), ("written", "Events in lms"), ("spooled", "Events put on disk")):
            yield CounterMetricFamily(f"audit_{name}", text, value=totals.get(name, 0))
        lost = CounterMetricFamily("audit_dropped", "Events lost", labels=["reason"])
        for reason in ("overflow", "refused", "spool_failed"):
            lost.add_metric([reason], dropped.get(reason, 0))
        yield lost
        yield GaugeMetricFamily("audit_lms_unfit", "1: lms lacks a right, a table or a column, and takes no events", value=unfit)
        yield GaugeMetricFamily("audit_queue_events", "Requests and other events in memory", value=self._waiting())
        yield GaugeMetricFamily("audit_spool_events", "Events on disk", value=self._spooled())
