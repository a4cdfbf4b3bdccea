"""The one thread that looks at the databases and decides. No user's request ever does."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from time import monotonic

from database import events
from database.config import DatabaseConfig
from database.link import Link
from database.outage import GOOD, Health, Verdict
from database.probe import probe

_BREATH = 0.05  # seconds between two looks that suspicion asks for
_NO_PROOF = (float("-inf"), GOOD)
_chance = secrets.SystemRandom()


class Monitor:
    """Probes lms and edu, one at a time, when they are due or suspected, and tells the breakers."""

    def __init__(
        self,
        primary: Link,
        fallback: Link,
        config: DatabaseConfig,
        *,
        on_change: Callable[[Link], None],
        on_probe: Callable[[Link, Verdict, float], None],
    ) -> None:
        """Nothing is started.

        Args:
            primary: used whenever it is well.
            fallback: used while the primary is out.
            config: times.
            on_change: called in the monitor's thread after a link was seen first, came into use, or went out of it.
            on_probe: called after each probe with its verdict and its seconds.
        """
        self._links = (primary, fallback)
        self._primary = primary
        self._config = config
        self._on_change = on_change
        self._on_probe = on_probe
        self._wake = threading.Condition()
        self._due = {primary: 0.0, fallback: 0.0}
        self._proofs: dict[Link, tuple[float, Verdict]] = {}
        self._looked = {primary: float("-inf"), fallback: float("-inf")}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="edu2lms-database-monitor", daemon=True)
        for link in self._links:
            link.on_suspicion = self.suspect
            link.on_silence = self.hear_nothing

    def start(self) -> None:
        """Begin: both are probed at once."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits for a probe that is under way."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def suspect(self, link: Link) -> None:
        """Look at a link as soon as possible."""
        with self._wake:
            self._look_soon(link)

    def hear_nothing(self, link: Link, begun: float, verdict: Verdict) -> None:
        """Take in that a connection attempt has met silence: that proves an outage, there is nothing more to be seen.

        Unless there was a look since it was begun: then it tells of another time, perhaps of another outage, and is a suspicion.
        """
        with self._wake:
            self._proofs[link] = (begun, verdict)
            self._look_soon(link)

    def _look_soon(self, link: Link) -> None:
        self._due[link] = min(self._due[link], self._looked[link] + _BREATH)
        self._wake.notify()

    def seconds_until_probe(self, link: Link) -> float:
        """When it is looked at next."""
        return max(0.0, self._due[link] - monotonic())

    def _run(self) -> None:
        while (link := self._next()) is not None:
            try:
                begun, verdict = self._proofs.pop(link, _NO_PROOF)
                self._take_in(link, verdict if begun > self._looked[link] else self._probe(link))
            except Exception:  # without this thread nothing would ever be decided again
                events.logger.exception("the database monitor failed; it goes on", extra={"event": "database_monitor_failed"})
                with self._wake:
                    self._due[link] = monotonic() + self._config.both_out_seconds

    def _next(self) -> Link | None:
        """Wait for the link that is due first; None: the end."""
        with self._wake:
            while not self._stopping:
                link = min(self._links, key=lambda each: self._due[each])  # the primary when both are due
                left = self._due[link] - monotonic()
                if left <= 0 or link in self._proofs:
                    self._due[link] = float("inf")
                    return link
                self._wake.wait(left)
        return None

    def _probe(self, link: Link) -> Verdict:
        begun = time.perf_counter()
        finding = probe(link.server)
        self._on_probe(link, finding.verdict, time.perf_counter() - begun)
        if finding.publication is not None:
            link.publication = finding.publication
        return finding.verdict

    def _take_in(self, link: Link, verdict: Verdict) -> None:
        first = not link.breaker.verified
        other_is_out = not all(each.breaker.is_closed for each in self._links if each is not link)
        changed = link.breaker.see(verdict, at_once=other_is_out or link is not self._primary)
        if verdict.health is Health.DENIED and link.breaker.is_closed:
            link.deny(verdict)
        none_left = not any(each.breaker.is_closed for each in self._links)
        with self._wake:
            self._looked[link] = monotonic()
            self._due[link] = min(self._due[link], self._looked[link] + self._pause(link))
            if changed and none_left:
                self._due = {each: min(due, monotonic()) if each is not link else due for each, due in self._due.items()}
        if changed or first:
            self._on_change(link)

    def _pause(self, link: Link) -> float:
        """Seconds until the link is to be looked at again if nothing happens."""
        config = self._config
        if not any(each.breaker.is_closed for each in self._links):
            return config.both_out_seconds
        if link.breaker.state.good:
            return config.good_probe_seconds
        return config.retry_seconds * _chance.uniform(1 - config.retry_jitter, 1 + config.retry_jitter)
