"""What the audit schema looks like to the live-table guard: only `prepare` may bring these facts about."""

from __future__ import annotations

import re

from loader.audit.indexes import wanted
from loader.audit.names import BRIDGE, CAPTURED, FOR_THE_OWNER, FUNCTIONS, OLDER_BRIDGE, TABLES


def planned_audit_facts() -> tuple[list[str], list[str]]:
    """Patterns of facts that `prepare` adds, and of those that it replaces.

    Policies, grants, comments, the application's triggers and the views of an older audit_logs are not among the replaced ones:
    they must be found again on the new table, word by word.
    """
    ours, functions = _any(TABLES), rf"({_any((*FUNCTIONS, BRIDGE, OLDER_BRIDGE))})\([^)]*\)"
    shape = r"(partitioned table,|table,|partitioned by|row-level security off|storage options|column|constraint|index) ?.*"
    added = [
        rf"({ours}): {shape}",
        rf"({ours}): comment '.*",
        rf"({ours}): grant .*",
        rf"audit_logs: trigger ({BRIDGE}|{OLDER_BRIDGE}) .*",
        rf"schema public: function {functions} owner .*",
        rf"schema public: grant execute on function {functions} to .*",
        rf"({_any(CAPTURED)}): trigger audit_capture_\w+ CREATE TRIGGER .* EXECUTE FUNCTION public\.audit_capture\(.*",
        *(rf"{index.table}: index {index.name} CREATE INDEX {index.name} ON .*" for index in wanted()),
    ]
    replaced = [
        r"audit_logs: (table,|column|constraint|index|storage options) .*",
        rf"audit_logs: trigger {OLDER_BRIDGE} .*",
        rf"schema public: function {functions} owner .*",
        rf"schema public: grant execute on function ({_any((OLDER_BRIDGE, *FOR_THE_OWNER))})\(.*",
        rf"({_any(CAPTURED)}): trigger audit_capture_\w+ .*",
        r"user_sessions: storage options .*",
        *(rf"{index.table}: index {index.name} .*\(invalid\).*" for index in wanted()),
    ]
    return added, replaced


def without_casts(fact: str) -> str:
    """The fact without casts of a log's user_id to text: PostgreSQL leaves them out where the column is text already."""
    return re.sub(r"\(((?:audit_logs\.)?user_id)\)::text", r"\1", fact)


def _any(names: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, names))
