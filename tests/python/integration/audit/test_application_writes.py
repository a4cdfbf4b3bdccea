"""What the application's recorder sends, each statement as the application's role, with the rights that `prepare` gives to it."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from database import queries
from loader.project import Project

FOLDER = Project.find().root / "database" / "sql" / "audit"
EVENT = {"event_id": "01932c07-2a00-7000-8000-000000000001", "action_timestamp": "2026-11-01T12:00Z", "action_type": "login"}
VIEW = {
    "view_id": "01932c07-2a00-7000-8000-000000000002", "view_timestamp": "2026-11-01T12:00Z", "page_path": "/a",
    "metadata": {"source": "script"},
}  # fmt: skip
SESSION = {"session_id": "s", "login_timestamp": "2026-11-01T12:00Z", "last_activity_timestamp": "2026-11-01T12:00Z"}
LINK = ("user_id", "session_id", "correlation_id", "ip_address", "request_path", "request_method")
PARAMETERS: dict[str, dict[str, Any]] = {
    "logs": {"rows": json.dumps([EVENT])},
    "views": {"rows": json.dumps([VIEW])},
    "sessions": {"rows": json.dumps([SESSION])},
    "close_idle_sessions": {"seconds": 1800},
    "link": dict.fromkeys(LINK, "x"),
}


def test_every_statement_of_the_recorder_is_tried() -> None:
    assert {file.stem for file in FOLDER.glob("*.sql")} == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_application_may_do_what_the_recorder_does(application: psycopg.Connection, name: str) -> None:
    for _ in range(2):  # the second time it meets what is there already
        application.execute(queries.read(f"audit/{name}").encode(), PARAMETERS[name])


def test_the_server_and_the_browser_write_one_view(application: psycopg.Connection) -> None:
    told = [{**VIEW, "time_on_page_seconds": 2.5}, {**VIEW, "user_id": "7", "metadata": {"source": "server"}}]
    for row in told:
        application.execute(queries.read("audit/views").encode(), {"rows": json.dumps([row])})
    found = application.execute("select user_id, time_on_page_seconds, metadata from page_views where page_path = '/a'")
    assert found.fetchall() == [("7", 2.5, {"source": "server"})]


@pytest.mark.parametrize(
    "statement",
    ["update page_views set view_timestamp = now()", "update page_views set ip_address = null", "delete from page_views"],
)
def test_what_was_seen_when_and_from_where_stays(application: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement.encode())
