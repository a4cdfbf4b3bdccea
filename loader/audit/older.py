"""An audit_logs of the older form becomes a partition of the new one: filled in small pieces, changed over in one short lock.

Nothing is copied and nothing is out of sight at any time; interrupted anywhere, the next `prepare` goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
from psycopg import sql

from loader.audit.functions import function_statements
from loader.audit.indexes import drop, of_table
from loader.audit.names import BRIDGE, OLDER_BRIDGE
from loader.audit.statements import comment, default_partition, head, read
from loader.config import Settings
from loader.connection import Connection, one_line
from loader.errors import ConflictingObjectError
from loader.plan import Statement, Step, columns_of, row, rows

OLDER = "audit_logs_older"
_REQUIRED = {
    "id": "uuid",
    "action": "text",
    "resource_type": "text",
    "resource_id": "text",
    "created_at": "timestamp with time zone",
}
_SHARED = {
    "ip_address": "inet",
    "user_agent": "text",
    "session_id": "text",
    "old_values": "jsonb",
    "new_values": "jsonb",
}

NOTE = (
    "audit_logs.user_id becomes text, so that it takes integers, too: a query of the application that compares it with a uuid "
    "needs user_id = …::text, and on conflict (id) needs on conflict do nothing"
)


def plan_older(settings: Settings, admin: Connection) -> Iterator[Step]:
    """From the older form to the partitioned one.

    Raises:
        ConflictingObjectError: something depends on the older table in a way that cannot follow it.
    """
    _refuse_another_form(settings, columns_of(admin, "public", ["audit_logs"])["audit_logs"])
    _refuse_obstacles(settings, admin)
    bridge: tuple[Statement, ...] = (read("older/bridge"), comment("function", OLDER_BRIDGE, head("older/bridge")))
    yield Step(f"lms: function {OLDER_BRIDGE}()", "lms_admin", bridge)
    yield Step("lms: new columns of audit_logs", "lms_admin", (read("older/columns"),), live_table="audit_logs")
    yield _long("lms: new columns of audit_logs are filled", read("older/backfill"))
    yield from _indexes(admin)
    yield _long("lms: every row of audit_logs fits", read("older/validate"))
    yield Step("lms: audit_logs is partitioned", "lms_admin", tuple(_change_over()), live_table="audit_logs")


def _long(name: str, statement: Statement) -> Step:
    """It reads or writes the whole table, and nobody waits for it."""
    return Step(name, "lms_admin", (statement,), live_table="audit_logs", builds_index=True)


def _indexes(admin: Connection) -> Iterator[Step]:
    """What the partition needs, built before anything is locked: the new table takes them over."""
    found = {entry["index_name"]: entry["is_valid"] for entry in rows(admin, "audit/read/indexes", tables=["audit_logs"])}
    creates = {
        f"{OLDER}_key": sql.SQL("create unique index concurrently {} on public.audit_logs (event_id, action_timestamp)").format(
            sql.Identifier(f"{OLDER}_key")
        ),
        f"{OLDER}_id_idx": _by_id(f"{OLDER}_id_idx", "concurrently "),
    }
    for index in of_table("audit_logs"):
        name = f"{OLDER}_{index.name.removeprefix('idx_audit_logs_')}_idx"
        text = re.sub(r"\buser_id\b", "user_id_text", index.definition)
        creates[name] = sql.SQL("create index concurrently {} on public.audit_logs {}").format(
            sql.Identifier(name),
            sql.SQL(text),
        )
    for name, create in creates.items():
        if found.get(name):
            continue
        statements = (drop(name), create) if name in found else (create,)
        yield Step(f"lms: index {name}", "lms_admin", statements, live_table="audit_logs", builds_index=True)


def _by_id(name: str, how: str = "") -> Statement:
    return sql.SQL("create index {}{} on public.audit_logs (id)").format(sql.SQL(how), sql.Identifier(name))


def _change_over() -> Iterator[Statement]:
    """One transaction; every table in it is empty but the older one, which is only renamed and attached."""
    yield read("older/leave")
    yield read("audit_logs")
    yield comment("table", "audit_logs", head("audit_logs"))
    yield read("older/extra_columns")
    yield from (index.create(how="") for index in of_table("audit_logs"))
    yield _by_id("idx_audit_logs_id")
    yield from default_partition("audit_logs")
    yield from function_statements(BRIDGE)
    yield read("older/arrive")


def _refuse_another_form(settings: Settings, columns: dict[str, str]) -> None:
    wrong = [f"{name} is {columns.get(name, 'missing')}" for name, wanted in _REQUIRED.items() if columns.get(name) != wanted]
    wrong += [f"{name} is {columns[name]}" for name, wanted in _SHARED.items() if columns.get(name, wanted) != wanted]
    if "user_id" not in columns:
        wrong.append("user_id is missing")
    if wrong:
        raise _conflict(
            settings,
            f"it is of another form than those that are known ({', '.join(wrong)})",
            "rename it (alter table audit_logs rename to …), or bring these columns in line with docs/audit-schema.md.",
        )


def _refuse_obstacles(settings: Settings, admin: Connection) -> None:
    """What cannot follow the table to its place as a partition; found out without touching it."""
    obstacles = [entry["obstacle"] for entry in rows(admin, "audit/read/older_obstacles")]
    if obstacles:
        fix = "drop that first, in the application's own way; what is still wanted can be made again on the new table afterwards."
        raise _conflict(settings, f"{', '.join(obstacles)} cannot follow it", fix)
    for name, why in _unfit(settings, admin):
        raise _conflict(
            settings,
            f"{name} does not fit user_id as text, which takes integers, too: {why}",
            "drop it, run `edu2lms prepare`, and make it again with user_id as text (users.id::text = audit_logs.user_id).",
        )


def _unfit(settings: Settings, admin: Connection) -> list[tuple[str, str]]:
    """Views and policies that a text user_id breaks: each is made for a moment on an empty temporary table of the new form."""
    found = []
    with admin.transaction(force_rollback=True):
        admin.execute("select set_config('lock_timeout', %s, true)", (f"{int(settings.lock_timeout * 1000)}ms",))
        admin.execute("set local search_path = public")
        dependents = rows(admin, "audit/read/older_dependents")
        if dependents:
            admin.execute("create temporary table audit_logs (like public.audit_logs)")
            admin.execute("alter table pg_temp.audit_logs alter column user_id type text")
        for dependent in dependents:
            try:
                with admin.transaction(force_rollback=True):
                    admin.execute(dependent["statement"])
                    if (
                        dependent["oid"]
                        and not (row(admin, "audit/read/older_same_columns", oid=dependent["oid"]) or {})["is_same"]
                    ):
                        found.append((dependent["name"], "it hands the column out as uuid"))
            except (psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError) as error:
                found.append((dependent["name"], one_line(error)))
    return found


def _conflict(settings: Settings, reason: str, fix: str) -> ConflictingObjectError:
    return ConflictingObjectError(what="The older table audit_logs", where=settings.where("lms"), reason=reason, fix=fix)
