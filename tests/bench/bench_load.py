"""How much of a full load does a load of changes take? Prints seconds and ratios; promises nothing.

    python tests/bench/bench_load.py --scale 1

Starts two servers of its own in a temporary folder, and fills them.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

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
        connection.execute("select setseed(%s)", (turn / 1000,))
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


def show(title: str, results: list[LoadResult], full: float) -> None:
    seconds = statistics.median(result.seconds for result in results)
    last = results[-1]
    counts = f"{last.inserted:,} inserted, {last.changed:,} changed, {last.deleted:,} deleted"
    print(f"{title:34} {seconds:6.2f} s  {seconds / full:5.2f} of a full load  ({counts})")


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
            measure(Settings(**{key.lower(): value for key, value in pair.environment().items()}), pair.edu, tables, given.repeat)
        finally:
            pair.stop()


def measure(settings: Settings, edu: str, tables: tuple[SourceTable, ...], repeat: int) -> None:
    prepare(settings, tables, dry_run=False, report=lambda _: None)
    first = load(settings, tables, progress=QUIET)
    whole = [load(settings, tables, full=True, progress=QUIET) for _ in range(repeat)]
    full = statistics.median(result.seconds for result in whole)
    print(f"{first.rows:,} rows in {len(first.tables)} tables; the median of {repeat} loads each")
    show("first load", [first], full)
    show("full load", whole, full)
    show("nothing changed", [load(settings, tables, progress=QUIET) for _ in range(repeat)], full)
    turn = 0
    for share in (0.0001, 0.001, 0.01, 0.1, 0.5):
        results = []
        for _ in range(repeat):
            turn += 1
            edit(edu, tables, share, turn)
            results.append(load(settings, tables, progress=QUIET))
        show(f"{share:.2%} changed, scattered", results, full)
    compared = drift(settings, tables)
    print(f"{'drift (nothing loaded)':34} {compared.seconds:6.2f} s  {compared.seconds / full:5.2f} of a full load")
    assert compared.equal


if __name__ == "__main__":
    main()
