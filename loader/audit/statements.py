"""Statements of the audit schema, out of `loader/sql/audit`."""

from __future__ import annotations

import hashlib

from psycopg import sql

from loader import queries
from loader.plan import Statement

# The parents of partitions cannot have these; every partition has them.
AUTOVACUUM = {
    "audit_logs": "0.02",
    "page_views": "0.02",
    "user_sessions": "0.05",
}


def read(name: str) -> sql.SQL:
    """The statement of `loader/sql/audit/<name>.sql`, or `loader/sql/audit/older/…`."""
    return sql.SQL(queries.read(f"audit/{name}"))


def head(name: str) -> str:
    """The comment at the head of a file, as one paragraph."""
    lines = []
    for line in queries.read(f"audit/{name}").splitlines():
        if not line.startswith("-- "):
            break
        lines.append(line.removeprefix("-- "))
    return " ".join(lines)


def function_comment(name: str) -> str:
    """What a function is for, and the hash of the file that made it."""
    digest = hashlib.sha256(queries.read(f"audit/{name}").encode()).hexdigest()[:16]
    return f"{head(name)} [edu2lms {digest}]"


def comment(kind: str, name: str, text: str) -> Statement:
    """`comment on <kind> public.<name>`; the kind is ours."""
    return sql.SQL("comment on {} {} is {}").format(sql.SQL(kind), sql.Identifier("public", name), sql.Literal(text))


def autovacuum(relation: str, table: str) -> Statement:
    """Autovacuum comes often, since the table only grows: otherwise counts get slow and statistics old."""
    options = ("autovacuum_vacuum_scale_factor", "autovacuum_vacuum_insert_scale_factor", "autovacuum_analyze_scale_factor")
    settings = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.SQL(name), sql.SQL(AUTOVACUUM[table])) for name in options)
    return sql.SQL("alter table {} set ({})").format(sql.Identifier("public", relation), settings)


def default_partition(table: str) -> list[Statement]:
    """A home for events of months that have no partition."""
    name = f"{table}_default"
    create = sql.SQL("create table {} partition of {} default").format(
        sql.Identifier("public", name), sql.Identifier("public", table)
    )
    return [create, autovacuum(name, table)]
