"""What `check` says of the audit schema; reads catalogs only."""

from __future__ import annotations

from loader.audit.names import EVENT_TABLES, FOR_THE_OWNER, FUNCTIONS, TABLES
from loader.audit.statements import function_comment
from loader.connection import Connection
from loader.plan import rows


def missing_audit(lms: Connection) -> list[str]:
    """What is missing, in a few words each; also a month without a partition, which a cron job should have made."""
    tables = {entry["table_name"]: entry["kind"] for entry in rows(lms, "audit/read/tables", tables=list(TABLES))}
    missing = [f"table {table}" for table in TABLES if table not in tables]
    missing += [f"partitions of {table}" for table in EVENT_TABLES if tables.get(table, "p") != "p"]
    found = {entry["name"]: entry for entry in rows(lms, "audit/read/functions", names=list(FUNCTIONS))}
    missing += [f"function {name}()" for name in FUNCTIONS if found.get(name, {}).get("comment") != function_comment(name)]
    missing += [f"function {name}() for the owner only" for name in FOR_THE_OWNER if found.get(name, {}).get("is_for_others")]
    if not missing:
        months = rows(lms, "audit/read/missing_partitions", ahead=1)
        missing = [f"{month['name']} for {month['first_moment']:%Y-%m}" for month in months]
    return missing
