"""Prometheus metrics of one process, in a registry of their own.

To have them beside an application's own: `prometheus_client.REGISTRY.register(get_db_manager().metrics)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from database.breaker import Position
from database.outage import Verdict

if TYPE_CHECKING:
    from database.decision import Decision
    from database.link import Link

_CHECKOUT_SECONDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.1, 0.5, 1.0, 2.5, 5.0)
_PROBE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_POOL = {
    "pool_size": ("database_pool_connections", "Connections of the pool, in use or at rest"),
    "pool_available": ("database_pool_idle", "Connections at rest"),
    "requests_waiting": ("database_pool_waiting", "Callers that wait for a connection"),
}


class Metrics(Collector):
    """What is measured; a collector that can be registered elsewhere, too."""

    def __init__(self, core: Decision) -> None:
        """Nothing is measured before something happens."""
        self._core = core
        self.registry = CollectorRegistry()
        self._switches = Counter("database_switches", "Changes of the source", ["from_source", "to_source"], registry=None)
        self._probes = Histogram(
            "database_probe_seconds", "Duration of a probe", ["source", "health"], registry=None, buckets=_PROBE_SECONDS
        )
        self._checkouts = Histogram(
            "database_checkout_seconds", "Until a connection is handed out", ["source"], registry=None, buckets=_CHECKOUT_SECONDS
        )
        self._checkout_of = {link: self._checkouts.labels(str(link.source)) for link in (core.primary, core.fallback)}
        self.registry.register(self)

    def switched(self, previous: Link | None, current: Link | None) -> None:
        """Count a change of the source."""
        names = ("none" if link is None else str(link.source) for link in (previous, current))
        self._switches.labels(*names).inc()

    def probed(self, link: Link, verdict: Verdict, seconds: float) -> None:
        """Note a probe's duration."""
        self._probes.labels(str(link.source), str(verdict.health)).observe(seconds)

    def checked_out(self, link: Link, seconds: float) -> None:
        """Note how long a caller waited for its connection."""
        self._checkout_of[link].observe(seconds)

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: registering must not look into pools."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The counters, and the gauges as they are at this moment."""
        for each in (self._switches, self._probes, self._checkouts):
            yield from each.collect()
        yield from self._state()
        yield from self._pools()

    def _state(self) -> Iterator[Metric]:
        core = self._core
        position = GaugeMetricFamily("database_breaker", "1 for the position of the breaker", labels=["source", "position"])
        in_use = GaugeMetricFamily("database_in_use", "1 for the source of new connections", labels=["source"])
        for link in (core.primary, core.fallback):
            for name in Position:
                position.add_metric([str(link.source), str(name)], float(link.breaker.state.position is name))
            in_use.add_metric([str(link.source)], float(core.current is link))
        yield position
        yield in_use

    def _pools(self) -> Iterator[Metric]:
        families = {key: GaugeMetricFamily(*names, labels=["source"]) for key, names in _POOL.items()}
        for link in (self._core.primary, self._core.fallback):
            statistics = link.statistics()
            for key, family in families.items():
                family.add_metric([str(link.source)], statistics.get(key, 0))
        yield from families.values()
