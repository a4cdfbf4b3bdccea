"""What `prepare` does for the audit schema, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from loader.audit.capture import plan_capture
from loader.audit.functions import plan_functions
from loader.audit.indexes import of_table, plan_indexes, wanted
from loader.audit.names import BRIDGE, CAPTURED, EVENT_TABLES, FUNCTIONS, TABLES
from loader.audit.older import NOTE, plan_older
from loader.audit.rights import plan_rights
from loader.audit.statements import autovacuum, comment, default_partition, head, read
from loader.config import Settings
from loader.connection import Connection
from loader.errors import ConflictingObjectError
from loader.plan import Statement, Step, columns_of, rows


@dataclass(frozen=True, slots=True)
class AuditPlan:
    """What is missing, and what is left out on purpose."""

    steps: tuple[Step, ...]
    notes: tuple[str, ...]


def plan_audit(settings: Settings, admin: Connection) -> AuditPlan:
    """The steps that lead to the audit schema, from nothing, from the older audit_logs, or from half of it.

    Args:
        settings: names of the roles.
        admin: a connection as LMS_ADMIN_USER.

    Raises:
        ConflictingObjectError: a table or function of a wanted name is something else.
    """
    tables = {entry["table_name"]: entry for entry in rows(admin, "audit/read/tables", tables=list(TABLES))}
    columns = columns_of(admin, "public", sorted({*(index.table for index in wanted()), *CAPTURED, *TABLES}))
    is_older = "audit_logs" in tables and tables["audit_logs"]["kind"] == "r"
    has_bridge = is_older or "action" in columns.get("audit_logs", {})
    for table in tables:
        if not (is_older and table == "audit_logs"):
            _refuse_another_form(settings, table, tables[table], columns[table])

    steps = list(plan_functions(settings, admin, [*FUNCTIONS, *([BRIDGE] if has_bridge and not is_older else [])]))
    notes = [NOTE] if is_older else []
    if is_older:
        steps += plan_older(settings, admin)
    steps += [_table_step(table) for table in TABLES if table not in tables]
    steps += _partition_steps(admin, tables)
    steps += _autovacuum_steps(tables)
    more, said = plan_capture(settings, admin)
    steps, notes = [*steps, *more], [*notes, *said]
    # a table that is made, or made anew, has them from the beginning
    made = [table for table in TABLES if table not in tables or (is_older and table == "audit_logs")]
    partitions = {table: tables[table]["partitions"] for table in EVENT_TABLES if table in tables and table not in made}
    more, said = plan_indexes(admin, columns, partitions, made)
    steps, notes = [*steps, *more], [*notes, *said]
    more, said = plan_rights(settings, admin)
    return AuditPlan((*steps, *more), (*notes, *said))


def _table_step(table: str) -> Step:
    statements: list[Statement] = [read(table), comment("table", table, head(table))]
    statements += [index.create(how="") for index in of_table(table)]
    statements += default_partition(table) if table in EVENT_TABLES else [autovacuum(table, table)]
    return Step(f"lms: table {table}", "lms_admin", tuple(statements))


def _partition_steps(admin: Connection, tables: dict[str, dict[str, Any]]) -> Iterator[Step]:
    is_made = all(table in tables and tables[table]["kind"] == "p" for table in EVENT_TABLES)
    if is_made and not rows(admin, "audit/read/missing_partitions", ahead=3):
        return
    # prepare drops nothing: that is for whoever keeps the retention, see docs/audit-schema.md
    maintain = sql.SQL("select public.maintain_audit_partitions()")
    yield Step("lms: monthly partitions of audit_logs and page_views", "lms_admin", (maintain,))


def _autovacuum_steps(tables: dict[str, dict[str, Any]]) -> Iterator[Step]:
    found = tables.get("user_sessions")
    if found is not None and not any("autovacuum_vacuum_scale_factor" in option for option in found["options"] or ()):
        statement = autovacuum("user_sessions", "user_sessions")
        yield Step("lms: autovacuum of user_sessions", "lms_admin", (statement,), live_table="user_sessions")


def _refuse_another_form(settings: Settings, table: str, found: dict[str, Any], columns: dict[str, str]) -> None:
    absent = [name for name in read_columns(table) if name not in columns]
    kind = "p" if table in EVENT_TABLES else "r"
    if absent or found["kind"] != kind:
        reason = (
            f"it has no column {', '.join(absent)}" if absent else "it is not partitioned" if kind == "p" else "it is partitioned"
        )
        raise ConflictingObjectError(
            what=f"The table {table}",
            where=settings.where("lms"),
            reason=reason,
            fix=f"rename it, so that prepare makes its own: alter table public.{table} rename to …",
        )


def read_columns(table: str) -> list[str]:
    """The columns that the file of a table declares, in their order."""
    text = read(table).as_string(None)
    lines = text.partition("(\n")[2].splitlines()
    return [line.split()[0] for line in lines if line.startswith("    ") and line.split()[0] not in ("primary", ")")]
