"""The facts about live tables: each kind of change is seen and told, and what is no change is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from databases import Databases, value
from psycopg import sql

from loader.guard import describe, read_facts


@dataclass(frozen=True)
class Change:
    """A statement of somebody who may, and the lines that the guard must print.

    Attributes:
        kind: what is changed.
        statement: SQL.
        table: under which it is told.
        removed: a part of a line with -.
        added: a part of a line with +.
    """

    kind: str
    statement: str
    table: str
    removed: str = ""
    added: str = ""


STUDENTS = "alter table public.students "
CHANGES = [
    Change("column type", STUDENTS + "alter column total_credits_earned type bigint", "students",
           "column total_credits_earned integer", "column total_credits_earned bigint"),
    Change("column length", "drop view public.rooms; alter table public.course_offerings alter room_code type varchar(256)",
           "course_offerings", "column room_code character varying(10)", "column room_code character varying(256)"),
    Change("column name", STUDENTS + "rename gpa to average", "students", "column gpa", "column average"),
    Change("column added", STUDENTS + "add column extra text", "students", added="column extra text"),
    Change("column dropped", STUDENTS + "drop column gpa", "students", removed="column gpa numeric(3,2)"),
    Change("column dropped and added again", STUDENTS + "drop column gpa, add column gpa numeric(3,2)", "students",
           "column gpa numeric(3,2), place", "column gpa numeric(3,2), place"),
    Change("default", STUDENTS + "alter column status set default 'inactive'", "students",
           "column status text not null", "default 'inactive'::text"),
    Change("not null", STUDENTS + "alter column student_number drop not null", "students",
           "column student_number text not null", "column student_number text, place"),
    Change("identity", "alter table public.room_bookings alter id set generated always", "room_bookings",
           "identity by default", "identity always"),
    Change("collation", 'alter table public.persons alter national_id type text collate "C"', "persons", added='collate "C"'),
    Change("storage of a column", STUDENTS + "alter column student_number set storage external", "students", added="storage e"),
    Change("statistics of a column", STUDENTS + "alter column student_number set statistics 500", "students",
           added="statistics 500"),
    Change("check constraint dropped", STUDENTS + "drop constraint students_status_check", "students",
           removed="constraint students_status_check CHECK"),
    Change("check constraint not validated", STUDENTS + "add constraint fine check (gpa < 9) not valid", "students",
           added="constraint fine CHECK ((gpa < (9)::numeric)) NOT VALID"),
    Change("unique constraint", STUDENTS + "drop constraint students_student_number_key", "students",
           removed="constraint students_student_number_key UNIQUE"),
    Change("foreign key", STUDENTS + "drop constraint students_user_id_fkey", "students",
           removed="constraint students_user_id_fkey FOREIGN KEY"),
    Change("foreign key of another schema", "create schema other; create table other.mine (id uuid references public.students)",
           "students", added="constraint mine_id_fkey of other.mine FOREIGN KEY"),
    Change("index dropped", "drop index public.course_enrollments_student_id_idx", "course_enrollments",
           removed="index course_enrollments_student_id_idx"),
    Change("index added", "create index mine on public.students (gpa)", "students", added="index mine CREATE INDEX mine"),
    Change("index invalid", "update pg_index set indisvalid = false where indexrelid ="
           " 'public.course_enrollments_student_id_idx'::regclass", "course_enrollments", added="(invalid)"),
    Change("extended statistics", "create statistics public.mine on status, gpa from public.students", "students",
           added="statistics CREATE STATISTICS public.mine"),
    Change("trigger disabled", STUDENTS + "disable trigger students_audit", "students", added="(disabled)"),
    Change("foreign key triggers disabled", STUDENTS + "disable trigger all", "students", added="foreign key triggers disabled"),
    Change("trigger dropped", "drop trigger students_audit on public.students", "students", removed="trigger students_audit"),
    Change("function of a trigger", "create or replace function public.set_updated_at() returns trigger language plpgsql as"
           " 'begin return null; end'", "schema public", "function set_updated_at()", "function set_updated_at()"),
    Change("function of a trigger in another schema", "create schema other; create function other.f() returns trigger language"
           " plpgsql as 'begin return new; end'; create trigger mine before insert on public.students for each row execute"
           " function other.f()", "schema public", added="function other.f() owner"),
    Change("function with a body that reads a live table", "create schema other; create function other.f() returns bigint"
           " language sql begin atomic select count(*) from public.students; end", "schema public",
           added="function other.f() owner"),
    Change("policy dropped", "drop policy students_own on public.students", "students", removed="policy students_own"),
    Change("policy for others", "alter policy students_own on public.students to public", "students",
           "to lms_app", "to public"),
    Change("policy with another condition", "alter policy students_own on public.students using (true)", "students",
           "using ((user_id", "using (true)"),
    Change("row-level security off", STUDENTS + "disable row level security", "students", "security on", "security off"),
    Change("row-level security forced", STUDENTS + "force row level security", "students", "security on", "on, forced"),
    Change("grant", "grant delete on public.students to public", "students", added="grant delete to public by"),
    Change("grant of a column", "grant update (gpa) on public.students to public", "students",
           added="grant update (gpa) to public"),
    Change("revoke", "revoke insert on public.students from lms_app", "students", removed="grant insert to lms_app by"),
    Change("grant option", "grant insert on public.students to lms_app with grant option", "students",
           added="to lms_app by lms_owner with grant option"),
    Change("grant on the schema", "grant create on schema public to lms_app", "schema public", added="grant create to lms_app"),
    Change("owner", "create role somebody_guards; alter table public.students owner to somebody_guards", "students",
           "table, owner lms_owner", "table, owner somebody_guards"),
    Change("storage options", STUDENTS + "set (fillfactor = 50)", "students", added="storage options fillfactor=50"),
    Change("unlogged", "alter table public.grades set unlogged", "grades", added="unlogged"),
    Change("replica identity", STUDENTS + "replica identity full", "students", added="replica identity f"),
    Change("published", "create publication mine for table public.students", "students", added="published by mine"),
    Change("comment", "comment on column public.students.gpa is 'mine'", "students", added="comment on gpa 'mine'"),
    Change("rule", "create rule mine as on delete to public.students do instead nothing", "students", added="rule mine"),
    Change("view dropped", "drop view public.course_rosters", "course_rosters", removed="reads"),
    Change("view replaced", "create or replace view public.rooms as select room_code from public.course_offerings where false",
           "rooms", "reads SELECT", "WHERE false"),
    Change("view options", "alter view public.course_rosters reset (security_invoker)", "course_rosters",
           removed="storage options security_invoker=true"),
    Change("view of another schema", "create schema other; create view other.mine as select id from public.students",
           "other.mine", added="reads SELECT"),
    Change("view on a view of another schema",
           "create schema other; create view other.mine as select * from public.course_rosters", "other.mine",
           added="reads SELECT"),
    Change("materialized view", "create materialized view public.mine as select id from public.students", "mine",
           added="materialized view, owner"),
    Change("child table", "create table public.mine () inherits (public.students)", "public.mine",
           added="child of public.students"),
    Change("table dropped", "drop table public.grades", "grades", removed="table, owner lms_owner"),
    Change("table added", "create table public.mine (id integer)", "mine", added="table, owner lms_owner"),
    Change("sequence", "alter sequence public.room_bookings_id_seq increment 7", "room_bookings", "by 1 within", "by 7 within"),
    Change("enumeration", "create type public.mood as enum ('good')", "schema public", added="type mood owner lms_owner: 'good'"),
]  # fmt: skip

NO_CHANGES = [
    # the months of the audit tables come and go by themselves
    "select public.maintain_audit_partitions(null, 7); drop table public.page_views_default",
    "insert into public.audit_logs (action, resource_type) values ('x', 'y')",
    "update public.students set updated_at = now()",
    "delete from public.course_instructors",
    "truncate public.grades",
    "analyze",
    "reindex table public.students",
    "select nextval('public.room_bookings_id_seq')",
    "create temporary view mine as select * from public.students",
    "create temporary table mine (id uuid)",
    "create table migration.mine as select * from public.students; create view migration.ours as select * from public.students",
    "create table ledger.mine (id uuid references public.students)",
    "set datestyle = 'German'; set timezone = 'Asia/Baku'; set search_path = public; set quote_all_identifiers = on",
    "create role somebody_guards; grant somebody_guards to lms_app",
]


@pytest.fixture
def owner(shared_copy: Databases) -> Iterator[psycopg.Connection]:
    """A session of the tables' owner, rolled back at the end."""
    with psycopg.connect(shared_copy.lms) as connection:
        yield connection
        connection.rollback()


def facts(connection: psycopg.Connection) -> tuple[str, ...]:
    return read_facts(connection, lock_timeout=5)


@pytest.mark.parametrize("change", CHANGES, ids=[change.kind.replace(" ", "_") for change in CHANGES])
def test_a_change_is_seen_and_told(owner: psycopg.Connection, change: Change) -> None:
    before = facts(owner)
    owner.execute(sql.SQL(change.statement))
    after = facts(owner)
    removed, added = sorted(set(before) - set(after)), sorted(set(after) - set(before))
    lines = describe(removed, added).splitlines()
    start = lines.index(change.table)
    below = []
    for line in lines[start + 1 :]:
        if not line.startswith("  "):
            break
        below.append(line)
    for sign, part in (("-", change.removed), ("+", change.added)):
        assert not part or [line for line in below if line.startswith(f"  {sign} ") and part in line], below


@pytest.mark.parametrize("statement", NO_CHANGES)
def test_what_is_no_change_is_not_seen(owner: psycopg.Connection, statement: str) -> None:
    before = facts(owner)
    owner.execute(sql.SQL(statement))
    assert facts(owner) == before


def test_vacuum_changes_nothing(copy: Databases) -> None:
    with psycopg.connect(copy.lms, autocommit=True) as connection:
        before = facts(connection)
        connection.execute("vacuum (analyze) public.students")
        connection.execute("vacuum full public.course_enrollments")
        assert facts(connection) == before


def test_the_function_and_the_guard_read_the_same_text(shared_copy: Databases) -> None:
    with psycopg.connect(shared_copy.lms, autocommit=True) as connection:
        connection.execute("set timezone = 'Asia/Baku'; set datestyle = 'German'")
        from_function = sorted(fact for (fact,) in connection.execute("select ledger.live_facts()"))
        assert from_function == list(facts(connection))
        assert len(from_function) > 300
        assert len(set(from_function)) == len(from_function), "one text per item"


def test_the_fingerprint_is_the_hash_of_the_facts(shared_copy: Databases) -> None:
    expected = "select md5(string_agg(fact, e'\\n' order by fact collate \"C\")) from ledger.live_facts() as fact"
    assert value(shared_copy.lms, "select ledger.live_fingerprint()") == value(shared_copy.lms, expected)


def test_every_role_reads_the_same_facts(shared_copy: Databases) -> None:
    seen = set()
    for role in ("lms_owner", shared_copy.settings["LMS_USER"], "lms_app"):
        with psycopg.connect(shared_copy.lms) as connection:
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
            seen.add(facts(connection))
    assert len(seen) == 1


def test_long_facts_are_cut_around_the_difference() -> None:
    body = "x" * 400
    said = describe([f"schema public: function f() {body} one {body}"], [f"schema public: function f() {body} two {body}"])
    lines = said.splitlines()
    assert lines[0] == "schema public"
    assert "one" in lines[1]
    assert "two" in lines[2]
    assert max(map(len, lines)) < 240
