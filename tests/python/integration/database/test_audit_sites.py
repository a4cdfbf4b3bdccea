"""Both integrations over real servers: what a request was, who made it, and what it changed."""

from __future__ import annotations

import base64
import json
import re
import socket
import time
from urllib.parse import urlsplit

import httpx
import pytest
from audit_servers import COMMANDS, FIREFOX, Site
from database_world import until

from database.audit.identifiers import uuid7

USER = "7"


@pytest.fixture(autouse=True)
def _empty(site: Site) -> None:
    site.audited.rows("truncate audit_logs, page_views, user_sessions")


def token(user: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"sub": user}).encode()).decode().rstrip("=")
    return f"Bearer eyJhbGciOiJIUzI1NiJ9.{payload}.c2ln"


def login(client: httpx.Client, user: str = USER) -> str:
    return str(client.post("/login", json={"username": user, "password": "right"}).raise_for_status().json()["session"])


def test_a_request(site: Site) -> None:
    with site.client() as client:
        response = client.get(
            "/read?page=2&access_token=hunter2", headers={"X-Request-ID": "abc-1", "X-Forwarded-For": "203.0.113.5"}
        )
    assert response.headers["x-request-id"] == "abc-1"
    found = site.one(
        "action_type, user_id, request_path, request_method, response_status, host(ip_address), user_agent, session_id, "
        "action_details ->> 'query', error_class, response_ms between 0 and 5000, route",
        "correlation_id = 'abc-1'",
    )
    agent, query = FIREFOX, "page=2&access_token=***"
    assert found[:11] == ("read", None, "/read", "GET", 200, "203.0.113.5", agent, None, query, None, True)
    assert found[11] == "/read"


def test_a_correlation_id_is_made_where_none_or_a_wild_one_came(site: Site) -> None:
    with site.client() as client:
        made = [client.get("/read", headers=headers).headers["x-request-id"] for headers in ({}, {"X-Request-ID": "a b<c>"})]
    for each in made:
        assert re.fullmatch("[0-9a-f]{32}", each)
        site.one("1", f"correlation_id = '{each}'")


def test_a_page_is_a_view_too(site: Site) -> None:
    with site.client() as client:
        response = client.get("/page/3", headers={"Referer": "https://elsewhere.example/x?token=abc"})
        assert client.head("/page/3").status_code in (200, 405)
    view_id = re.search(r'audit;desc="([0-9a-f-]{36})"', response.headers["server-timing"])
    assert view_id is not None
    same = f"correlation_id = '{response.headers['x-request-id']}'"
    route = {"fastapi": "/page/{number}", "django": "/page/<int:number>"}[site.name]
    assert site.one("action_type, route", same) == ("page_view", route)
    assert site.one("view_id::text, page_path, route, referrer, time_on_page_seconds", same, "page_views") == (
        view_id[1], "/page/3", route, "https://elsewhere.example/x?token=***", None,
    )  # fmt: skip
    assert site.audited.count("page_views") == 1


def test_a_page_that_the_browser_has_kept_is_a_view_too(site: Site) -> None:
    document = {"If-None-Match": '"1"', "Sec-Fetch-Dest": "document", "Accept": "text/html,*/*;q=0.8"}
    with site.client() as client:
        answers = [
            client.get("/tagged", headers={**document, **changes})
            for changes in ({}, {"Sec-Fetch-Dest": ""}, {"Sec-Fetch-Dest": "empty"}, {"Sec-Fetch-Dest": "", "Accept": "*/*"})
        ]
    assert [answer.status_code for answer in answers] == [304] * 4
    assert ["server-timing" in answer.headers for answer in answers] == [True, True, False, False]
    until(lambda: site.audited.count(where="route like '%tagged'") == 4)  # two processes write
    assert site.audited.count("page_views") == 2
    actions = dict(site.audited.rows("select correlation_id, action_type from audit_logs"))
    assert [actions[answer.headers["x-request-id"]] for answer in answers] == ["page_view", "page_view", "read", "read"]


def test_secrets_in_paths_and_bodies(site: Site) -> None:
    with site.client() as client:
        client.get("/reset/hunter2")
        client.post("/login", json={"username": USER, "password": "hunter2"})
    assert site.one("request_path", "route like '/reset%'") == ("/reset/***",)
    assert site.one("action_details -> 'body'", "request_path = '/login' and action_type = 'request'") == (
        {"username": USER, "password": "***"},
    )
    assert "hunter2" not in str(site.audited.rows("select audit_logs::text from audit_logs"))


def test_a_secret_in_a_path_stays_one_whoever_tells_of_it(site: Site) -> None:
    told = {"id": uuid7(time.time()), "path": "/reset/hunter2", "referrer": site.address + "/reset/hunter%32", "seconds": 0}
    with site.client() as client:
        client.get("/page/1", headers={"Referer": site.address + "/reset/hunter2?x=1"})
        client.get("/reset/hunter2/")  # not found, or sent to where it is
        assert client.post("/audit/views", content=json.dumps(told)).status_code == 204
    site.one("1", "request_path = '/reset/***/'")
    assert site.one("referrer", "page_path = '/page/1'", "page_views") == (site.address + "/reset/***?x=1",)
    assert site.one("referrer", "page_path = '/reset/***'", "page_views") == (site.address + "/reset/***",)
    for table in ("page_views", "audit_logs"):
        assert "hunter" not in str(site.audited.rows(f"select {table}::text from {table}"))


def test_sign_in_and_out(site: Site) -> None:
    with site.client() as client:
        client.post("/login", json={"username": "nobody", "password": "wrong"})
        session = login(client)
        client.get("/page/1")
        client.post("/logout")
    assert site.one("user_id, action_details ->> 'username', session_id", "action_type = 'login_failed'") == (
        None,
        "nobody",
        None,
    )
    for action in ("login", "logout", "page_view"):
        assert site.one("user_id, session_id", f"action_type = '{action}'") == (USER, session)
    assert site.audited.count(where=f"action_type = 'request' and user_id = '{USER}'") == 2, "of /login and /logout themselves"
    found = site.one(
        "user_id, device_type, browser, operating_system, end_reason, session_duration_seconds, host(ip_address)",
        f"session_id = '{session}' and logout_timestamp is not null",
        "user_sessions",
    )
    assert found == (USER, "desktop", "Firefox 128", "Linux", "logout", found[5], "127.0.0.1")
    assert found[5] in (0, 1)
    assert site.audited.count("user_sessions") == 1


@pytest.mark.parametrize("user", [USER, "11"])
def test_a_second_sign_in_ends_the_first_session(site: Site, user: str) -> None:
    with site.client() as client:
        first, second = login(client), login(client, user)
    until(lambda: site.audited.count("user_sessions", "end_reason = 'replaced'") == 1)
    assert site.one("session_id", "end_reason = 'replaced'", "user_sessions") == (first,)
    assert site.one("session_id", "end_reason is null", "user_sessions") == (second,)


def test_the_user_of_a_token(site: Site) -> None:
    with site.client(Authorization=token("8")) as client:
        client.get("/read")
    assert site.one("user_id", "action_type = 'read'") == ("8",)


@pytest.mark.parametrize("site", [name for name in COMMANDS if name.startswith("django")], indirect=True)
def test_the_user_whom_rest_framework_knows(site: Site) -> None:
    with site.client() as client:
        for headers in ({"X-Api-Key": "9"}, {}):
            client.get("/rest", headers=headers).raise_for_status()
    until(lambda: site.audited.count(where="request_path = '/rest'") == 2)
    assert site.audited.rows("select user_id from audit_logs order by user_id") == [("9",), (None,)]


def test_a_broken_token_breaks_nothing(site: Site) -> None:
    with site.client(Authorization="nonsense") as client:
        assert client.get("/read").status_code == 200
    assert site.one("user_id", "action_type = 'read'") == (None,)


def test_a_change_is_linked_to_its_request(site: Site) -> None:
    paths = ["/notes/1"] + (["/twice/1", "/again/1"] if site.name == "django" else [])
    with site.client() as client:
        session = login(client)
        for path in paths:
            made = client.post(path).raise_for_status().headers["x-request-id"]
            found = site.audited.rows(
                "select user_id, session_id, request_path, request_method, new_values ->> 'notes' is not null, host(ip_address) "
                f"from audit_logs where action_type = 'update' and correlation_id = '{made}'"
            )
            assert found == [(USER, session, path, "POST", True, "127.0.0.1")] * (1 if path == "/notes/1" else 2)
            site.one("1", f"action_type = 'request' and correlation_id = '{made}'")


def test_an_error_nobody_expects(site: Site) -> None:
    answers = [httpx.get(site.address + "/boom") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [500, 500]
    until(lambda: site.audited.count(where="request_path = '/boom'") == 2)
    rows = site.audited.rows(
        "select correlation_id, response_status, error_class, error_fingerprint from audit_logs where request_path = '/boom'"
    )
    assert sorted(row[0] for row in rows) == sorted(answer.headers["x-request-id"] for answer in answers)
    ((status, kind, fingerprint),) = {row[1:] for row in rows}
    assert (status, kind) == (500, "LookupError")
    assert re.fullmatch("[0-9a-f]{32}", fingerprint)


def test_an_error_that_the_application_answers(site: Site) -> None:
    with site.client() as client:
        client.get("/handled")
    status, kind = site.one("response_status, error_class", "action_type = 'error'")
    assert status == 503
    assert kind.endswith("Handled")


def test_a_client_that_goes_away(site: Site) -> None:
    address = urlsplit(site.address)
    with socket.create_connection((str(address.hostname), int(address.port or 0))) as connection:
        connection.sendall(b"GET /stream HTTP/1.1\r\nHost: x\r\nX-Request-ID: gone\r\n\r\n")
        assert connection.recv(1000)
    status, metadata, milliseconds = site.one("response_status, metadata, response_ms", "correlation_id = 'gone'")
    assert status == 200
    assert metadata.get("incomplete")
    assert milliseconds < 4000


@pytest.mark.parametrize("site", ["fastapi"], indirect=True)
def test_what_is_done_after_the_answer_is_no_response_time(site: Site) -> None:
    with site.client() as client:
        client.get("/later")
    milliseconds, since = site.one(
        "response_ms, extract(epoch from clock_timestamp() - action_timestamp)", "request_path = '/later'"
    )
    assert since > 1.5, "recorded when everything is done"
    assert milliseconds < 1000


def test_what_is_not_there(site: Site) -> None:
    with site.client() as client:
        assert client.get("/nowhere").status_code == 404
        client.get("/health/live")
        client.get("/audit/page.js")
    assert site.one("action_type, response_status, route", "request_path = '/nowhere'") == ("read", 404, None)
    assert site.audited.count() == 1


def test_the_script(site: Site) -> None:
    with site.client() as client:
        response = client.get("/audit/page.js")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/javascript")
        assert client.get("/audit/page.js", headers={"If-None-Match": response.headers["etag"]}).status_code == 304


def test_reports(site: Site) -> None:
    with site.client() as client:
        session = login(client)
        view = re.search(r'desc="([^"]+)"', client.get("/page/1").headers["server-timing"])
        assert view is not None
        own = {"id": view[1], "path": "/page/1", "title": "Page 1", "referrer": "", "seconds": 0.5}
        single = {"id": uuid7(time.time()), "path": "/page/1#a", "title": "", "referrer": site.address + "/page/1", "seconds": 0}
        for each in (own, single):
            assert client.post("/audit/views", content=json.dumps(each)).status_code == 204
        assert client.post("/audit/views", content="nonsense").status_code == 400
        assert httpx.post(site.address + "/audit/views", content="x" * 100_000).status_code == 400
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert client.post("/audit/views", content=json.dumps(own), headers=elsewhere).status_code == 403
    mine = site.one(
        "user_id, session_id, page_title, time_on_page_seconds", f"view_id = '{view[1]}' and page_title <> ''", "page_views"
    )
    assert mine == (USER, session, "Page 1", 0.5)
    other = site.one("user_id, session_id, metadata ->> 'source'", f"view_id = '{single['id']}'", "page_views")
    assert other == (USER, session, "script")
    assert site.audited.count(where="request_path like '/audit/%'") == 0


def test_the_metrics(site: Site) -> None:
    with site.client() as client:
        client.get("/read")
        assert re.search(r"^audit_dropped_total", client.get("/metrics").text, re.MULTILINE)
