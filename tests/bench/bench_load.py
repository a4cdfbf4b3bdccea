"""How much of a full load does a load of changes take? Prints seconds, processor seconds and ratios; promises nothing.

Where other programs are busy, the ratio of the processor seconds (both servers and this program) says more than the other.

    python tests/bench/bench_load.py --scale 1

Starts two servers of its own in a temporary folder, and fills them.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from loader.config import Settings
from loader.console import Progress
from loader.demo.demo import Pair
from loader.demo.fill import fill
from loader.demo.servers import MARKER
from loader.drift import drift
from loader.load import load
from loader.prepare import prepare
from loader.project import Project, SourceTable
from loader.results import LoadResult

QUIET = Progress(quiet=True)


def edit(edu: str, tables: tuple[SourceTable, ...], share: float, turn: int) -> None:
    """Change `share` of the rows of every table, scattered at random; delete and insert a quarter of that each."""
    with psycopg.connect(edu, autocommit=True) as connection:
        connection.execute("select setseed(%s)", (turn % 1000 / 1000,))
        for table in tables:
            name = sql.Identifier(table.name)
            values: dict[str, Any] = {"share": share, "turn": turn}
            change = "update {0} set update_date = now(), update_user_id = %(turn)s where random() < %(share)s"
            connection.execute(sql.SQL(change).format(name), values)
            connection.execute(sql.SQL("delete from {0} where random() < %(share)s / 4").format(name), values)
            others = sql.SQL(", ").join(sql.Identifier(column) for column in table.column_names if column != "id")
            add = (
                "insert into {0} (id, {1}) select (select max(id) from {0}) + row_number() over (), {1} "
                "from {0} where random() < %(share)s / 4"
            )
            connection.execute(sql.SQL(add).format(name, others), values)


@dataclass
class Measured:
    """Medians of some loads."""

    seconds: float
    processor: float
    last: LoadResult


class Bench:
    def __init__(self, pair: Pair, tables: tuple[SourceTable, ...], repeat: int) -> None:
        self.settings = Settings(**{key.lower(): value for key, value in pair.environment().items()})  # type: ignore[arg-type]
        self.pair, self.tables, self.repeat = pair, tables, repeat
        self.full: Measured | None = None

    def processor(self) -> float:
        """Seconds that ended sessions of both servers and this program have used."""
        time.sleep(0.3)  # until the sessions have ended
        times = [psutil.Process(cluster.pid).cpu_times() for cluster in self.pair.clusters.values()]
        own = psutil.Process().cpu_times()
        return sum(each.children_user + each.children_system for each in times) + own.user + own.system

    def measure(self, title: str, *, before: Callable[[], object] = lambda: None, full: bool = False) -> Measured:
        seconds, processor = [], []
        for _ in range(self.repeat):
            before()
            started = self.processor()
            last = load(self.settings, self.tables, full=full, progress=QUIET)
            processor.append(self.processor() - started)
            seconds.append(last.seconds)
        result = Measured(statistics.median(seconds), statistics.median(processor), last)
        self.full = self.full or result
        counts = f"{last.inserted:,} inserted, {last.changed:,} changed, {last.deleted:,} deleted"
        ratios = f"{result.seconds / self.full.seconds:5.2f} {result.processor / self.full.processor:10.2f}"
        print(f"{title:28} {result.seconds:8.2f} {result.processor:10.2f} {ratios}   {counts}", flush=True)
        return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    tables = Project.find().tables
    with tempfile.TemporaryDirectory(prefix="edu2lms-bench-") as folder:
        root = Path(folder)
        (root / MARKER).touch()
        pair = Pair(root)
        try:
            pair.start(empty=True)
            fill(pair.edu, pair.lms, scale=given.scale, damaged=False, report=lambda _: None)
            run(Bench(pair, tables, given.repeat), pair.edu)
        finally:
            pair.stop()


def run(bench: Bench, edu: str) -> None:
    prepare(bench.settings, bench.tables, dry_run=False, report=lambda _: None)
    first = load(bench.settings, bench.tables, progress=QUIET)
    print(
        f"{first.rows:,} rows in {len(first.tables)} tables; medians of {bench.repeat} loads; "
        f"the very first took {first.seconds:.2f} s"
    )
    print(f"{'':28} {'seconds':>8} {'processor':>10} {'ratio':>5} {'ratio':>10}")
    bench.measure("full load", full=True)
    bench.measure("nothing changed")
    turns = itertools.count(1)
    for share in (0.0001, 0.001, 0.01, 0.1, 0.5):
        bench.measure(f"{share:.2%} changed, scattered", before=lambda share=share: edit(edu, bench.tables, share, next(turns)))
    compared = drift(bench.settings, bench.tables)
    print(f"{'drift (nothing is loaded)':28} {compared.seconds:8.2f}")
    assert compared.equal


if __name__ == "__main__":
    main()
