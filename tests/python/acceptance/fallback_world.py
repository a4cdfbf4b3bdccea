"""A migrated pair with its fallback, copies of it, and the two sides of a comparison that shares no code with the publication."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from databases import ROOT, Databases, rows
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loader.config import Settings

SCREENS = {file.stem: file.read_text(encoding="utf-8") for file in sorted((ROOT / "examples" / "sql").glob("*.sql"))}
RELATIONS = (
    "users", "persons", "students", "staff_members", "academic_terms", "courses", "course_offerings", "course_instructors",
    "course_enrollments", "assessments", "assessment_submissions",
)  # fmt: skip
LOGINS = ("users", "accounts", "student_logins", "staff_logins")
LEGACY = {"course_enrollments": "journal", "assessments": "exam", "assessment_submissions": "exam_student"}

# NULL on the fallback, whatever lms says: secrets.
WITHHELD = ("password_hash", "password_changed_at")
# In users.metadata, only these keys are copied.
KEYS = ("old_user_id", "old_account_id", "password_reset_required")

_BY_NAME = """
select persons.last_name, persons.first_name, students.id
from students
left join persons on students.user_id = persons.user_id
order by persons.last_name, persons.first_name, students.id
"""
_COLUMNS = """
select attname::text, format_type(atttypid, atttypmod)
from pg_attribute
where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
order by attnum
"""
_LIVE = """
select {columns}
from public.{table} as live
where id in (select live_id from ledger.crosswalk where entity = any({entities}))
"""


@dataclass(frozen=True)
class Pair(Databases):
    """Both databases of a migration."""

    @property
    def conf(self) -> Settings:
        """The settings."""
        return Settings(**{name.lower(): value for name, value in self.settings.items()})  # type: ignore[arg-type]

    @property
    def fallback(self) -> str:
        """The role that the application falls back on."""
        return self.conf.fallback

    @property
    def application(self) -> str:
        """The application's role in lms."""
        return self.conf.lms_app

    def publish(self, *arguments: str, code: int = 0) -> Any:
        """`edu2lms fallback publish --json`."""
        return self.document("fallback", "publish", *arguments, code=code)

    def verify(self, code: int = 0) -> Any:
        """`edu2lms fallback verify --json`."""
        return self.document("fallback", "verify", code=code)

    def copy(self, name: str, folder: Path) -> Pair:
        """Both databases once more, with the same roles."""
        names = {}
        for database, conninfo in (("edu", self.edu), ("lms", self.lms)):
            template, names[database] = str(conninfo_to_dict(conninfo)["dbname"]), f"{database}_{name}"
            with psycopg.connect(make_conninfo(conninfo, dbname="postgres"), autocommit=True) as connection:
                parts = (sql.Identifier(names[database]), sql.Identifier(template))
                connection.execute(sql.SQL("create database {} template {}").format(*parts))
        return replace(
            self,
            edu=make_conninfo(self.edu, dbname=names["edu"]),
            lms=make_conninfo(self.lms, dbname=names["lms"]),
            settings={**self.settings, "EDU_DBNAME": names["edu"], "LMS_DBNAME": names["lms"]},
            folder=folder,
        )

    def drop(self) -> None:
        """Drop both."""
        for conninfo in (self.edu, self.lms):
            with psycopg.connect(make_conninfo(conninfo, dbname="postgres"), autocommit=True) as connection:
                name = sql.Identifier(str(conninfo_to_dict(conninfo)["dbname"]))
                connection.execute(sql.SQL("drop database {} with (force)").format(name))


def pages(conninfo: str, size: int) -> list[dict[str, Any]]:
    """Parameters of students_list.sql for each page of the list."""
    before = [("", "", UUID(int=0)), *rows(conninfo, _BY_NAME)[size - 1 :: size]]
    return [{"limit": size, "last_name": last, "first_name": first, "id": student} for last, first, student in before]


def columns(conninfo: str, relation: str) -> list[tuple[str, str]]:
    """Names and types of a relation, in order."""
    return [(name, kind) for name, kind in rows(conninfo, _COLUMNS, relation)]


def _shown(names: Iterable[str], table: str, digest: bool) -> sql.Composed:
    """Each column as text, in a form that both servers write alike."""
    parts = []
    for name in names:
        column = sql.Identifier("live", name)
        if (table, name) == ("users", "metadata"):
            keys = sql.Literal(list(KEYS))
            text = "(select jsonb_object_agg(key, value) from jsonb_each({}) where key = any({}))::text"
            parts.append(sql.SQL(text).format(column, keys))
        else:
            parts.append(sql.SQL("{}::text").format(column))
    listed = sql.SQL(", ").join(parts)
    return sql.SQL("live.id, md5(row({})::text)").format(listed) if digest else listed


def lms_rows(pair: Databases, table: str, *, digest: bool = False) -> set[tuple[Any, ...]]:
    """The rows of lms with a legacy source, every column but the withheld ones as text; `digest` makes one text of the row."""
    names = [name for name, _ in columns(pair.lms, f"public.{table}") if name not in WITHHELD]
    entities = list(LOGINS if table == "users" else (table,))
    statement = sql.SQL(_LIVE).format(
        columns=_shown(names, table, digest), table=sql.Identifier(table), entities=sql.Literal(entities)
    )
    return _fetch(pair.lms, statement)


def fallback_rows(pair: Databases, table: str, *, digest: bool = False) -> set[tuple[Any, ...]]:
    """The same rows on the fallback, before row-level security."""
    names = [name for name, _ in columns(pair.edu, f"lms_compat.{table}") if name not in WITHHELD]
    statement = sql.SQL("select {} from lms_compat.{} as live").format(
        _shown(names, table, digest), sql.Identifier(f"all_{table}")
    )
    return _fetch(pair.edu, statement)


def _fetch(conninfo: str, statement: sql.Composed) -> set[tuple[Any, ...]]:
    with psycopg.connect(conninfo, autocommit=True, options="-c timezone=UTC -c datestyle=ISO") as connection:
        found = connection.execute(statement).fetchall()
        assert len(found) == len(set(found)), "no row stands there twice"
        return set(found)
