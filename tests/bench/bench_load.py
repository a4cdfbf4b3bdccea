"""A load of changes against a full load.

Fairness: both are the same function, inside this program, into the same copies, one after the other; the changed rows are
scattered at random over every table, so that as many blocks as possible differ. Where other programs are busy, the ratio of
the processor seconds says more than the other.
"""

from __future__ import annotations

import itertools
from typing import Any

import psycopg
from psycopg import sql

from loader.console import Progress
from loader.drift import drift
from loader.load import load
from loader.project import SourceTable
from loader.results import LoadResult
from tests.bench.measure import Timed, median, timed
from tests.bench.options import Options
from tests.bench.results import Goal, Result
from tests.bench.world import settings_of, world

SHARES = (0.0001, 0.001, 0.01, 0.1, 0.5)
GOAL = 0.001
Case = tuple[float, bool]
"""Share of the rows that are changed, and whether a quarter as many each is deleted and inserted."""
_FULL: Case = (1.0, True)
_GOAL: Case = (GOAL, False)
_CASES: tuple[Case, ...] = (_FULL, (0.0, False), _GOAL, *((share, True) for share in SHARES))


def edit(edu: str, tables: tuple[SourceTable, ...], share: float, turn: int, *, also_gone: bool = True) -> None:
    """Change `share` of the rows of every table, scattered at random; delete and insert a quarter of that each, if wanted."""
    with psycopg.connect(edu, autocommit=True) as connection:
        connection.execute("select setseed(%s)", (turn % 1000 / 1000,))
        for table in tables:
            name = sql.Identifier(table.name)
            values: dict[str, Any] = {"share": share, "turn": turn}
            change = "update {0} set update_date = now(), update_user_id = %(turn)s where random() < %(share)s"
            connection.execute(sql.SQL(change).format(name), values)
            if not also_gone:
                continue
            connection.execute(sql.SQL("delete from {0} where random() < %(share)s / 4").format(name), values)
            others = sql.SQL(", ").join(sql.Identifier(column) for column in table.column_names if column != "id")
            add = (
                "insert into {0} (id, {1}) select (select max(id) from {0}) + row_number() over (), {1} "
                "from {0} where random() < %(share)s / 4"
            )
            connection.execute(sql.SQL(add).format(name, others), values)


def measure(options: Options) -> Result:
    """The measurement."""
    result = Result("load", options.scale, options.repeat)
    with world(options.scale, folder=options.folder) as servers:
        databases = servers.databases(own_edu=True)
        settings, turns = settings_of(databases), itertools.count(1)

        def one(*, full: bool) -> tuple[Timed, LoadResult]:
            with timed(servers) as found:
                loaded = load(settings, servers.tables, full=full, progress=Progress(quiet=True))
            return found, loaded

        first, loaded = one(full=True)
        result.notes.append(
            f"{loaded.rows:,} rows in {len(loaded.tables)} tables; the very first load took {first.seconds:.2f} s."
        )
        times: dict[Case, list[Timed]] = {case: [] for case in _CASES}
        last: dict[Case, LoadResult] = {}
        for _ in range(options.repeat):
            for case in times:
                share, also_gone = case
                if case is not _FULL and share:
                    edit(databases.edu, servers.tables, share, next(turns), also_gone=also_gone)
                found, last[case] = one(full=case is _FULL)
                times[case].append(found)
        whole = median(times[_FULL])
        for case, found_times in times.items():
            part, loaded = median(found_times), last[case]
            ratio = part.seconds / whole.seconds
            result.add(
                _title(case),
                seconds=part.seconds,
                processor=part.processor,
                ratio=ratio,
                ratio_of_processor=part.processor / whole.processor,
                rows=f"{loaded.inserted:,} inserted, {loaded.changed:,} changed, {loaded.deleted:,} deleted",
            )
            if case is _GOAL:
                result.goals.append(Goal("load of 0.1 % changed rows, none deleted or inserted / full load", ratio, 0.25))
        with timed(servers) as found:
            compared = drift(settings, servers.tables)
        result.add("drift (nothing is loaded)", seconds=found.seconds, processor=found.processor)
        if not compared.equal:
            raise RuntimeError("the copies differ from edu after the last load")
    return result


def _title(case: Case) -> str:
    share, also_gone = case
    if case is _FULL:
        return "full load"
    return (
        f"{share:.2%} changed, {'deleted and inserted' if also_gone else 'none deleted or inserted'}"
        if share
        else "nothing changed"
    )
