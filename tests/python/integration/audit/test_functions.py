"""The functions, called as the application's role."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from audit_world import SNIPPET
from demo_servers import DemoServers
from psycopg.rows import dict_row

FUNCTIONS = (
    "log_user_action", "update_session_activity", "close_user_session", "close_idle_sessions", "maintain_audit_partitions",
)  # fmt: skip


def logged(connection: psycopg.Connection, event: uuid.UUID) -> dict[str, Any]:
    """The one row of an event."""
    cursor = connection.cursor(row_factory=dict_row)
    (found,) = cursor.execute("select * from audit_logs where event_id = %s", (event,)).fetchall()
    return found


def one(connection: psycopg.Connection, statement: str, *parameters: object) -> Any:
    """The one value of one statement."""
    row = connection.execute(statement.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("user", [7, 2**40, uuid.UUID(int=7), "anna", None])
def test_the_snippet_runs_as_it_stands_with_any_kind_of_user(application: psycopg.Connection, user: object) -> None:
    application.execute(SNIPPET, (user, "page_view", "/students", "10.1.2.3", 200))
    found = application.execute("select user_id, host(ip_address) from audit_logs where request_path = '/students'").fetchall()
    assert found == [(None if user is None else str(user), "10.1.2.3")]


def test_an_action_is_logged_with_all_that_is_given(application: psycopg.Connection) -> None:
    event = uuid.uuid4()
    said = one(
        application,
        "select log_user_action('u1', 'read', 'students', 's1', '{\"page\": 2}', '/students/s1', 'GET', 200, '2001:db8::1',"
        " 'Firefox', 'session', '{\"form\": \"a\"}', %s, '2026-01-02 03:04:05+00')",
        event,
    )
    assert said == event
    found = logged(application, event)
    assert found["action_timestamp"].isoformat().startswith("2026-01-02")
    expected = {
        "user_id": "u1", "action_type": "read", "entity_type": "students", "entity_id": "s1", "action_details": {"page": 2},
        "request_path": "/students/s1", "request_method": "GET", "response_status": 200, "user_agent": "Firefox",
        "session_id": "session", "metadata": {"form": "a"}, "correlation_id": None,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_the_same_event_twice_is_one_event(application: psycopg.Connection) -> None:
    event, statement = uuid.uuid4(), "select log_user_action('u', 'login', p_event_id => %s, p_action_timestamp => '2026-01-02')"
    assert one(application, statement, event) == one(application, statement, event) == event
    logged(application, event)


def test_what_is_not_given_comes_from_the_settings_of_the_transaction(application: psycopg.Connection) -> None:
    for name, value in {
        "user_id": "u9", "session_id": "s9", "correlation_id": "c9", "ip_address": "10.0.0.9", "request_path": "/p9",
        "request_method": "PUT",
    }.items():  # fmt: skip
        application.execute("select set_config(%s, %s, true)", (f"audit.{name}", value))
    found = logged(application, one(application, "select log_user_action(null, 'update')"))
    assert (found["user_id"], found["session_id"], found["correlation_id"]) == ("u9", "s9", "c9")
    assert (str(found["ip_address"]), found["request_path"], found["request_method"]) == ("10.0.0.9", "/p9", "PUT")
    assert found["metadata"] == {}


def test_without_an_actor_it_is_the_applications_user_then_the_database_role(application: psycopg.Connection) -> None:
    nobody = logged(application, one(application, "select log_user_action(null, 'error')"))
    assert (nobody["user_id"], nobody["metadata"]) == (None, {"database_user": "lms_app"})
    application.execute("select set_config('app.current_user_id', 'u5', true)")
    assert logged(application, one(application, "select log_user_action(null, 'error')"))["user_id"] == "u5"


def test_an_address_that_is_none_does_no_harm(application: psycopg.Connection) -> None:
    application.execute("select set_config('audit.ip_address', 'unix:', true)")
    assert logged(application, one(application, "select log_user_action('u', 'read')"))["ip_address"] is None


# ── sessions ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def session(application: psycopg.Connection) -> str:
    """A session that began at ten and was last active a quarter past."""
    application.execute(
        "insert into user_sessions (session_id, user_id, login_timestamp, last_activity_timestamp)"
        " values ('s', 'u', '2026-01-02 10:00+00', '2026-01-02 10:15+00')"
    )
    return "s"


def state(connection: psycopg.Connection) -> tuple[Any, ...]:
    """Last activity, end, seconds and reason of the session."""
    row = connection.execute(
        "select to_char(last_activity_timestamp at time zone 'UTC', 'HH24:MI'),"
        " to_char(logout_timestamp at time zone 'UTC', 'HH24:MI'), session_duration_seconds, end_reason"
        " from user_sessions where session_id = 's'"
    ).fetchone()
    assert row is not None
    return row


@pytest.mark.usefixtures("session")
def test_activity_only_moves_forward_and_only_in_an_open_session(application: psycopg.Connection) -> None:
    touch = "select update_session_activity('s', %s)"
    assert one(application, touch, "2026-01-02 10:20+00") is True
    assert one(application, touch, "2026-01-02 10:10+00") is True
    assert state(application)[0] == "10:20"
    assert one(application, "select close_user_session('s', p_at => '2026-01-02 10:30+00')") == 1800
    assert one(application, touch, "2026-01-02 10:40+00") is False
    assert state(application) == ("10:20", "10:30", 1800, "logout")
    assert one(application, "select update_session_activity('unknown')") is False


@pytest.mark.usefixtures("session")
def test_a_session_is_closed_once(application: psycopg.Connection) -> None:
    assert one(application, "select close_user_session('s', 'replaced', '2026-01-02 11:00+00')") == 3600
    assert one(application, "select close_user_session('s')") == 3600
    assert state(application) == ("10:15", "11:00", 3600, "replaced")
    assert one(application, "select close_user_session('unknown')") is None


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("reason", ["idle", "expired"])
def test_a_session_that_went_idle_ended_with_its_last_activity(application: psycopg.Connection, reason: str) -> None:
    assert one(application, "select close_user_session('s', %s)", reason) == 900
    assert state(application) == ("10:15", "10:15", 900, reason)


@pytest.mark.usefixtures("session")
def test_a_clock_that_goes_back_gives_no_negative_duration(application: psycopg.Connection) -> None:
    assert one(application, "select close_user_session('s', p_at => '2026-01-02 09:00+00')") == 0


@pytest.mark.usefixtures("session")
def test_idle_sessions_are_closed_together_and_active_ones_are_not(application: psycopg.Connection) -> None:
    application.execute("insert into user_sessions (session_id) values ('active')")
    assert one(application, "select close_idle_sessions()") == 1
    assert one(application, "select close_idle_sessions()") == 0
    assert state(application) == ("10:15", "10:15", 900, "idle")
    assert one(application, "select logout_timestamp from user_sessions where session_id = 'active'") is None


# ── what they are made of ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_what_it_is_for(owner: psycopg.Connection, name: str) -> None:
    said = one(owner, "select obj_description(%s::regproc, 'pg_proc')", f"public.{name}")
    assert len(said.split()) > 10


@pytest.mark.parametrize("table", ["audit_logs", "page_views", "user_sessions"])
def test_every_table_says_what_it_is_for(owner: psycopg.Connection, table: str) -> None:
    assert len(one(owner, "select obj_description(%s::regclass, 'pg_class')", f"public.{table}").split()) > 10


@pytest.mark.parametrize(
    "statement",
    [
        "delete from audit_logs",
        "update audit_logs set user_id = 'x'",
        "truncate page_views",
        "select maintain_audit_partitions()",
    ],
)
def test_the_application_cannot_change_what_is_logged(application: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement.encode())


def test_the_migrations_role_reads_what_analytics_needs_and_no_values(fresh: DemoServers) -> None:
    with psycopg.connect(fresh.settings.lms, autocommit=True) as role:
        role.execute("select user_id, action_type, action_timestamp, response_status, error_fingerprint from audit_logs")
        role.execute("select page_path, time_on_page_seconds from page_views")
        role.execute("select browser, session_duration_seconds from user_sessions")
        role.execute("SELECT DATE(action_timestamp) as date, COUNT(DISTINCT user_id) FROM audit_logs GROUP BY 1")
        for column in ("old_values", "new_values", "action_details", "ip_address", "user_agent"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                role.execute(f"select {column} from audit_logs".encode())
        for statement in ("select ip_address from user_sessions", "select user_agent from page_views", "delete from audit_logs"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                role.execute(statement.encode())
