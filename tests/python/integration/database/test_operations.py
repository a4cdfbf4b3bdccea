"""Health pages, metrics and log lines, as operations see them."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from database_world import World, until
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from psycopg import sql

from database.connection_manager import DatabaseConnectionManager, get_db_manager
from database.errors import LoginRefused
from database.health.asgi import HealthMiddleware, health_app


def get(app: Any, path: str, method: str = "GET", root_path: str = "") -> tuple[int, dict[str, str], bytes]:
    """One request to an ASGI application."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "root_path": root_path, "headers": []}
    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"]


def metric(manager: DatabaseConnectionManager, name: str, **labels: str) -> float | None:
    return manager.metrics.registry.get_sample_value(name, labels)


def test_the_pages_follow_the_databases(world: World) -> None:
    manager = world.manager()
    app = health_app(manager)
    assert get(app, "/health/live")[0] == 200
    status, _, body = get(app, "/health/ready")  # the first request of all waits for the first probe
    assert (status, json.loads(body)) == (200, {"status": "ready", "source": "lms", "read_only": False})
    world.lms.refuse()
    until(lambda: manager.get_database_info()["source"] == "edu")  # without any request: the monitor looks by itself
    assert json.loads(get(app, "/health/ready")[2]) == {"status": "ready", "source": "edu", "read_only": True}
    world.edu.refuse()
    until(lambda: manager.get_database_info()["source"] is None)
    status, headers, body = get(app, "/health/ready")
    assert (status, headers["retry-after"]) == (503, "1")
    assert get(app, "/health/live")[0] == 200
    status, _, body = get(app, "/health/status")
    info = json.loads(body)
    assert (status, info["primary"]["reason"], info["fallback"]["reason"]) == (200, "refused", "refused")


def test_not_ready_when_nothing_was_ever_there(world: World) -> None:
    world.lms.refuse()
    world.edu.refuse()
    assert get(health_app(world.manager()), "/health/ready")[0] == 503


def test_not_ready_while_nobody_is_let_in(world: World) -> None:
    """A password that is changed when no connection is left: all callers get LoginRefused, and the balancer is told."""
    manager = world.manager(retry_seconds=60.0)
    app = health_app(manager)
    with manager.get_connection():
        assert get(app, "/health/ready")[0] == 200
    with world.admin("lms") as admin:
        saved = admin.execute("select rolpassword from pg_authid where rolname = 'lms_app'").fetchone()
        assert saved is not None
        try:
            admin.execute("alter role lms_app password 'another one'")
            with manager.get_connection():
                assert get(app, "/health/ready")[0] == 200, "connections that are there go on"

            def nobody_is_let_in() -> bool:
                """Also without a connection that the pool began before the change and that was not listed yet."""
                admin.execute("select pg_terminate_backend(pid, 1000) from pg_stat_activity where usename = 'lms_app'")
                try:
                    with manager.get_connection():
                        return False
                except LoginRefused:
                    return True

            until(nobody_is_let_in)
            assert get(app, "/health/ready")[0] == 503
        finally:
            admin.execute(sql.SQL("alter role lms_app password {}").format(sql.Literal(saved[0])))
    until(lambda: get(app, "/health/ready")[0] == 200)  # without any other request
    assert manager.get_database_info()["switches"] == 0


@pytest.mark.parametrize("served", [True, False])
def test_ready_as_soon_as_a_full_server_has_room(world: World, served: bool) -> None:
    world.query("lms", "alter role lms_app connection limit 0")
    try:
        manager = world.manager(retry_seconds=60.0)
        until(lambda: 40 < manager.get_database_info()["primary"]["next_probe_seconds"] < 1e6)  # the first look is over
        assert not manager.is_ready(timeout=0.1)
    finally:
        world.query("lms", "alter role lms_app connection limit -1")
    if served:
        with manager.get_connection():
            assert manager.is_ready(timeout=0.0)
    else:
        until(lambda: manager.is_ready(timeout=0.1))


def test_in_front_of_an_application(world: World) -> None:
    async def behind(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"tea"})

    app = HealthMiddleware(behind, manager=world.manager())
    assert get(app, "/health/live")[0] == 200
    assert get(app, "/students")[2] == b"tea"
    alone = health_app(world.manager())
    assert get(alone, "/students")[0] == 404
    assert get(alone, "/ops/health/live", root_path="/ops")[0] == 200
    assert get(alone, "/health/live", method="HEAD")[2] == b""


def test_metrics(world: World) -> None:
    manager = world.manager()
    with manager.get_connection():
        pass
    world.lms.refuse()
    with manager.get_connection():
        pass
    assert metric(manager, "database_switches_total", from_source="lms", to_source="edu") == 1
    assert metric(manager, "database_in_use", source="edu") == 1
    assert metric(manager, "database_breaker", source="lms", position="open") == 1
    assert metric(manager, "database_pool_connections", source="edu") >= 1  # type: ignore[operator]
    assert metric(manager, "database_pool_waiting", source="edu") == 0
    assert metric(manager, "database_checkout_seconds_count", source="lms") == 1
    assert metric(manager, "database_probe_seconds_count", source="lms", health="out") >= 1  # type: ignore[operator]
    status, headers, body = get(health_app(manager), "/metrics")
    assert (status, headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert {family.name for family in text_string_to_metric_families(body.decode())} >= {"database_switches", "database_in_use"}
    own = CollectorRegistry()
    own.register(manager.metrics)
    assert b"database_switches_total" in generate_latest(own)


def test_each_switch_is_one_structured_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="database")
    manager = world.manager()
    with manager.get_connection():
        pass
    world.lms.refuse()
    until(lambda: manager.get_database_info()["source"] == "edu")
    world.lms.repair()
    until(lambda: manager.get_database_info()["source"] == "lms")
    until(lambda: len(switches(caplog)) == 2)
    out, back = switches(caplog)
    assert (out.levelname, back.levelname) == ("WARNING", "INFO")
    assert out.getMessage() == "database switched from lms to edu: lms is out: refused"
    assert back.getMessage() == "database switched from edu to lms: lms is back"
    extra = {key: getattr(out, key) for key in ("event", "from_source", "to_source", "cause_source", "reason", "detail", "at")}
    assert json.loads(json.dumps(extra))["reason"] == "refused"


def switches(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if getattr(record, "event", None) == "database_switch"]


@pytest.mark.usefixtures("in_django")
def test_django_views_and_settings(world: World) -> None:
    from django.test import Client

    client = Client()
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["source"]) == (200, "lms")
    assert get_db_manager().config.lms_port == world.lms.port
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/status").json()["primary"]["port"] == world.lms.port
    assert b"database_in_use" in client.get("/metrics").content
    assert client.post("/health/live").status_code == 405
    world.lms.refuse()
    world.edu.refuse()
    until(lambda: client.get("/health/ready").status_code == 503)
    assert client.get("/health/ready")["Retry-After"] == "1"
