"""Changes of the application's tables are logged whoever makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from audit_world import WITHOUT_LOG, prepared
from demo_servers import DemoServers
from psycopg.rows import dict_row

from loader.audit.missing import missing_audit
from loader.connection import connected

USER = "insert into users (username, email, password_hash) values ('carla', 'carla@uni.example', 'hash-1') returning id::text"
SECRET = "update users set password_hash = 'hash-2', is_locked = true where username = 'carla'"


def changes(connection: psycopg.Connection, table: str) -> list[dict[str, Any]]:
    """What this transaction has logged of a table, in its order."""
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute(
        "select * from audit_logs where entity_type = %s and action_timestamp >= now() order by action_timestamp", (table,)
    ).fetchall()


def as_somebody(connection: psycopg.Connection) -> None:
    """The settings that an application makes at the beginning of a request."""
    for name, value in {
        "user_id": "user-1", "session_id": "session-1", "correlation_id": "request-1", "ip_address": "10.0.0.1",
        "request_path": "/users", "request_method": "POST",
    }.items():  # fmt: skip
        connection.execute("select set_config(%s, %s, true)", (f"audit.{name}", value))


def test_create_update_and_delete_are_logged_with_values_actor_and_request(application: psycopg.Connection) -> None:
    as_somebody(application)
    ((key,),) = application.execute(USER).fetchall()
    application.execute("update users set is_active = false where username = 'carla'")
    application.execute("delete from users where username = 'carla'")
    created, updated, deleted = changes(application, "users")
    for found in (created, updated, deleted):
        assert (found["user_id"], found["entity_id"], found["session_id"]) == ("user-1", key, "session-1")
        assert (found["correlation_id"], str(found["ip_address"])) == ("request-1", "10.0.0.1")
        assert (found["request_path"], found["request_method"]) == ("/users", "POST")
    assert [found["action_type"] for found in (created, updated, deleted)] == ["create", "update", "delete"]
    assert created["old_values"] is None
    assert created["new_values"]["email"] == "carla@uni.example"
    assert set(updated["old_values"]) - {"updated_at"} == {"is_active"}, "only what changed"
    assert (updated["old_values"]["is_active"], updated["new_values"]["is_active"]) == (True, False)
    assert deleted["new_values"] is None
    assert deleted["old_values"]["username"] == "carla"


def test_secrets_are_masked_and_still_seen_to_change(application: psycopg.Connection) -> None:
    application.execute(USER)
    application.execute(SECRET)
    application.execute('update users set metadata = \'{"reset": {"api_key": "k-1"}}\' where username = \'carla\'')
    created, changed, nested = changes(application, "users")
    assert created["new_values"]["password_hash"] == "***"
    assert changed["old_values"]["password_hash"] == changed["new_values"]["password_hash"] == "***"
    assert changed["new_values"]["is_locked"] is True
    assert nested["new_values"]["metadata"] == {"reset": {"api_key": "***"}}
    assert "hash-" not in str((created, changed)), "nowhere"


def test_raw_sql_of_anybody_is_caught(fresh: DemoServers) -> None:
    with psycopg.connect(fresh.lms_admin) as owner:
        owner.execute("update courses set credit_hours = credit_hours + 1 where code = 'APP101'")
        (found,) = changes(owner, "courses")
        assert found["user_id"] is None
        assert found["metadata"] == {"database_user": "lms_owner"}
        assert found["new_values"]["credit_hours"] == found["old_values"]["credit_hours"] + 1
        owner.rollback()


def test_a_role_that_may_not_write_the_log_is_caught_as_well(fresh: DemoServers) -> None:
    with psycopg.connect(fresh.lms_admin) as owner:
        owner.execute("create role registrar_audit; grant select, update on courses to registrar_audit")
        owner.execute("set local role registrar_audit")
        owner.execute("update courses set credit_hours = 9 where code = 'APP101'")
        owner.execute("reset role")
        assert [found["action_type"] for found in changes(owner, "courses")] == ["update"]
        owner.rollback()


LISTED = "alter default privileges for role lms_owner in schema public grant execute on functions to lms_app"
GIVEN = "grant execute on function audit_capture() to public, lms_app"
SHADOW = """
create function pg_temp.evil(pg_catalog.text) returns boolean language plpgsql as
'begin alter table public.grades add column evil int; return true; end';
create domain pg_temp.text as pg_catalog.text check (pg_temp.evil(value));
create domain pg_temp.jsonb as pg_catalog.jsonb check (pg_temp.evil(value::pg_catalog.text));
"""


def test_nobody_else_can_make_a_trigger_of_it_also_where_an_older_version_allowed_it(
    older_copy: Callable[..., DemoServers],
) -> None:
    demo = older_copy(f"{WITHOUT_LOG}; {LISTED}")
    prepared(demo)
    assert missing(demo) == []
    with psycopg.connect(demo.lms_admin) as owner:
        owner.execute(GIVEN)
    assert missing(demo) == ["function audit_capture() for the owner only"]
    assert [step.name for step in prepared(demo).steps] == ["lms: function audit_capture() is for the owner only"]
    assert prepared(demo).steps == ()
    assert missing(demo) == []
    with psycopg.connect(demo.settings.lms_app) as application:
        application.execute("create temporary table mine (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("create trigger mine after insert on mine execute function audit_capture('id', 'x')")


def missing(demo: DemoServers) -> list[str]:
    """What `check` says."""
    with connected(demo.settings, "lms", demo.settings.lms) as lms:
        return missing_audit(lms)


def test_a_type_of_the_callers_is_not_used_with_the_owners_rights(application: psycopg.Connection) -> None:
    application.execute(SHADOW)
    application.execute("insert into users (username, email, password_hash) values ('dora', 'dora@uni.example', 'hash')")
    assert len(changes(application, "users")) == 1
    with pytest.raises(psycopg.errors.UndefinedColumn):
        application.execute("select evil from grades")


def test_an_update_that_changes_nothing_is_not_logged(owner: psycopg.Connection) -> None:
    owner.execute("alter table courses disable trigger courses_set_updated_at")
    owner.execute("update courses set credit_hours = credit_hours")
    assert changes(owner, "courses") == []


def test_one_statement_over_many_rows_logs_each_row(owner: psycopg.Connection) -> None:
    updated = owner.execute("update courses set credit_hours = credit_hours + 1").rowcount
    found = changes(owner, "courses")
    assert len(found) == updated > 5
    assert len({entry["entity_id"] for entry in found}) == updated


def test_copy_and_upserts_are_caught(owner: psycopg.Connection) -> None:
    with owner.cursor().copy("copy organization_units (type, code, name) from stdin") as copy:
        copy.write_row(("center", "C-1", "{}"))
    owner.execute(
        "insert into organization_units (type, code, name) values ('center', 'C-1', '{}'), ('center', 'C-2', '{}')"
        " on conflict (code) do update set is_active = false"
    )
    assert sorted(found["action_type"] for found in changes(owner, "organization_units")) == ["create", "create", "update"]


def test_a_changed_key_and_a_truncated_table_leave_a_trace(owner: psycopg.Connection) -> None:
    owner.execute("update grades set id = gen_random_uuid() where id = (select id from grades limit 1)")
    before, after = sorted(changes(owner, "grades"), key=lambda found: found["old_values"].get("id") is None)
    assert before["old_values"]["id"] == before["entity_id"]
    assert after["new_values"]["id"] == after["entity_id"] != before["entity_id"]
    owner.execute("truncate grades")
    assert changes(owner, "grades")[-1]["action_details"] == {"truncated": True}


def test_a_rolled_back_change_leaves_no_row(owner: psycopg.Connection) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute("delete from grades")
    assert changes(owner, "grades") == []


BATCH = "select set_config('audit.batch', 'batch-1', true)"
TERM = "update academic_terms set end_date = end_date + 1"


def test_a_batch_of_the_migration_writes_no_row_per_row(fresh: DemoServers) -> None:
    with psycopg.connect(fresh.settings.lms) as role:
        role.execute(BATCH)
        assert role.execute(TERM).rowcount > 5
        with psycopg.connect(fresh.lms_admin) as owner:
            assert owner.execute("select count(*) from audit_logs where entity_type = 'academic_terms'").fetchone() == (0,)
        role.rollback()


@pytest.mark.parametrize("who", ["application", "owner", "migration by hand"])
def test_nobody_else_slips_through_by_the_same_setting(fresh: DemoServers, who: str) -> None:
    settings = fresh.settings
    conninfo = {"application": settings.lms_app, "owner": fresh.lms_admin, "migration by hand": settings.lms}[who]
    with psycopg.connect(conninfo) as connection:
        if who != "migration by hand":
            connection.execute(BATCH)
        written = connection.execute(TERM).rowcount
        # the migration's role may not read all of a row
        logged = connection.execute(
            "select count(*) from audit_logs where entity_type = 'academic_terms' and action_timestamp >= now()"
        ).fetchone()
        assert logged == (written,)
        connection.rollback()
