"""Is staging still equal to edu? The copies as they stand, compared with edu as it is now. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
from psycopg import IsolationLevel

from loader.checksums import Side, block_count, differing, encoding, pin_settings, portions, together
from loader.config import Settings
from loader.connection import connected, one_line
from loader.differences import Difference
from loader.errors import DatabaseError
from loader.load import choose
from loader.plan import columns_of, rows
from loader.plan import differences as column_differences
from loader.project import SourceTable
from loader.results import DriftResult, TableDrift
from loader.snapshot import Snapshot, open_side, snapshot

_LOCK_TIMEOUT = "60s"


def drift(settings: Settings, tables: Sequence[SourceTable], *, wanted: Sequence[str] = (), first: int = 10) -> DriftResult:
    """Compare staging with edu, every row of every declared column, each side in one snapshot.

    Args:
        settings: where and as whom.
        tables: the declared tables.
        wanted: names of the tables to compare; all when empty.
        first: so many ids of rows that differ are named per table, the lowest.

    Raises:
        UnknownTableError: a name is not declared.
        ConnectError: a database does not answer.
        DatabaseError: a statement failed.
    """
    chosen, started, moment = choose(tables, wanted), time.monotonic(), datetime.now(UTC)
    with connected(settings, "lms", settings.lms) as lms, connected(settings, "edu", settings.edu) as edu:
        recode = encoding(edu) != encoding(lms)
        pin_settings(lms, lock_timeout=_LOCK_TIMEOUT)
        lms.isolation_level, lms.read_only = IsolationLevel.REPEATABLE_READ, True
        copy, source = Side(lms, "staging", recode=recode), open_side(edu, recode=recode)
        names = [table.name for table in chosen]
        try:
            with lms.transaction():
                found = columns_of(lms, "staging", names)
                obstacles = {table.name: _obstacle(table, found, columns_of(edu, "public", [table.name])) for table in chosen}
                comparable = [table for table in chosen if not obstacles[table.name]]
                sizes = rows(edu, "load_estimates", tables=names)
                counts = {size["table_name"]: block_count(size["estimate"]) for size in sizes}
                with snapshot(source, comparable) as now:
                    compared = _compare(comparable, counts, copy, now, first)
        except psycopg.Error as error:
            raise DatabaseError(reason=settings.mask(one_line(error))) from None
    unknown = {name: TableDrift(table=name, same=None, detail=detail) for name, detail in obstacles.items() if detail}
    return DriftResult(
        compared_at=moment.isoformat(timespec="seconds"),
        equal=not unknown and all(table.same for table in compared.values()),
        tables=tuple((compared | unknown)[name] for name in names),
        seconds=round(time.monotonic() - started, 3),
    )


def _obstacle(table: SourceTable, staging: dict[str, dict[str, str]], edu: dict[str, dict[str, str]]) -> str | None:
    """Why a table cannot be compared."""
    if changes := column_differences([table], edu):
        return "; ".join(changes)
    if table.name not in staging:
        return "it has never been loaded"
    if staging[table.name] != {column.name: column.data_type for column in table.columns}:
        return "the copy has other columns than the declared ones"
    return None


def _compare(
    tables: Sequence[SourceTable], counts: dict[str, int], copy: Side, edu: Snapshot, first: int
) -> dict[str, TableDrift]:
    answers = {table.name: edu.ask(edu.side.blocks, table, counts[table.name]) for table in tables}
    here = {table.name: copy.blocks(table, counts[table.name]) for table in tables}
    result = {}
    for table in tables:
        own, theirs = here[table.name], answers[table.name].result()
        found = Difference()
        for portion in portions(differing(own, theirs), theirs, own):
            hashes = edu.ask(edu.side.rows, table, counts[table.name], portion).result()
            found += copy.difference(table, counts[table.name], portion, hashes)
        result[table.name] = TableDrift(
            table=table.name,
            same=own == theirs,
            edu_rows=together(theirs).rows,
            staging_rows=together(own).rows,
            edu_fingerprint=together(theirs).fingerprint,
            staging_fingerprint=together(own).fingerprint,
            inserted=found.inserted,
            changed=found.changed,
            deleted=found.deleted,
            first_ids=tuple(str(row_id) for row_id in found.ids[:first]),
        )
    return result
