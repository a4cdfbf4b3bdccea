"""`edu2lms check`: what is there and what is missing, in both databases. Reads catalogs only; changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from loader.audit.missing import missing_audit
from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.errors import ConnectError
from loader.plan import (
    LEDGER_FUNCTIONS,
    LEDGER_TABLES,
    READ_TABLES,
    SCHEMAS,
    TRACKING,
    columns_of,
    differences,
    missing_live_rights,
    row,
    rows,
    server_options,
)
from loader.project import SourceTable
from loader.results import CheckResult, Finding, Verdict

OLDEST_VERSION = 15
PREPARE = "run `edu2lms prepare`."
# Raw copies, dbt's tables, the new live rows and their indexes, each about as large as the source.
DISK_FACTOR = 4


def check(settings: Settings, tables: Sequence[SourceTable]) -> tuple[CheckResult, bool]:
    """Look at both databases.

    Args:
        settings: where and as whom.
        tables: the declared tables of edu.

    Returns:
        The findings, and whether each database could be reached by at least one role.
    """
    with ExitStack() as stack:
        looking = _Check(settings, tables, stack)
        findings = tuple(looking.findings())
    ok = not any(finding.verdict is Verdict.FAILED for finding in findings)
    return CheckResult(ok=ok, findings=findings), looking.reached == {"edu", "lms"}


def _ok(name: str, detail: str) -> Finding:
    return Finding(name, Verdict.OK, detail)


def _failed(name: str, detail: str, fix: str = PREPARE) -> Finding:
    return Finding(name, Verdict.FAILED, detail, fix)


def _warning(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, Verdict.WARNING, detail, fix)


def _verdict(name: str, missing: Sequence[str], good: str, bad: str, fix: str = PREPARE) -> Finding:
    """Ok when nothing is missing, else failed with the first few."""
    if not missing:
        return _ok(name, good)
    more = f" and {len(missing) - 6} more" if len(missing) > 6 else ""
    return _failed(name, f"{bad}: {', '.join(missing[:6])}{more}", fix)


class _Check:
    """Connections and findings of one check."""

    def __init__(self, settings: Settings, tables: Sequence[SourceTable], stack: ExitStack) -> None:
        self.settings = settings
        self.tables = tables
        self.names = [table.name for table in tables]
        self.stack = stack
        self.reached: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """All findings, edu first."""
        connections: dict[tuple[str, str], Connection] = {}
        for database in ("edu", "lms"):
            yield from self._connect(database, connections)
        edu = connections.get(("edu", "admin")) or connections.get(("edu", "user"))
        lms = connections.get(("lms", "admin")) or connections.get(("lms", "user"))
        if edu is not None:
            yield from self._edu(edu)
        if lms is not None:
            yield from self._lms(lms, connections.get(("lms", "user")))
            yield from self._disk(edu, lms)

    def _connect(self, database: str, connections: dict[tuple[str, str], Connection]) -> Iterator[Finding]:
        settings = self.settings
        for kind, suffix in (("admin", "admin_user"), ("user", "user"), ("app", "app_user")):
            role = getattr(settings, f"{database}_{suffix}", None)
            if role is None:
                continue
            conninfo: str = getattr(settings, {"admin": f"{database}_admin", "user": database, "app": "lms_app"}[kind])
            name = f"{database}: connect as {role}"
            try:
                connection = self.stack.enter_context(connected(settings, database, conninfo))
            except ConnectError as error:
                yield _failed(name, error.message, error.fix)
                continue
            # The server itself sees to it that nothing is changed here.
            connection.execute("set default_transaction_read_only = on")
            connections[database, kind] = connection
            self.reached.add(database)
            yield _ok(name, settings.where(database))
        for kind in ("admin", "user"):
            if found := connections.get((database, kind)):
                version = found.info.server_version // 10000
                name = f"{database}: version"
                fix = f"upgrade the server to PostgreSQL {OLDEST_VERSION} or newer."
                yield _ok(name, f"PostgreSQL {version}") if version >= OLDEST_VERSION else _failed(name, f"{version}", fix)
                return

    # ── edu ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _edu(self, edu: Connection) -> Iterator[Finding]:
        found = differences(self.tables, columns_of(edu, "public", self.names))
        fix = "bring models/staging/edu/_edu__sources.yml in line with edu."
        count = sum(len(table.columns) for table in self.tables)
        good = f"{len(self.tables)} tables, {count} columns"
        yield _verdict("edu: declared tables and columns", found, good, "not as declared", fix)
        user = self.settings.edu_user
        role = row(edu, "role", role=user)
        if role is None:
            yield _failed("edu: reader", f"the role {user} does not exist")
            return
        if role["rolsuper"]:
            yield _failed("edu: reader", f"{user} is a superuser", "name another role in EDU_USER; `edu2lms prepare` makes it.")
            return
        writable = rows(edu, "writable_by", role=user, privileges=["INSERT", "UPDATE", "DELETE", "TRUNCATE"])
        yield _verdict(
            "edu: reader cannot write",
            [f"{entry['table_name']} ({entry['privileges']})" for entry in writable],
            f"{user} may change no table",
            f"{user} may change",
            f"{PREPARE} If it stays, the right comes from PUBLIC or another role: revoke it there.",
        )
        if not role["reads_only"]:
            yield _warning("edu: reader is read-only by default", "default_transaction_read_only is not set", PREPARE)
        declared = [(table.name, column) for table in self.tables for column in table.column_names]
        pairs = {"tables": [entry[0] for entry in declared], "columns": [entry[1] for entry in declared]}
        rights = rows(edu, "rights", role=user, privileges=["SELECT"] * len(declared), **pairs)
        missing = [f"{entry['table_name']}.{entry['column_name']}" for entry in rights if not entry["granted"]]
        yield _verdict("edu: reader reads the declared columns", missing, f"{len(declared)} columns", "cannot read")
        extra = rows(edu, "readable_undeclared", role=user, **pairs)
        yield _verdict(
            "edu: reader reads nothing else",
            [f"{entry['table_name']}.{entry['column_name']}" for entry in extra],
            "passwords and other undeclared columns are out of reach",
            "can read",
            f"{PREPARE} If it stays, the right comes from PUBLIC or another role: revoke it there.",
        )

    # ── lms ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _lms(self, lms: Connection, as_user: Connection | None) -> Iterator[Finding]:
        facts = row(lms, "lms_facts") or {}
        live = columns_of(lms, "public", READ_TABLES)
        absent = sorted(set(READ_TABLES) - set(live))
        fix = "correct LMS_HOST, LMS_PORT and LMS_DBNAME: this is not the application's database."
        yield _verdict("lms: the application's tables", absent, f"{len(READ_TABLES)} tables", "missing", fix)
        yield from self._lms_role(lms, facts, complete=not absent)
        schemas = [schema for schema in SCHEMAS if not facts[f"has_{schema}"]]
        yield _verdict("lms: schemas", schemas, ", ".join(SCHEMAS), "missing")
        ledger = [name for name in LEDGER_TABLES if not facts[f"has_{name}"]]
        functions = [name for name, *_ in LEDGER_FUNCTIONS if row(lms, "function_comment", name=name) is None]
        yield _verdict("lms: ledger", [*ledger, *(f"{name}()" for name in functions)], "complete", "missing")
        yield from self._foreign(lms, facts, as_user)
        for track in TRACKING:
            yield self._tracking(lms, live, track.table, track.column, track.index)

    def _lms_role(self, lms: Connection, facts: dict[str, Any], *, complete: bool) -> Iterator[Finding]:
        user = self.settings.lms_user
        role = row(lms, "role", role=user)
        if role is None:
            yield _failed("lms: role", f"the role {user} does not exist")
            return
        if role["rolsuper"]:
            fix = "name another role in LMS_USER; `edu2lms prepare` makes it."
            yield _failed("lms: role", f"{user} is a superuser, whom no missing right holds back", fix)
            return
        owned = [entry["relation"] for entry in rows(lms, "owned_in_public", role=user)]
        fix = "name another role in LMS_USER, or give these tables to the application's owner."
        yield _verdict("lms: role owns nothing in public", owned, f"{user} can drop or alter no live table", "owns", fix)
        hidden = [entry["table_name"] for entry in rows(lms, "rls_tables", tables=list(READ_TABLES))]
        name = "lms: role sees every row"
        if role["rolbypassrls"]:
            yield _ok(name, "BYPASSRLS")
        elif hidden:
            detail = f"row-level security hides rows of {', '.join(hidden)} from {user}"
            statement = sql.SQL("alter role {} bypassrls").format(sql.Identifier(user)).as_string(lms)
            yield _failed(name, detail, f"let a superuser run: {statement};")
        else:
            yield _ok(name, "no table has row-level security")
        if not complete:
            return
        missing = [
            f"{privilege.lower()} on {table}" + (f"({column})" if column else "")
            for table, column, privilege in missing_live_rights(self.settings, lms, facts)
        ]
        yield _verdict("lms: rights on the live tables", missing, "complete", "missing")
        yield _verdict("lms: audit schema", missing_audit(lms), "tables, partitions and functions", "missing")
        excess = rows(lms, "writable_by", role=user, privileges=["DELETE", "TRUNCATE"])
        names = [f"{entry['table_name']} ({entry['privileges']})" for entry in excess]
        fix = f"revoke delete, truncate on the table from {user} (or from the role that passes it on)."
        yield _verdict("lms: role cannot delete", names, "no DELETE, no TRUNCATE", "may delete from", fix)
        rights = row(lms, "role_rights", role=user) or {}
        name = "lms: role cannot create in the application's schema"
        if rights.get("creates_in_public"):
            # so it was for everybody before PostgreSQL 15, and an upgrade keeps it
            fix = "let the owner run: revoke create on schema public from public; (first grant it to the roles that need it)."
            yield _warning(name, f"{user} may create tables, views and functions in schema public", fix)
        else:
            yield _ok(name, "no CREATE on schema public")
        name = "lms: role may suspend triggers"
        if rights.get("sets_replication_role"):
            yield _ok(name, "SET on session_replication_role")
        else:
            detail = "no SET on session_replication_role: publishing is slower, and the audit triggers write one row per row"
            grant = sql.SQL("grant set on parameter session_replication_role to {}").format(sql.Identifier(user))
            yield _warning(name, detail, f"let a superuser run: {grant.as_string(lms)};")

    def _foreign(self, lms: Connection, facts: dict[str, Any], as_user: Connection | None) -> Iterator[Finding]:
        if not facts["has_extension"]:
            yield _failed("lms: extension postgres_fdw", "not installed")
            return
        server = row(lms, "foreign_server")
        if server is None:
            yield _failed("lms: foreign server edu", "does not exist")
            return
        stale = [key for key, value in server_options(self.settings).items() if server["options"].get(key) != value]
        yield _verdict("lms: foreign server edu", stale, self.settings.where("edu"), "options differ from the environment")
        found = columns_of(lms, "edu_fdw", None)
        names = [
            table.name
            for table in self.tables
            if found.get(table.name) != {column.name: column.data_type for column in table.columns}
        ]
        yield _verdict("lms: foreign tables", names, f"{len(self.tables)} tables", "not as declared")
        name = "lms: edu is reachable from the lms server"
        reachable = [table for table in self.names if table not in names]
        if as_user is None or not reachable:
            yield Finding(name, Verdict.UNKNOWN, "cannot be tried before `edu2lms prepare`", PREPARE)
            return
        try:
            query = sql.SQL("select 1 from {} limit 1").format(sql.Identifier("edu_fdw", reachable[0]))
            as_user.execute(query)
        except psycopg.Error as error:
            fix = f"{PREPARE} If it stays: EDU_HOST and EDU_PORT must lead to edu from the lms server's machine, too."
            yield _failed(name, self.settings.mask(one_line(error)), fix)
        else:
            yield _ok(name, f"read from edu_fdw.{reachable[0]}")

    def _tracking(self, lms: Connection, live: dict[str, dict[str, str]], table: str, column: str, index: str) -> Finding:
        name = f"lms: {table}.{column}"
        found, state = live.get(table, {}).get(column), row(lms, "tracking_index", index=index)
        if found is None:
            return _failed(name, "the column does not exist")
        if found != "bigint":
            return _failed(name, f"its type is {found}, and legacy ids need bigint", "rename the column or change its type.")
        if state is None:
            return _failed(name, f"the unique index {index} does not exist")
        if not state["is_valid"]:
            return _failed(name, f"the index {index} is invalid (an interrupted build)")
        if not state["is_unique"] or state["columns"] != [column] or state["table_name"] != table or not state["is_partial"]:
            fix = f"rename it: alter index {index} rename to …"
            return _failed(name, f"the index {index} is not a unique index on {table}({column}) where {column} is not null", fix)
        return _ok(name, f"bigint, unique index {index}")

    # ── disk ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _disk(self, edu: Connection | None, lms: Connection) -> Iterator[Finding]:
        name = "lms: free disk"
        try:
            found = lms.execute("select current_setting('data_directory')").fetchone()
            folder = Path(str(found[0])) if found else Path()
            # Another machine's folder may have a namesake here: only a socket says that the server is on this machine.
            local = (self.settings.lms_host or "/").startswith("/") and folder.is_dir()
            free = shutil.disk_usage(folder).free if local else None
        except (psycopg.Error, OSError):
            free = None
        size = (row(edu, "source_size", tables=self.names) or {}).get("bytes") if edu is not None else None
        if free is None or size is None:
            yield Finding(name, Verdict.UNKNOWN, "the data folder of the server cannot be seen from here")
            return
        need = DISK_FACTOR * int(size)
        detail = f"{free / 1e9:.1f} GB free, about {need / 1e9:.1f} GB needed"
        yield _ok(name, detail) if free > need else _warning(name, detail, "make room before the load.")
