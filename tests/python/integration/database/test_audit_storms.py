"""Many requests with lms stopped in the middle and started again, and a worker killed: what was made is recorded, and once."""

from __future__ import annotations

import itertools
import os
import re
import signal
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest
from audit_servers import Site
from database_world import until
from recorder_world import FAST

pytestmark = pytest.mark.parametrize("site", ["fastapi", "django"], indirect=True, scope="module")
THREADS = 8
LOGINS = 20
"""Every so many requests is a login."""
# what SIGKILL can take along: the flush interval, the batch that lms has not answered, and the request that was under way
MOMENT = FAST["flush_interval"] + 1.5 * FAST["write_patience"] + 0.5


@dataclass
class Storm:
    """Requests of several clients, and what became of each."""

    site: Site
    total: int
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    views: dict[str, tuple[float, int]] = field(default_factory=dict)
    """Answered page views: correlation id → when, by which process."""
    logins: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    """Requests whose connection broke."""

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._work) for _ in range(THREADS)]

    @property
    def done(self) -> int:
        return len(self.views) + len(self.logins)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def reach(self, share: float) -> None:
        until(lambda: self.done >= self.total * share, 300)

    def _work(self) -> None:
        with self.site.client() as client:
            while (number := next(self._numbers)) < self.total:
                self._one(client, number)

    def _one(self, client: httpx.Client, number: int) -> None:
        name = f"{self.run}-{number}"
        headers = {"X-Request-ID": name}
        try:
            if number % LOGINS == 0:
                client.post("/login", json={"username": str(number), "password": "right"}, headers=headers).raise_for_status()
                self.logins.add(name)
            else:
                response = client.get(f"/page/{number}", headers=headers).raise_for_status()
                self.views[name] = (time.monotonic(), int(re.findall(r"<p>(\d+)</p>", response.text)[0]))
        except httpx.TransportError:
            self.unknown.add(name)

    def recorded(self, action: str) -> list[str]:
        """Correlation ids, with repetitions if there are any."""
        like = f"correlation_id like '{self.run}-%'"
        if action == "view":
            return [name for (name,) in self.site.audited.rows(f"select correlation_id from page_views where {like}")]
        where = f"{like} and action_type = '{action}'"
        return [name for (name,) in self.site.audited.rows(f"select correlation_id from audit_logs where {where}")]


SIZES = pytest.mark.parametrize("total", [1000, pytest.param(20_000, marks=pytest.mark.nightly)])


@SIZES
def test_an_outage(site: Site, total: int) -> None:
    storm = Storm(site, total)
    storm.start()
    storm.reach(0.2)
    site.audited.stop()
    storm.reach(0.6)
    site.audited.start()
    storm.join()
    assert (storm.done, storm.unknown) == (total, set())
    until(lambda: len(storm.recorded("page_view")) >= len(storm.views) and len(storm.recorded("view")) >= len(storm.views), 120)
    until(lambda: len(storm.recorded("login")) >= len(storm.logins), 60)
    for action, made in (("page_view", set(storm.views)), ("view", set(storm.views)), ("login", storm.logins)):
        recorded = storm.recorded(action)
        assert (len(recorded), set(recorded)) == (len(made), made), action
    assert site.audited.count("user_sessions") >= len(storm.logins)


@SIZES
def test_an_outage_in_which_a_worker_is_killed(site: Site, total: int) -> None:
    storm = Storm(site, total)
    storm.start()
    storm.reach(0.2)
    site.audited.stop()
    storm.reach(0.5)
    victim = next(iter(storm.views.values()))[1]
    os.kill(victim, signal.SIGKILL)
    killed = time.monotonic()
    storm.reach(0.7)
    site.audited.start()
    storm.join()
    can_be_lost = {name for name, (at, pid) in storm.views.items() if pid == victim and at > killed - MOMENT}
    sure = set(storm.views) - can_be_lost
    until(lambda: sure <= set(storm.recorded("page_view")) and sure <= set(storm.recorded("view")), 120)
    until(lambda: storm.logins <= set(storm.recorded("login")), 60)
    for action, made in (("page_view", set(storm.views)), ("view", set(storm.views)), ("login", storm.logins)):
        recorded = storm.recorded(action)
        assert len(recorded) == len(set(recorded)), f"{action}: twice"
        assert set(recorded) <= made | storm.unknown
    assert len(storm.unknown) <= THREADS * 2, "the other worker went on"
