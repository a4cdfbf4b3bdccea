"""The triggers that log what changes in the application's tables."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from loader.audit.names import CAPTURED, TRIGGERS, capture_trigger
from loader.config import Settings
from loader.connection import Connection
from loader.plan import Statement, Step, rows

_ROWS = {
    "": "",
    "new": " referencing new table as new_rows",
    "old": " referencing old table as old_rows",
    "old new": " referencing old table as old_rows new table as new_rows",
}


def plan_capture(settings: Settings, admin: Connection) -> tuple[list[Step], list[str]]:
    """The triggers that are missing, of other arguments, or too many.

    An event of a table that a trigger of the application's own writes to audit_logs is not captured a second time.

    Returns:
        A step per table, and notes about tables that are left to the application or are not there.
    """
    tables = {entry["table_name"]: entry for entry in rows(admin, "audit/read/captured_tables", tables=list(CAPTURED))}
    triggers: dict[str, list[dict[str, Any]]] = {}
    for entry in rows(admin, "audit/read/triggers", tables=list(CAPTURED)):
        triggers.setdefault(entry["table_name"], []).append(entry)
    steps, theirs, absent = [], [], []
    for table in CAPTURED:
        if table not in tables:
            absent.append(table)
            continue
        found = triggers.get(table, [])
        if any(entry["logs"] for entry in found):
            theirs.append(table)
        statements = _statements(settings, table, tables[table]["key_column"] or "id", found)
        if statements:
            steps.append(Step(f"lms: changes of {table} are logged", "lms_admin", tuple(statements), live_table=table))
    notes = []
    if theirs:
        notes.append(f"{', '.join(theirs)}: the application's own triggers log these, so they are not captured a second time")
    if absent:
        notes.append(f"changes of {', '.join(absent)} are not captured: lms has no such table")
    return steps, notes


def _statements(settings: Settings, table: str, key: str, found: list[dict[str, Any]]) -> list[Statement]:
    relation, result = sql.Identifier("public", table), list[Statement]()
    ours = {entry["trigger_name"]: bytes(entry["arguments"]).decode().split("\0")[:-1] for entry in found}
    logged = {event for entry in found for event in entry["logs"]}
    for event, transition in TRIGGERS.items():
        name = capture_trigger(event)
        if event in logged:
            if name in ours:
                result.append(sql.SQL("drop trigger {} on {}").format(sql.Identifier(name), relation))
        elif ours.get(name) != [key, settings.lms_user]:
            result.append(
                sql.SQL(
                    "create or replace trigger {} after {} on {}{} for each statement "
                    "execute function public.audit_capture({}, {})"
                ).format(
                    sql.Identifier(name),
                    sql.SQL(event),
                    relation,
                    sql.SQL(_ROWS[transition]),
                    sql.Literal(key),
                    sql.Literal(settings.lms_user),
                )
            )
    return result
