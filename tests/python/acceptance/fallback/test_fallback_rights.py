"""What the fallback's role can do: read its relations. Each attempt is made for real, as the role itself."""

from __future__ import annotations

import os
import re

import psycopg
import pytest
from databases import ROOT, rows, value
from fallback_world import RELATIONS, Pair

from database.connection_manager import DatabaseConnectionManager
from database.errors import ReadOnlyFallbackError
from loader.audit.rights import APPLICATION_FUNCTIONS
from loader.fallback.calls import CALLS

READ_ONLY, DENIED = "25006", "42501"

WRITES = {
    "insert": "insert into {} (id) values (gen_random_uuid())",
    "update": "update {} set id = gen_random_uuid()",
    "delete": "delete from {}",
}

ESCAPES = {
    "read passwords": "select password from public.accounts",
    "read a legacy table": "select count(*) from public.journal",
    "read a legacy table by another search_path": "set search_path = public; select count(*) from accounts",
    "read the copies below the views": "select count(*) from lms_compat.published_users",
    "read before row-level security": "select count(*) from lms_compat.all_students",
    "become the owner": "set role edu_owner",
    "become the owner for good": "set session authorization edu_owner",
    "make a table in lms_compat": "create table lms_compat.mine (n integer)",
    "make a view in lms_compat": "create view lms_compat.mine as select 1",
    "make a table in public": "create table public.mine (n integer)",
    "make a schema": "create schema mine",
    "change a view": "alter view lms_compat.students rename to mine",
    "drop a view": "drop view lms_compat.students",
    "truncate a table": "truncate lms_compat.published_students",
    "grant itself a right": "grant select on public.accounts to current_user",
    "make itself a superuser": "alter role current_user superuser",
    "call the trigger's function": "select lms_compat.refuse_write()",
    "run a program": "copy (select 1) to program 'true'",
    "read a file": "select pg_read_file('/etc/passwd')",
    "lock a row of edu": "select 1 from public.students for update",
    "load code": "create function pg_temp.f() returns integer language c as 'libc', 'abs'",
    "see others' statements": "select 1 / (count(*) filter (where query ilike '%select%' and usename <> current_user))"
    " from pg_stat_activity",
}


PAGE = ROOT / "docs" / "fallback.md"
BLOCK = re.compile(r"(<!-- rights -->\n).*?(<!-- end of rights -->)", re.DOTALL)


def test_the_page_says_what_was_tried() -> None:
    may = "read the eleven relations, the three empty ones, and `publication`, `coverage`, `column_sources`"
    may_not = "; ".join(["write any of them, also when the session is made writable", *ESCAPES])
    table = f"| in | may | may not |\n|---|---|---|\n| edu | {may} | {may_not} |\n"
    text = PAGE.read_text(encoding="utf-8")
    wanted = BLOCK.sub(lambda found: found[1] + table + found[2], text)
    if os.environ.get("EDU2LMS_WRITE_DOCS"):
        PAGE.write_text(wanted, encoding="utf-8")
    assert table in wanted
    assert PAGE.read_text(encoding="utf-8") == wanted


def attempt(conninfo: str, statement: str, *, read_write: bool) -> str | None:
    """The SQLSTATE of a refusal; None when it was done. Nothing stays."""
    with psycopg.connect(conninfo) as connection:
        if read_write:
            connection.read_only = False
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            connection.rollback()
    return None


@pytest.mark.parametrize("table", [*RELATIONS, "audit_logs"])
@pytest.mark.parametrize("write", WRITES)
def test_a_write_is_refused_also_when_the_session_is_made_writable(published: Pair, table: str, write: str) -> None:
    statement = WRITES[write].format(table)
    assert attempt(published.fallback, statement, read_write=False) in (
        READ_ONLY,
        DENIED,
    )  # which comes first, depends on the version
    assert attempt(published.fallback, statement, read_write=True) == DENIED


LOGGING = {
    "log_user_action": "select log_user_action('7', 'read', p_action_details => '{}')",
    "update_session_activity": "select update_session_activity('s')",
    "close_user_session": "select close_user_session('s', 'logout')",
    "close_idle_sessions": "select close_idle_sessions()",
}
SIGNATURE = """
select pg_get_function_arguments(oid), pg_get_function_result(oid) from pg_proc where oid = to_regproc(%s)
"""


@pytest.mark.parametrize("name", LOGGING)
def test_a_function_that_logs_is_refused_as_a_write_is(published: Pair, name: str) -> None:
    for read_write in (False, True):
        assert attempt(published.fallback, LOGGING[name], read_write=read_write) == READ_ONLY
    (here,), (there,) = rows(published.edu, SIGNATURE, f"lms_compat.{name}"), rows(published.lms, SIGNATURE, f"public.{name}")
    assert here == there


def test_every_function_that_the_application_may_call_in_lms_is_there() -> None:
    helpers = {"audit_inet", "audit_mask"}
    assert set(LOGGING) == set(CALLS) == set(APPLICATION_FUNCTIONS) - helpers


def test_the_application_is_told_that_it_is_the_fallback(published: Pair) -> None:
    nowhere = {"lms_host": "127.0.0.1", "lms_port": 1, "lms_app_user": "nobody"}
    conf = published.conf
    edu = {"edu_host": conf.edu_host, "edu_port": conf.edu_port, "edu_dbname": conf.edu_dbname}
    login = {"fallback_user": conf.fallback_user, "fallback_password": published.settings["FALLBACK_PASSWORD"]}
    manager = DatabaseConnectionManager({**nowhere, **edu, **login})
    try:
        with manager.get_connection() as connection, pytest.raises(ReadOnlyFallbackError):
            connection.execute(LOGGING["log_user_action"].encode())
    finally:
        manager.close_all()


@pytest.mark.parametrize("escape", ESCAPES)
def test_there_is_no_way_out(published: Pair, escape: str) -> None:
    found = attempt(published.fallback, ESCAPES[escape], read_write=True)
    assert found is not None
    assert found in (DENIED, "22012", "42704")  # 22012: there was nothing to count


def test_its_sessions_start_as_they_should(published: Pair) -> None:
    settings = ("search_path", "default_transaction_read_only", "statement_timeout", "lock_timeout")
    found = [value(published.fallback, f"show {name}") for name in settings]
    assert found == ["lms_compat", "on", "30s", "5s"]


def test_it_has_no_attributes_and_no_friends(published: Pair) -> None:
    found = rows(
        published.edu,
        "select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin,"
        " exists (select 1 from pg_auth_members where member = role.oid) from pg_roles as role where rolname = %s",
        published.conf.fallback_user,
    )
    assert found == [(False, False, False, False, False, True, False)]


def test_what_cannot_be_withheld_is_said(bare: Pair) -> None:
    notes = bare.publish()["notes"]
    assert any("temporary tables" in note and "revoke temporary on database" in note for note in notes)
    rows(bare.edu, f'revoke temporary on database "{bare.settings["EDU_DBNAME"]}" from public')
    assert bare.publish()["notes"] == []
    assert attempt(bare.fallback, "create temporary table mine (n integer)", read_write=True) == DENIED


def test_nobody_else_gets_a_right_by_it(published: Pair) -> None:
    assert attempt(published.conf.edu, "select count(*) from lms_compat.students", read_write=False) == DENIED


def test_a_role_that_could_read_more_is_refused_and_the_way_out_is_said(pair: Pair) -> None:
    before = value(pair.fallback, "select published_at from publication")
    rows(pair.edu, "grant select on public.accounts to public")
    error = pair.publish(code=4)["error"]
    assert error["type"] == "FallbackRightsError"
    assert "public.accounts" in error["message"]
    assert "revoke all on table public.accounts from" in error["fix"]
    assert value(pair.fallback, "select published_at from publication") == before
    rows(pair.edu, error["fix"][error["fix"].index("revoke") :])
    pair.publish()


@pytest.mark.parametrize("right", ["select (password)", "insert", "trigger"])
def test_every_kind_of_excess_is_noticed(pair: Pair, right: str) -> None:
    rows(pair.edu, f'grant {right} on public.accounts to "{pair.conf.fallback_user}"')
    assert pair.publish(code=4)["error"]["type"] == "FallbackRightsError"


@pytest.mark.parametrize("grant", ["alter role {} createdb", "grant pg_read_all_data to {}"])
def test_a_role_with_rights_of_its_own_is_refused(bare: Pair, grant: str) -> None:
    rows(bare.edu, "create role risky_fallback login")
    try:
        rows(bare.edu, grant.format("risky_fallback"))
        settings = {**bare.settings, "FALLBACK_USER": "risky_fallback"}
        error = Pair(bare.edu, bare.lms, settings, bare.folder).publish(code=4)["error"]
        assert error["type"] == "UnsafeRoleError"
        assert "FALLBACK_USER" in error["fix"]
    finally:
        rows(bare.edu, "drop role risky_fallback")


@pytest.mark.parametrize("other", ["EDU_USER", "EDU_ADMIN_USER"])
def test_the_roles_of_edu_are_not_the_fallbacks(bare: Pair, other: str) -> None:
    settings = {**bare.settings, "FALLBACK_USER": bare.settings[other]}
    error = Pair(bare.edu, bare.lms, settings, bare.folder).publish(code=4)["error"]
    assert error["type"] == "UnsafeRoleError"
    assert f"FALLBACK_USER and {other} are the same" in error["message"]


def test_legacy_tables_are_left_as_they_are(bare: Pair) -> None:
    facts = (
        "select relname::text, relacl::text, relkind::text, relnatts, relhasindex, reltriggers from ("
        " select *, (select count(*) from pg_trigger where tgrelid = pg_class.oid) as reltriggers from pg_class) as c"
        " where relnamespace = 'public'::regnamespace order by 1"
    )
    before = rows(bare.edu, facts)
    bare.publish()
    assert rows(bare.edu, facts) == before
