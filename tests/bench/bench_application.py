"""A simulated application's latency while the migration runs and publishes, against without it.

Fairness: the visitors of `tests/python/acceptance/application.py` read and write live rows as the application's role, on the
same machine and the same cores as dbt and both servers. They wait for an answer before they go on, so that a long wait is
one slow statement and not many: the longest wait stands beside the percentiles. Without means before the run and after it.
The publication is the time in which dbt executes `lms_publish`; the rest of the run competes for the processor only, and is
told for itself.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from application import Application
from databases import Databases
from psycopg.conninfo import make_conninfo

from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import command, world

WORKERS = 4
QUIET_SECONDS = 20.0
_BUCKET = 1.0


@dataclass
class Waits:
    """Seconds of statements, by what went on meanwhile."""

    found: dict[str, list[float]] = field(default_factory=lambda: {"without": [], "run": [], "publication": []})

    def sort(self, moments: Iterable[tuple[float, float]], run: Sequence[float], publication: Sequence[float]) -> None:
        """Put each statement, a moment and its seconds, where it belongs: where any part of it lies in the publication, there."""
        for started, seconds in moments:
            ended = started + seconds
            if ended >= publication[0] and started <= publication[1]:
                self.found["publication"].append(seconds)
            elif ended >= run[0] and started <= run[1]:
                self.found["run"].append(seconds)
            else:
                self.found["without"].append(seconds)


class Stopwatch(Application):
    """The application, with the moment of every statement."""

    def __init__(self, owner: str, application: str) -> None:
        super().__init__(owner, application, workers=WORKERS)
        self.moments: list[tuple[float, float]] = []

    def _do(self, connection: psycopg.Connection[Any], kind: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        started = time.time()
        clock = time.perf_counter()
        try:
            return super()._do(connection, kind, statement, *parameters)
        finally:
            self.moments.append((started, time.perf_counter() - clock))


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("application", options.scale, options.repeat)
    waits = Waits()
    with world(options.scale, folder=options.folder) as servers:
        for _ in range(options.repeat):
            databases = servers.databases()
            watch, run, publication = _one(databases)
            if watch.errors:
                raise RuntimeError(f"the application met {len(watch.errors)} errors: {watch.errors[0]}")
            waits.sort(watch.moments, run, publication)
            servers.drop(databases)
    without = _percentile(waits.found["without"], 99)
    for name, seconds in waits.found.items():
        result.add(
            {"without": "without a migration", "run": "while it loads, builds and tests", "publication": "while it publishes"}[
                name
            ],
            statements=len(seconds),
            p50_ms=_percentile(seconds, 50) * 1000,
            p99_ms=_percentile(seconds, 99) * 1000,
            longest_ms=max(seconds) * 1000,
            p99_ratio=_percentile(seconds, 99) / without,
        )
    result.notes.append(f"{WORKERS} visitors; percentiles of the statements of all runs together.")
    result.goals.append(Goal("p99 while it publishes / without", _percentile(waits.found["publication"], 99) / without, 2.0))
    result.data = _curve(watch.moments, run, publication, options.scale)
    return result


def _one(databases: Databases) -> tuple[Stopwatch, tuple[float, float], tuple[float, float]]:
    """One run with the application at work before, meanwhile and after."""
    role = {"user": databases.settings["LMS_APP_USER"], "password": databases.settings["LMS_APP_PASSWORD"]}
    with Stopwatch(databases.lms, make_conninfo(databases.lms, **role)) as watch:
        time.sleep(QUIET_SECONDS)
        started = time.time()
        command(databases, "run", "--publish")
        ended = time.time()
        time.sleep(QUIET_SECONDS)
    path = databases.folder / "target" / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    (node,) = (each for each in results if each["unique_id"].endswith(".lms_publish"))
    (timing,) = (each for each in node["timing"] if each["name"] == "execute")
    return watch, (started, ended), (_moment(timing["started_at"]), _moment(timing["completed_at"]))


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC).timestamp()


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _curve(
    moments: Sequence[tuple[float, float]], run: Sequence[float], publication: Sequence[float], scale: float
) -> dict[str, Any]:
    """p50 and p99 in milliseconds for every second of the last run."""
    begin = min(started for started, _ in moments)
    buckets: dict[int, list[float]] = {}
    for started, seconds in moments:
        buckets.setdefault(int((started + seconds - begin) / _BUCKET), []).append(seconds * 1000)
    points = [
        [number * _BUCKET, round(_percentile(values, 50), 3), round(_percentile(values, 99), 3)]
        for number, values in sorted(buckets.items())
        if len(values) > 1
    ]
    return {
        "title": f"Latency of the application around one run, scale {scale:g}",
        "points": points,
        "run": [round(moment - begin, 2) for moment in run],
        "publish": [round(moment - begin, 2) for moment in publication],
    }
