"""`edu2lms undo`: takes a batch back, in one transaction, and leaves what the application has touched since."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from loader import queries
from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.errors import NotPreparedError, UndoFailedError, UndoOrderError, UnknownBatchError
from loader.locks import LOAD_OR_RUN, advisory_lock
from loader.plan import INSERT_TABLES, TRACKING, row, rows
from loader.results import LeftRow, UndoneTable, UndoResult

_LOGINS = ("users", "accounts", "student_logins", "staff_logins")
_SHOWN = 20


def undo(settings: Settings, batch_id: str, *, dry_run: bool) -> UndoResult:
    """Take the latest batch back.

    Rows that it inserted are deleted, rows that it changed get their values back, rows that it tracked lose their tracking id.
    What the application has edited since, or needs, stays and is listed.

    Args:
        settings: where and as whom.
        batch_id: the latest batch that is published.
        dry_run: do everything and roll it back.

    Raises:
        UnknownBatchError: no such batch is published.
        UndoOrderError: later batches stand on it.
        UndoFailedError: a statement failed, or a lock was not to be had; nothing has changed.
        BusyError: a load or run is at work.
    """
    with connected(settings, "lms", settings.lms) as lms, advisory_lock(settings, lms, LOAD_OR_RUN):
        _require_latest(settings, lms, batch_id)
        started = time.monotonic()
        try:
            with lms.transaction(force_rollback=dry_run):
                tables, left = _Undo(settings, lms, batch_id).run()
        except psycopg.Error as error:
            raise UndoFailedError(batch=batch_id, where=settings.where("lms"), reason=one_line(error)) from None
    return UndoResult(batch_id, dry_run, tables, left, round(time.monotonic() - started, 3))


def _require_latest(settings: Settings, lms: Connection, batch_id: str) -> None:
    if not (row(lms, "lms_facts") or {}).get("has_content_columns"):
        raise NotPreparedError(what="ledger.content_columns", where=settings.where("lms"))
    batches = [found["batch_id"] for found in rows(lms, "undo_batches")]
    if batch_id not in batches:
        raise UnknownBatchError(batch=batch_id, where=settings.where("lms"), known=", ".join(batches[:5]) or "none")
    if batches[0] != batch_id:
        raise UndoOrderError(batch=batch_id, later=len(batches[: batches.index(batch_id)]), latest=batches[0])


class _Undo:
    """One undo, inside its transaction."""

    def __init__(self, settings: Settings, lms: Connection, batch_id: str) -> None:
        self.settings = settings
        self.lms = lms
        self.batch_id = batch_id

    def run(self) -> tuple[tuple[UndoneTable, ...], tuple[LeftRow, ...]]:
        lms = self.lms
        self._do("undo_session", lock_timeout=f"{self.settings.lock_timeout:g}s", batch=self.batch_id)
        if (row(lms, "undo_is_fast") or {})["is_fast"]:
            # one audit line a table instead of one a row; the foreign keys are proven below, under the locks of the parents
            lms.execute("set local session_replication_role = replica")
        self.content = {found["entity"]: found["columns"] for found in rows(lms, "undo_content_columns")}
        self._do("undo_rows", batch=self.batch_id)
        self._do("undo_left")
        lms.execute("analyze undo_rows")
        restored = self._restore()
        # children first: what still refers to a row after that keeps it
        for table in INSERT_TABLES:
            self._format("undo_lock", table)
        deleted = {table: self._delete(table) for table in reversed(INSERT_TABLES)}
        untracked = {
            track.table: self._format("undo_untrack", track.table, column=sql.Identifier(track.column)) for track in TRACKING
        }
        restored["course_offerings"] = restored.get("course_offerings", 0) + self._do("undo_counts", batch=self.batch_id)
        left = tuple(LeftRow(**found) for found in rows(lms, "undo_result"))
        self._do("undo_forget")
        self._do("undo_warnings", batch=self.batch_id)
        self._do("undo_mark", batch=self.batch_id)
        tables = tuple(
            UndoneTable(
                table,
                deleted[table],
                restored.get(table, 0),
                untracked.get(table, 0),
                sum(kept.entity in self._entities(table) for kept in left),
            )
            for table in INSERT_TABLES
        )
        self._audit(tables)
        return tables, left

    def _restore(self) -> dict[str, int]:
        """Give changed rows their values back; returns how many per table."""
        restored: dict[str, int] = {}
        for change in rows(self.lms, "undo_changes", batch=self.batch_id):
            if change["kind"] == "counted":
                continue
            table = change["live_table"]
            parameters = {"kind": sql.Literal(change["kind"]), "columns": _names(change["columns"])}
            self._format("undo_not_restored", table, **parameters)
            restored[table] = restored.get(table, 0) + self._format("undo_restore", table, **parameters)
        return restored

    def _delete(self, table: str) -> int:
        self._format("undo_delete", table)
        found = self.lms.execute(self._statement("undo_deleted", table)).fetchone() or (0,)
        return int(found[0])

    def _audit(self, tables: Sequence[UndoneTable]) -> None:
        facts = row(self.lms, "lms_facts") or {}
        if not facts.get("has_audit_logs"):
            return
        query = "undo_audit" if facts["has_newer_audit_logs"] else "undo_audit_older"
        for table in tables:
            if table.deleted or table.restored or table.untracked:
                self._do(query, table=table.table, batch=self.batch_id, deleted=table.deleted, restored=table.restored)

    def _do(self, query: str, **parameters: Any) -> int:
        return self.lms.execute(queries.read(query), parameters or None).rowcount

    def _format(self, query: str, table: str, **parts: sql.Composable) -> int:
        return self.lms.execute(self._statement(query, table, **parts)).rowcount

    def _statement(self, query: str, table: str, **parts: sql.Composable) -> sql.Composed:
        content = sql.SQL(", ").join(sql.Identifier("live", column) for column in self.content[table])
        return sql.SQL(queries.read(query)).format(
            table=sql.Identifier("public", table),
            name=sql.Literal(table),
            batch=sql.Literal(self.batch_id),
            entities=sql.Literal(list(self._entities(table))),
            content_hash=sql.SQL("md5(row({})::text)::uuid").format(content),
            **parts,
        )

    @staticmethod
    def _entities(table: str) -> tuple[str, ...]:
        return _LOGINS if table == "users" else (table,)


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def report(result: UndoResult) -> RenderableType:
    """What was taken back, for people."""
    title = f"Undo of batch {result.batch_id}" + (" (dry run: nothing has changed)" if result.dry_run else "")
    table = Table(title=title, title_justify="left")
    table.add_column("table")
    for heading in ("deleted", "restored", "tracking id removed", "left"):
        table.add_column(heading, justify="right")
    for entry in result.tables:
        counts = (entry.deleted, entry.restored, entry.untracked, entry.left)
        table.add_row(entry.table, *(f"{count:,}" for count in counts))
    if not result.left:
        done = "would be" if result.dry_run else "was"
        return Group(table, Text(f"Everything {done} taken back; the application has touched none of it."))
    kept = Table(title=f"{len(result.left):,} rows stay as they are", title_justify="left")
    for heading in ("entity", "legacy id", "live id", "why"):
        kept.add_column(heading, overflow="fold")
    for stays in result.left[:_SHOWN]:
        kept.add_row(stays.entity, stays.legacy_id, stays.live_id, stays.reason)
    more = len(result.left) - _SHOWN
    return Group(table, kept, *([Text(f"… and {more:,} more: --json lists all of them.")] if more > 0 else []))
