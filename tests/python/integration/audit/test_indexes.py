"""Every index is there and is used by the query that it is for: the planner is asked, on tens of thousands of rows.

No setting of the planner is touched: where reading the whole table were cheaper, the plan would say so and the test would fail.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from audit_rows import EVENTS, PEOPLE_AND_COURSES
from audit_world import WITHOUT_LOG, copied, one, prepared
from demo_servers import DemoServers

from loader.audit.indexes import Found, Index, of_table, wanted
from loader.demo.demo import Pair
from loader.project import Project

NAMED = (
    "idx_course_enrollments_course_offering_id", "idx_course_enrollments_student_id", "idx_course_offerings_course_id",
    "idx_students_user_id", "idx_course_offerings_enrollment_status", "idx_students_status", "idx_users_is_active",
    "idx_audit_logs_user_id", "idx_audit_logs_action_type", "idx_audit_logs_timestamp", "idx_audit_logs_ip_address",
    "idx_audit_logs_action_details", "idx_audit_logs_metadata",
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(demo_pair: Pair) -> Iterator[DemoServers]:
    """A fresh lms with as many rows as a small university, prepared; then a month of events."""
    setup = WITHOUT_LOG + ";" + PEOPLE_AND_COURSES
    with copied(demo_pair, "audit_filled", setup=setup) as demo:
        prepared(demo)
        with psycopg.connect(demo.lms_admin, autocommit=True) as admin:
            admin.execute(EVENTS.encode())
            admin.execute("vacuum analyze")
        yield demo


@pytest.fixture(scope="module")
def admin(filled: DemoServers) -> Iterator[psycopg.Connection]:
    """A session of the owner."""
    with psycopg.connect(filled.lms_admin, autocommit=True) as connection:
        yield connection


def used(plan: Any) -> set[str]:
    """Names of all indexes of a plan."""
    if isinstance(plan, list):
        return set().union(*map(used, plan)) if plan else set()
    if isinstance(plan, dict):
        return set().union({plan["Index Name"]} if "Index Name" in plan else set(), *map(used, plan.values()))
    return set()


def stands_for(admin: psycopg.Connection, index: Index) -> set[str]:
    """The index itself, those of its partitions, or the one of the application that does the same."""
    found = Found.read(admin, [index.table])
    alike = {entry["index_name"] for entry in found.alike(index, index.table)}
    return alike | {entry["index_name"] for entry in found.entries if entry["parent"] == index.name}


@pytest.mark.parametrize("index", wanted(), ids=lambda index: index.name)
def test_the_index_is_used_by_its_query(admin: psycopg.Connection, index: Index) -> None:
    (plan,) = one(admin, f"explain (format json) {index.query}")
    assert used(plan) & stands_for(admin, index), json.dumps(plan, indent=1)


@pytest.mark.parametrize("index", wanted(), ids=lambda index: index.name)
def test_the_definition_is_spelled_as_the_server_spells_it(admin: psycopg.Connection, index: Index) -> None:
    assert stands_for(admin, index), one(admin, "select pg_get_indexdef(%s::regclass)", f"public.{index.name}")


def test_no_index_keeps_the_application_from_writing_long_texts(owner: psycopg.Connection) -> None:
    long = "(select string_agg(md5(n::text), '') from generate_series(1, 600) as n)"
    one_of = "where id = (select id from {} order by id limit 1)"
    people = f"update persons set last_name = {long}, first_name = {long}, national_id = {long} {one_of.format('persons')}"
    courses = f"update courses set name = jsonb_build_object('az', {long}) {one_of.format('courses')}"
    for statement in (people, courses):
        assert owner.execute(statement.encode()).rowcount == 1


def test_the_list_is_long_enough_and_names_everything_that_was_asked_for() -> None:
    names = [index.name for index in wanted()]
    assert len(names) == len(set(names)) >= 35
    assert set(NAMED) <= set(names)


def test_what_the_application_has_already_is_not_made_twice(admin: psycopg.Connection) -> None:
    twice = """
        select array_agg(indexrelid::regclass::text) from pg_index
        where indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
        group by indrelid, indkey::text, indclass::text, indoption::text, coalesce(pg_get_expr(indpred, indrelid), ''),
            coalesce(pg_get_expr(indexprs, indrelid), '')
        having count(*) > 1
    """
    assert admin.execute(twice).fetchall() == []


def test_the_indexes_of_events_are_small(admin: psycopg.Connection) -> None:
    """BRIN in kilobytes; all secondary indexes together smaller than the rows."""
    size = "select sum(pg_relation_size(relid)) from pg_partition_tree({}::regclass) where isleaf"
    (rows,) = one(admin, size.format("'public.audit_logs'"))
    sizes = {index.name: one(admin, size.format(f"'public.{index.name}'"))[0] for index in of_table("audit_logs")}
    assert sizes["idx_audit_logs_timestamp"] < 300_000
    assert sum(sizes.values()) < rows, sizes


def page() -> str:
    """The list as Markdown."""
    lines = ["| index | table | serves |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| `{index.name}` | `{index.table}` | {index.serves} |" for index in wanted())]) + "\n"


def test_the_page_has_the_list() -> None:
    document = Project.find().root / "docs" / "audit-schema.md"
    text = document.read_text(encoding="utf-8")
    head, mark, _ = text.partition("| index | table | serves |")
    if os.environ.get("EDU2LMS_WRITE_DOCS"):
        document.write_text(head + page(), encoding="utf-8")
    assert mark
    assert document.read_text(encoding="utf-8") == head + page()


# ── what is broken or missing ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_interrupted_build_is_repaired(filled: DemoServers, admin: psycopg.Connection) -> None:
    admin.execute("update pg_index set indisvalid = false where indexrelid = 'public.idx_users_last_login_at'::regclass")
    names = [step.name for step in prepared(filled).steps]
    assert names == ["lms: index idx_users_last_login_at was invalid, is built again", "lms: statistics of the indexed tables"]
    assert one(admin, "select indisvalid from pg_index where indexrelid = 'public.idx_users_last_login_at'::regclass") == (True,)


def test_a_partitioned_index_is_built_partition_by_partition_without_blocking(
    filled: DemoServers, admin: psycopg.Connection
) -> None:
    admin.execute("drop index public.idx_page_views_page_path")
    with psycopg.connect(filled.settings.lms_app) as application:
        application.execute("insert into user_sessions (session_id) values ('open')")
        statements = [statement for step in prepared(filled).steps for statement in step.statements]
    kinds = [" ".join(statement.split()[:3]) for statement in statements]
    number = one(admin, "select count(*) from pg_inherits where inhparent = 'public.page_views'::regclass")[0]
    assert kinds.count("create index concurrently") == number
    assert "on only" in statements[0]
    assert stands_for(admin, next(index for index in wanted() if index.name == "idx_page_views_page_path"))


def test_a_half_built_partitioned_index_is_completed(filled: DemoServers, admin: psycopg.Connection) -> None:
    admin.execute("drop index public.idx_page_views_session_id")
    definition = "USING btree (session_id, view_timestamp) WHERE (session_id IS NOT NULL)"
    admin.execute(f"create index idx_page_views_session_id on only public.page_views {definition}".encode())
    admin.execute(f"create index page_views_default_session_id_idx on public.page_views_default {definition}".encode())
    admin.execute(
        "update pg_index set indisvalid = false where indexrelid = 'public.page_views_default_session_id_idx'::regclass"
    )
    assert prepared(filled).steps
    valid = "select indisvalid from pg_index where indexrelid = 'public.idx_page_views_session_id'::regclass"
    assert one(admin, valid) == (True,)
    assert prepared(filled).steps == ()


def test_what_lms_has_not_got_is_left_out_and_said(filled: DemoServers, admin: psycopg.Connection) -> None:
    admin.execute("alter table public.users drop column deleted_at")
    admin.execute("drop table public.grades")
    done = prepared(filled)
    assert done.steps == ()
    assert "index idx_users_deleted_at is left out: lms has no column deleted_at of users" in done.notes
    assert "index idx_grades_student_id is left out: lms has no table grades" in done.notes
    assert "changes of grades are not captured: lms has no such table" in done.notes
