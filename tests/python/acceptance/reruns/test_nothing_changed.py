"""A run that finds everything as the last one left it builds nothing; and whatever has changed is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import psycopg
import pytest
from databases import ROOT, Databases, content, rows, value
from psycopg import sql
from psycopg.conninfo import make_conninfo

from loader import standing
from loader.project import Project
from loader.standing import unchanged_since

DECISIONS = {"as_of_date": "2024-03-01"}
AS_OF = "{as_of_date: '2024-03-01'}"
ASKED = {**DECISIONS, "publish": True, "courses": 0}


@dataclass
class Ran:
    """A published migration, and what the run printed."""

    databases: Databases
    first: dict[str, Any]


@pytest.fixture(scope="module")
def ran(make_databases: Callable[..., Databases]) -> Ran:
    databases = make_databases("unchanged")
    return Ran(databases, databases.document("run", "--publish", "--vars", AS_OF))


def role(databases: Databases, lms: str) -> str:
    return make_conninfo(lms, user=databases.settings["LMS_USER"], password=databases.settings["LMS_PASSWORD"])


@pytest.fixture
def copy(ran: Ran) -> Iterator[str]:
    """A copy of lms, file by file: every row version stands in it as it does in the original."""
    names = [sql.Identifier(name) for name in ("lms_unchanged_copy", ran.databases.settings["LMS_DBNAME"])]
    maintenance = make_conninfo(ran.databases.lms, dbname="postgres")
    rows(maintenance, sql.SQL("drop database if exists {} with (force)").format(names[0]))
    rows(maintenance, sql.SQL("create database {} template {}").format(*names))
    yield make_conninfo(ran.databases.lms, dbname="lms_unchanged_copy")
    rows(maintenance, sql.SQL("drop database {} with (force)").format(names[0]))


def unchanged(ran: Ran, lms: str, **asked: Any) -> bool:
    with psycopg.connect(role(ran.databases, lms), autocommit=True) as connection:
        inputs = standing.inputs(connection, Project(ROOT), {**ASKED, **asked})
        return unchanged_since(connection, inputs) is not None


def test_an_older_transaction_of_somebody_else_hides_nothing(ran: Ran) -> None:
    with psycopg.connect(ran.databases.lms) as older:
        older.execute("select pg_current_xact_id()")
        assert ran.databases.document("run", "--publish", "--vars", AS_OF, "--rebuild")["unchanged_since"] is None
        assert unchanged(ran, ran.databases.lms)
        older.execute("update students set status = status where id = (select id from students limit 1)")
        older.commit()
        assert not unchanged(ran, ran.databases.lms)
    ran.first = ran.databases.document("run", "--publish", "--vars", AS_OF, "--rebuild")


def test_the_second_run_finds_nothing_to_do_says_so_and_writes_nothing(ran: Ran) -> None:
    before = content(ran.databases.lms)
    built = "select oid, relfilenode from pg_class where relnamespace = 'migration'::regnamespace order by 1"
    tables = rows(ran.databases.lms, built)
    again = ran.databases.document("run", "--publish", "--vars", AS_OF)
    assert again["unchanged_since"]
    assert ran.first["unchanged_since"] is None
    assert again["batch_id"] == ran.first["batch_id"]
    assert {name: again[name] for name in ("nodes", "tests", "warnings", "status", "conflicts")} == {
        name: ran.first[name] for name in ("nodes", "tests", "warnings", "status", "conflicts")
    }
    assert not any(again["written"].values())
    assert rows(ran.databases.lms, built) == tables
    assert content(ran.databases.lms) == before
    said = ran.databases.edu2lms("run", "--publish", "--vars", AS_OF).stdout
    assert "Nothing has changed since run" in said
    assert "dbt tests passed then" in " ".join(said.split())


@pytest.mark.parametrize(
    "change",
    [
        "update public.course_enrollments set notes = 'seen' where id in (select id from public.course_enrollments limit 1)",
        "update public.students set status = status where id = (select min(id::text)::uuid from public.students)",
        "delete from public.assessment_submissions where id = (select max(id::text)::uuid from public.assessment_submissions)",
        "insert into public.course_enrollments (course_offering_id, student_id, enrollment_status) "
        "select course_offering_id, student_id, 'withdrawn' from public.course_enrollments limit 1",
        "alter table public.students add column nickname text",
        "create policy nobody on public.students using (false)",
        "update migration.students set id = id",
        "drop table migration.rejected_rows cascade",
        "create table migration.something (id integer)",
        "delete from migration.course_enrollments where id = (select min(id::text)::uuid from migration.course_enrollments)",
        "update staging.journal set point = '1' where id = (select min(id) from staging.journal)",
        "truncate staging.exam",
        "update ledger.crosswalk set method = method where legacy_id = (select min(legacy_id) from ledger.crosswalk)",
        "update ledger.batches set undone_at = now()",
    ],
)
def test_whatever_is_written_or_defined_anew_is_noticed(ran: Ran, copy: str, change: str) -> None:
    assert unchanged(ran, copy)
    rows(copy, change)
    assert not unchanged(ran, copy)


def test_other_decisions_are_another_run(ran: Ran) -> None:
    assert unchanged(ran, ran.databases.lms)
    for other in ({"publish": False}, {"courses": 10}, {"as_of_date": "2024-03-02"}, {"max_rejected": 1}):
        assert not unchanged(ran, ran.databases.lms, **other), other


def test_without_a_fixed_day_every_day_is_another(ran: Ran) -> None:
    with psycopg.connect(role(ran.databases, ran.databases.lms), autocommit=True) as connection:
        connection.execute("set timezone = '+14'")
        eastern = standing.inputs(connection, Project(ROOT), ASKED)
        assert standing.inputs(connection, Project(ROOT), ASKED) == eastern
        connection.execute("set timezone = '-12'")
        assert standing.inputs(connection, Project(ROOT), ASKED) != eastern, "26 hours away it is another day"


@pytest.mark.parametrize(
    "file", ["seeds/defaults.csv", "models/marts/course_offerings.sql", "macros/as_of_date.sql", "dbt_project.yml"]
)
def test_another_file_is_another_run(ran: Ran, tmp_path: Path, file: str) -> None:
    root = tmp_path / "project"
    copytree(ROOT, root, ignore=ignore_patterns(".*", "target", "logs", "*.py", "docs"))
    with psycopg.connect(role(ran.databases, ran.databases.lms), autocommit=True) as connection:
        before = standing.inputs(connection, Project(ROOT), ASKED)
        assert standing.inputs(connection, Project(root), ASKED) == before
        with (root / file).open("a") as opened:
            opened.write("\n")
        assert standing.inputs(connection, Project(root), ASKED) != before


def test_a_row_that_changed_in_edu_is_built_and_published(ran: Ran) -> None:
    statement = "update journal set point = '77', update_date = now() where id = %s"
    mark = "select min(legacy_id) from ledger.crosswalk where entity = 'course_enrollments' and method = 'inserted'"
    rows(ran.databases.edu, statement, value(ran.databases.lms, mark))
    third = ran.databases.document("run", "--publish", "--vars", AS_OF)
    assert third["unchanged_since"] is None
    assert third["written"]["updated"] == 1
    assert unchanged(ran, ran.databases.lms)


def test_rebuild_builds_all_the_same(ran: Ran) -> None:
    assert unchanged(ran, ran.databases.lms)
    again = ran.databases.document("run", "--publish", "--vars", AS_OF, "--rebuild")
    assert again["unchanged_since"] is None
    assert not any(again["written"].values())
    assert again["tests"]["passed"] > 100
