"""Which role may do what: each line of the table is tried for real."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from copies import settings_of
from databases import ROOT, Databases, rows, value
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from roles import APPLICATION, EDU, MIGRATION, OWNER, READER, RIGHTS, Right

DOCUMENT = ROOT / "docs" / "rights.md"
WRITE = "EDU2LMS_WRITE_DOCS"
NAMES = {
    READER: "edu_reader: reads edu",
    MIGRATION: "edu2lms: the migration's own role in lms",
    APPLICATION: "lms_app: the application",
    OWNER: "the owners of the two databases, for `prepare` only",
}


def conninfo(databases: Databases, right: Right) -> str:
    """Connection string of the role itself, with its own password: no `set role`."""
    settings = settings_of(databases)
    if right.role == OWNER:
        return databases.edu if right.database == EDU else databases.lms
    return {READER: settings.edu, MIGRATION: settings.lms, APPLICATION: settings.lms_app}[right.role]


@pytest.mark.parametrize("right", RIGHTS, ids=[f"{right.role}_{right.what}".replace(" ", "_") for right in RIGHTS])
def test_a_role_may_do_exactly_what_the_table_says(right: Right, shared_copy: Databases) -> None:
    with psycopg.connect(conninfo(shared_copy, right)) as connection:
        try:
            connection.execute(sql.SQL(right.sql))
            refused = None
        except psycopg.Error as error:
            refused = str(error)
        connection.rollback()
    assert (refused is None) == right.allowed, refused
    if refused is not None:
        assert right.says in refused


def test_the_roles_have_no_attributes_and_no_friends(shared_copy: Databases) -> None:
    settings = settings_of(shared_copy)
    found = rows(
        shared_copy.lms,
        "select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,"
        " exists (select 1 from pg_auth_members where member = role.oid) from pg_roles as role where rolname = %s",
        settings.lms_user,
    )
    assert found == [(False, False, False, False, True, False)]
    found = rows(
        shared_copy.edu,
        "select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,"
        " exists (select 1 from pg_auth_members where member = role.oid) from pg_roles as role where rolname = %s",
        settings.edu_user,
    )
    assert found == [(False, False, False, False, False, False)]


def test_the_role_owns_its_schemas_and_nothing_in_the_applications(shared_copy: Databases) -> None:
    user = settings_of(shared_copy).lms_user
    owned = rows(
        shared_copy.lms,
        "select distinct nspname from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace"
        " where pg_get_userbyid(relowner) = %s and nspname not like 'pg\\_%%' order by 1",
        user,
    )
    assert owned == [("edu_fdw",), ("ledger",), ("migration",), ("staging",)]


def test_the_password_of_the_mapping_is_seen_by_its_role_and_superusers_only(shared_copy: Databases) -> None:
    settings = settings_of(shared_copy)
    query = "select count(umoptions) from pg_user_mappings where srvname = 'edu' and umoptions::text like '%password%'"
    assert value(settings.lms, query) == 1
    assert value(settings.lms_app, query) == 0
    rows(shared_copy.lms, "create role nobody_guards")
    with psycopg.connect(shared_copy.lms) as connection:
        connection.execute("set role nobody_guards")
        assert connection.execute(query).fetchone() == (0,)
    rows(shared_copy.lms, "drop role nobody_guards")


def test_the_owners_function_deletes_no_row_of_the_application(shared_copy: Databases) -> None:
    theirs = "select count(*) from public.course_instructors where id::text !~ '^ed[0-9a-f]{6}-[0-9a-f]{4}-8'"
    everything = (
        "select count(*) from ledger.delete_migrated('course_instructors', array(select id from public.course_instructors))"
    )
    with psycopg.connect(settings_of(shared_copy).lms) as role:
        before = role.execute(theirs).fetchone()
        assert before is not None
        assert before[0] > 0
        assert role.execute(everything).fetchone() == before, "all of them are named as left"
        assert role.execute(theirs).fetchone() == before
        assert role.execute("select count(*) from public.course_instructors").fetchone() == before, "its own have gone"
        role.rollback()


def page() -> str:
    """The table as Markdown."""
    lines = [
        "# Which role may do what",
        "",
        "Each line is tried for real by `tests/python/acceptance/guards/test_rights.py`, the forbidden as well as the allowed.",
        f"Made by `{WRITE}=1 python -m pytest -n 0 tests/python/acceptance/guards/test_rights.py -k page`.",
    ]
    for role, name in NAMES.items():
        lines += ["", f"## {name}", "", "| in | may | may not |", "|---|---|---|"]
        for database in ("edu", "lms"):
            mine = [right for right in RIGHTS if (right.role, right.database) == (role, database)]
            if mine:
                may = "; ".join(right.what for right in mine if right.allowed)
                may_not = "; ".join(right.what for right in mine if not right.allowed)
                lines.append(f"| {database} | {may} | {may_not or '–'} |")
    return "\n".join(lines) + "\n"


def test_the_page_is_the_table() -> None:
    if os.environ.get(WRITE):
        Path(DOCUMENT).write_text(page(), encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == page()


def test_every_role_of_the_table_is_another_one(shared_copy: Databases) -> None:
    names = [conninfo_to_dict(conninfo(shared_copy, right))["user"] for right in RIGHTS]
    assert len({str(name) for name in names}) == 5
