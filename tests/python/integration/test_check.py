from __future__ import annotations

import json
from typing import Any

import pytest
from demo_servers import DemoServers

from loader.check import check
from loader.cli import main
from loader.prepare import prepare
from loader.project import SourceTable

Tables = tuple[SourceTable, ...]


@pytest.fixture
def prepared(in_demo: DemoServers, source_tables: Tables) -> DemoServers:
    prepare(in_demo.settings, source_tables, dry_run=False, report=lambda _: None)
    return in_demo


def findings(demo: DemoServers, tables: Tables) -> dict[str, tuple[str, str, str | None]]:
    found, _ = check(demo.settings, tables)
    return {entry.name: (str(entry.verdict), entry.detail, entry.fix) for entry in found.findings}


def test_before_prepare_it_says_what_is_missing_and_changes_nothing(
    in_demo: DemoServers, query: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = "select (select count(*) from pg_class), (select count(*) from pg_roles), (select count(*) from pg_namespace)"
    before = query(in_demo.lms_admin, everything), query(in_demo.edu_admin, everything)
    assert main(["check", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (query(in_demo.lms_admin, everything), query(in_demo.edu_admin, everything)) == before
    failed = {finding["name"] for finding in document["findings"] if finding["verdict"] == "failed"}
    assert {"edu: reader", "lms: role", "lms: schemas", "lms: ledger", "lms: extension postgres_fdw"} <= failed
    assert {"lms: course_offerings.old_course_id", "lms: course_enrollments.old_journal_id"} <= failed
    assert all(finding["fix"] for finding in document["findings"] if finding["verdict"] == "failed")


@pytest.mark.usefixtures("prepared")
def test_after_prepare_nothing_is_in_the_way() -> None:
    assert main(["check"]) == 0


# what is broken, in which database, and what check must say then: name of the finding, verdict, part of detail or fix
BREAKAGES = [
    ("edu", "alter table journal rename column point to mark", "edu: declared tables and columns", "failed", "journal.point"),
    (
        "edu",
        "alter table exam rename to exams",
        "edu: declared tables and columns",
        "failed",
        "exam: the table does not exist",
    ),
    (
        "edu",
        "revoke select (code) on course from {reader}",
        "edu: reader reads the declared columns",
        "failed",
        "course.code",
    ),
    ("edu", "grant select on accounts to public", "edu: reader reads nothing else", "failed", "accounts.password"),
    ("edu", "grant update on journal to public", "edu: reader cannot write", "failed", "journal (UPDATE)"),
    (
        "edu",
        "alter role {reader} reset default_transaction_read_only",
        "edu: reader is read-only by default",
        "warning",
        "prepare",
    ),
    ("lms", "alter role {user} nobypassrls", "lms: role sees every row", "failed", 'alter role "{user}" bypassrls;'),
    ("lms", "alter table persons owner to {user}", "lms: role owns nothing in public", "failed", "public.persons"),
    ("lms", "revoke insert on students from {user}", "lms: rights on the live tables", "failed", "insert on students"),
    (
        "lms",
        "revoke update (old_course_id) on course_offerings from {user}",
        "lms: rights on the live tables",
        "failed",
        "(old_course_id)",
    ),
    ("lms", "grant delete on users to {user}", "lms: role cannot delete", "failed", "users (DELETE)"),
    (
        "lms",
        "revoke set on parameter session_replication_role from {user}",
        "lms: role may suspend triggers",
        "warning",
        "audit",
    ),
    (
        "lms",
        "grant create on schema public to public",
        "lms: role cannot create in the application's schema",
        "warning",
        "revoke create on schema public from public",
    ),
    ("lms", "alter table students force row level security", "lms: role sees every row", "ok", "BYPASSRLS"),
    ("lms", "drop schema migration", "lms: schemas", "failed", "migration"),
    ("lms", "drop table ledger.crosswalk", "lms: ledger", "failed", "crosswalk"),
    ("lms", "drop function ledger.analyze_live()", "lms: ledger", "failed", "analyze_live()"),
    ("lms", "alter server edu options (set port '1')", "lms: foreign server edu", "failed", "port"),
    (
        "lms",
        "alter server edu options (set port '1')",
        "lms: edu is reachable from the lms server",
        "failed",
        "could not connect",
    ),
    ("lms", "drop foreign table edu_fdw.course", "lms: foreign tables", "failed", "course"),
    ("lms", "drop server edu cascade", "lms: foreign server edu", "failed", "does not exist"),
    ("lms", "drop extension postgres_fdw cascade", "lms: extension postgres_fdw", "failed", "not installed"),
    (
        "lms",
        "drop index course_offerings_old_course_id_key",
        "lms: course_offerings.old_course_id",
        "failed",
        "does not exist",
    ),
    (
        "lms",
        "alter table course_offerings drop column old_course_id cascade",
        "lms: course_offerings.old_course_id",
        "failed",
        "column",
    ),
]


@pytest.mark.parametrize(("database", "statement", "name", "verdict", "said"), BREAKAGES)
def test_each_missing_thing_is_found_and_prepare_never_hides_it(
    prepared: DemoServers, source_tables: Tables, query: Any, database: str, statement: str, name: str, verdict: str, said: str
) -> None:
    names = {"reader": prepared.settings.edu_user, "user": prepared.settings.lms_user}
    query(prepared.edu_admin if database == "edu" else prepared.lms_admin, statement.format(**names))
    found = findings(prepared, source_tables)[name]
    assert found[0] == verdict
    assert said.format(**names) in f"{found[1]} {found[2]}"
    assert found[2] or verdict == "ok", "every finding names a fix"


def test_a_database_that_is_not_the_applications_is_named(prepared: DemoServers, source_tables: Tables, query: Any) -> None:
    query(prepared.lms_admin, "alter table assessments rename to examinations")
    found = findings(prepared, source_tables)
    assert found["lms: the application's tables"][0] == "failed"
    assert "assessments" in found["lms: the application's tables"][1]
