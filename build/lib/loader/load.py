"""`edu2lms load`: copies the declared tables of edu into schema staging, all of one snapshot, in one transaction."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import IsolationLevel, errors, sql
from psycopg.types.json import Jsonb

from loader import queries
from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.console import Progress
from loader.errors import (
    BusyError,
    Edu2lmsError,
    LoadFailedError,
    NotPreparedError,
    RemoteConnectError,
    SourceChangedError,
    UnknownTableError,
)
from loader.locks import LOAD_OR_RUN, advisory_lock
from loader.plan import columns_of, differences, row, rows
from loader.project import SourceTable
from loader.results import LoadedTable, LoadResult


def new_id(moment: datetime | None = None) -> str:
    """Identifier of a load or batch: UTC time and four random hex digits, `20250131T235959Z-0a1b`."""
    return f"{(moment or datetime.now(UTC)):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def choose(tables: Sequence[SourceTable], wanted: Sequence[str]) -> tuple[SourceTable, ...]:
    """The wanted tables in declared order; all of them when none is named.

    Raises:
        UnknownTableError: a name is not declared.
    """
    known = [table.name for table in tables]
    if unknown := [name for name in wanted if name not in known]:
        raise UnknownTableError(names=", ".join(unknown), known=", ".join(known))
    return tuple(table for table in tables if not wanted or table.name in wanted)


def load(
    settings: Settings, tables: Sequence[SourceTable], *, wanted: Sequence[str] = (), progress: Progress, locked: bool = False
) -> LoadResult:
    """Copy the tables.

    Args:
        settings: where and as whom.
        tables: the declared tables.
        wanted: names of the tables to copy; all when empty. What is not copied stays at the snapshot of its own last load.
        progress: is told rows per table.
        locked: the caller holds the advisory lock already.

    Raises:
        SourceChangedError: a declared column has gone or has another type.
        NotPreparedError: `prepare` has not been run, or the declared list has changed since.
        LoadFailedError: a statement failed; the previous copy is untouched.
        BusyError: another load or run is at work.
    """
    chosen = choose(tables, wanted)
    with ExitStack() as stack:
        lms = stack.enter_context(connected(settings, "lms", settings.lms))
        if not locked:
            stack.enter_context(advisory_lock(settings, lms, LOAD_OR_RUN))
        last = _last_loads(settings, lms)
        estimates = _compare_with_edu(settings, chosen, last)
        _require_foreign_tables(settings, chosen, lms)
        return _Load(settings, lms, chosen, progress, estimates).run()


def _last_loads(settings: Settings, lms: Connection) -> dict[str, dict[str, Any]]:
    if not (row(lms, "lms_facts") or {}).get("has_table_loads"):
        raise NotPreparedError(what="ledger.table_loads", where=settings.where("lms"))
    return {found["table_name"]: found for found in rows(lms, "load_last")}


def _compare_with_edu(settings: Settings, tables: Sequence[SourceTable], last: dict[str, dict[str, Any]]) -> dict[str, int]:
    """Compare edu as it is now with the declared list; returns the expected rows per table."""
    names = [table.name for table in tables]
    with connected(settings, "edu", settings.edu) as edu:
        found = differences(tables, columns_of(edu, "public", names))
        estimates = {entry["table_name"]: entry["estimate"] for entry in rows(edu, "load_estimates", tables=names)}
    if found:
        changes = [f"{change}{_last_had(change, last)}" for change in found]
        raise SourceChangedError(where=settings.where("edu"), changes="\n".join(changes))
    for name, entry in last.items():
        if estimates.get(name, -1) < 0 and name in estimates:
            estimates[name] = entry["row_count"]
    return {name: max(estimate, 0) for name, estimate in estimates.items()}


def _last_had(change: str, last: dict[str, dict[str, Any]]) -> str:
    table, _, column = change.partition(":")[0].partition(".")
    if table not in last:
        return " (never loaded before)"
    when, had = f"{last[table]['loaded_at']:%Y-%m-%d %H:%M}", last[table]["columns"].get(column)
    if not column:
        return f" (the last load, {when}, had {last[table]['row_count']} rows)"
    return f" (the last load, {when}, had {had})" if had else f" (the last load, {when}, did not have it)"


def _require_foreign_tables(settings: Settings, tables: Sequence[SourceTable], lms: Connection) -> None:
    found = columns_of(lms, "edu_fdw", [table.name for table in tables])
    for table in tables:
        if found.get(table.name) != {column.name: column.data_type for column in table.columns}:
            what = f"The foreign table edu_fdw.{table.name} with exactly the declared columns"
            raise NotPreparedError(what=what, where=settings.where("lms"))


class _Load:
    """One load, in one transaction."""

    def __init__(
        self,
        settings: Settings,
        lms: Connection,
        tables: Sequence[SourceTable],
        progress: Progress,
        estimates: dict[str, int],
    ) -> None:
        self.settings = settings
        self.lms = lms
        self.tables = tables
        self.progress = progress
        self.estimates = estimates
        self.moment = datetime.now(UTC)
        self.load_id = new_id(self.moment)
        self.at = tables[0].name

    def run(self) -> LoadResult:
        started = time.monotonic()
        self.lms.execute(queries.read("load_session"))
        # postgres_fdw opens one transaction per server, REPEATABLE READ on the other side: all tables are of one snapshot.
        self.lms.isolation_level = IsolationLevel.REPEATABLE_READ
        done: list[LoadedTable] = []
        try:
            with self.progress.bar("load", sum(self.estimates.values())) as bar, self.lms.transaction():
                existing = columns_of(self.lms, "staging", [table.name for table in self.tables])
                for table in self.tables:
                    self.at = table.name
                    bar.now(table.name)
                    loaded = self._copy(table, existing.get(table.name))
                    done.append(loaded)
                    bar.advance(table.name, loaded.rows, expected=self.estimates.get(table.name, 0))
            # dbt plans with these statistics, and views on the copies are not analysed by themselves.
            self.lms.execute(sql.SQL("analyze {}").format(sql.SQL(", ").join(self._staging(table) for table in self.tables)))
        except psycopg.Error as error:
            raise self._explain(error) from None
        return LoadResult(
            load_id=self.load_id,
            loaded_at=self.moment.isoformat(timespec="seconds"),
            tables=tuple(done),
            rows=sum(table.rows for table in done),
            bytes=sum(table.bytes for table in done),
            seconds=round(time.monotonic() - started, 3),
        )

    def _staging(self, table: SourceTable) -> sql.Identifier:
        return sql.Identifier("staging", table.name)

    def _copy(self, table: SourceTable, existing: dict[str, str] | None) -> LoadedTable:
        started = time.monotonic()
        wanted = {column.name: column.data_type for column in table.columns}
        staging, columns = self._staging(table), sql.SQL(", ").join(map(sql.Identifier, table.column_names))
        if existing is not None and list(existing.items()) == list(wanted.items()):
            self.lms.execute(sql.SQL("truncate {}").format(staging))
        else:
            # Our own table, and what hangs on it are dbt's staging views, which the next build makes again.
            self.lms.execute(sql.SQL("drop table if exists {} cascade").format(staging))
            definitions = sql.SQL(", ").join(
                sql.Identifier(column.name) + sql.SQL(" ") + sql.SQL(column.data_type) for column in table.columns
            )
            self.lms.execute(sql.SQL("create table {} ({})").format(staging, definitions))
        self.lms.execute(
            sql.SQL("insert into {} ({}) select {} from {}").format(
                staging, columns, columns, sql.Identifier("edu_fdw", table.name)
            )
        )
        name = staging.as_string(self.lms)
        measure = sql.SQL(queries.read("load_measure")).format(relation=sql.Literal(name), table=staging)
        found = self.lms.execute(measure).fetchone() or (0, 0, "")  # an aggregate always has a row
        loaded = LoadedTable(
            table=table.name,
            rows=found[0],
            bytes=found[1],
            seconds=round(time.monotonic() - started, 3),
            fingerprint=found[2],
        )
        self.lms.execute(
            queries.read("load_ledger"),
            {
                "load_id": self.load_id,
                "table_name": loaded.table,
                "loaded_at": self.moment,
                "row_count": loaded.rows,
                "byte_count": loaded.bytes,
                "seconds": loaded.seconds,
                "fingerprint": loaded.fingerprint,
                "columns": Jsonb(wanted),
            },
        )
        return loaded

    def _explain(self, error: psycopg.Error) -> Edu2lmsError:
        reason = self.settings.mask(one_line(error))
        if error.sqlstate == "08001":
            return RemoteConnectError(where=self.settings.where("edu"), reason=reason)
        if isinstance(error, errors.LockNotAvailable):
            return BusyError(where=self.settings.where("lms"), holder=f" (staging.{self.at} is in use)")
        return LoadFailedError(table=self.at, where=f"lms ({self.settings.where('lms')})", reason=reason)
