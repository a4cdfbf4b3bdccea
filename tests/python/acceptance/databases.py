"""Databases to migrate, the command line that does it, and questions about their content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from loader.project import Project

ROOT = Project.find().root
TIME_STAMPS = ("created_at", "updated_at")
TRACKING = ("old_course_id", "old_journal_id")

# What the application keeps for itself: its logs and its history differ by nature from one way of writing to another.
LIVE_TABLES = (
    "users", "persons", "students", "staff_members", "organization_units", "academic_terms", "courses", "course_offerings",
    "course_instructors", "course_enrollments", "assessments", "assessment_submissions", "grades",
)  # fmt: skip

LEDGER = ("batches", "batch_tables", "crosswalk")

# rows of a partition are those of its table
_TABLES = """
select relname from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
order by 1
"""
_CONTENT = """
select count(*), md5(coalesce(string_agg(row_hash, '' order by row_hash), ''))
from (select md5((to_jsonb(live) - {without}::text[])::text) as row_hash from {table} as live) as hashed
"""
_FOREIGN_KEYS = """
select
    constraints.conname::text,
    constraints.conrelid::regclass::text,
    constraints.confrelid::regclass::text,
    string_agg(format('child.%I = parent.%I', child.attname, parent.attname), ' and '),
    string_agg(format('child.%I is not null', child.attname), ' and ')
from pg_constraint as constraints
cross join lateral unnest(constraints.conkey, constraints.confkey) as pairs (child_number, parent_number)
inner join pg_attribute as child on constraints.conrelid = child.attrelid and pairs.child_number = child.attnum
inner join pg_attribute as parent on constraints.confrelid = parent.attrelid and pairs.parent_number = parent.attnum
where constraints.contype = 'f' and constraints.connamespace = 'public'::regnamespace
group by 1, 2, 3
"""


@dataclass(frozen=True)
class Databases:
    """One edu and one lms, the settings that lead to them, and dbt's folders of their own."""

    edu: str = field(repr=False)  # passwords are not for the report of a failed test
    lms: str = field(repr=False)
    settings: Mapping[str, str] = field(repr=False)
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a program that works on these databases."""
        folders = {"DBT_TARGET_PATH": str(self.folder / "target"), "DBT_LOG_PATH": str(self.folder / "logs")}
        return {**os.environ, **self.settings, **folders}

    def edu2lms(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """One call of the real command line, which must end with this exit code."""
        command = [sys.executable, "-m", "loader", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == code, f"{arguments} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        return done

    def document(self, *arguments: str, code: int = 0) -> Any:
        """The JSON document that a call of the command line prints."""
        return json.loads(self.edu2lms(*arguments, "--json", code=code).stdout)

    def dbt(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """One call of dbt by hand, from the root of the repository."""
        command = [sys.executable, "-m", "dbt.cli.main", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
        said = done.stdout[-6000:] + done.stderr[-3000:]
        assert done.returncode == code, f"dbt {arguments} ended with {done.returncode}:\n{said}"
        return done

    def artifact(self, name: str) -> Any:
        """One of the files in which dbt says what it did."""
        return json.loads((self.folder / "target" / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Step:
    """One run: what it printed, and the live tables before and after it, the ledger after it."""

    databases: Databases
    document: dict[str, Any] = field(repr=False)
    before: dict[str, tuple[int, str]] = field(repr=False)
    after: dict[str, tuple[int, str]] = field(repr=False)
    ledger: dict[str, int]


def rows(conninfo: str, statement: str | sql.Composed, *parameters: object) -> list[tuple[Any, ...]]:
    """All rows of one statement, on a connection of its own."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        cursor = connection.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def value(conninfo: str, statement: str | sql.Composed, *parameters: object) -> Any:
    """The one value of one statement."""
    ((found,),) = rows(conninfo, statement, *parameters)
    return found


def content(conninfo: str, *, without: Iterable[str] = (), tables: Iterable[str] | None = None) -> dict[str, tuple[int, str]]:
    """Number of rows and a hash over all of them, for each of the application's tables.

    Args:
        conninfo: of a role that sees every row.
        without: columns that do not count.
        tables: default: all tables of schema public.
    """
    found, columns = {}, sql.Literal(list(without))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'")
        names = [name for (name,) in connection.execute(_TABLES)] if tables is None else list(tables)
        for name in names:
            statement = sql.SQL(_CONTENT).format(without=columns, table=sql.Identifier("public", name))
            row = connection.execute(statement).fetchone()
            assert row is not None
            found[name] = (int(row[0]), str(row[1]))
    return found


def ledger(conninfo: str) -> dict[str, int]:
    """Number of rows in the durable tables that only a publication fills."""
    return {name: value(conninfo, f"select count(*) from ledger.{name}") for name in LEDGER}


def by_id(conninfo: str, table: str, *, without: Iterable[str] = ()) -> dict[Any, dict[str, Any]]:
    """The rows of a table by their id; only for small tables."""
    statement = sql.SQL("select id, to_jsonb(live) - {}::text[] from {} as live")
    return dict(rows(conninfo, statement.format(sql.Literal(list(without)), sql.Identifier("public", table))))


def orphans(conninfo: str) -> dict[str, int]:
    """The foreign keys of schema public that do not hold, with the number of rows without parent."""
    broken = {}
    for name, child, parent, on, present in rows(conninfo, _FOREIGN_KEYS):
        present_in_parent = f"exists (select 1 from {parent} as parent where {on})"
        if number := value(conninfo, f"select count(*) from {child} as child where {present} and not {present_in_parent}"):
            broken[name] = number
    return broken
