"""What looks like an outage and is none: nothing here ever switches."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from contextlib import ExitStack

import psycopg
import pytest
from database_world import World, until
from psycopg import sql
from psycopg_pool import PoolTimeout

from database.connection_manager import DatabaseConnectionManager
from database.errors import LoginRefused, PoolExhausted


def assert_never_switched(manager: DatabaseConnectionManager) -> None:
    info = manager.get_database_info()
    assert (info["source"], info["switches"], info["primary"]["state"]) == ("lms", 0, "closed")


def test_a_full_pool(world: World) -> None:
    manager = world.manager(pool_max=2)
    with manager.get_connection(), manager.get_connection():
        begun = time.monotonic()
        with pytest.raises(PoolExhausted, match="2 of 2") as caught, manager.get_connection(timeout=0.3):
            pass
        assert time.monotonic() - begun < 0.6
        assert isinstance(caught.value, PoolTimeout)
    with manager.get_connection() as conn:
        assert conn.source == "lms"
    assert_never_switched(manager)


def test_a_full_pool_of_tasks(world: World) -> None:
    manager = world.manager(pool_max=1)

    async def work() -> None:
        async with manager.aconnection():
            with pytest.raises(PoolExhausted):
                async with manager.aconnection(timeout=0.2):
                    pass

    asyncio.run(work())
    assert_never_switched(manager)


@pytest.mark.parametrize("used_before", [True, False])
def test_max_connections_reached(world: World, used_before: bool) -> None:
    """The server is full of others: callers wait for a place, as long as they have time."""
    manager = world.manager(pool_max=5)
    if used_before:
        with manager.get_connection():
            pass
    with ExitStack() as others:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                others.enter_context(world.admin("lms", "postgres"))
        # whatever the pool has already is handed out; then there is nothing more
        with ExitStack() as mine:
            for _ in range(2):
                with contextlib.suppress(PoolExhausted):
                    mine.enter_context(manager.get_connection(timeout=0.5))
            with pytest.raises(PoolExhausted):
                mine.enter_context(manager.get_connection(timeout=0.5))
    assert_never_switched(manager)
    with manager.get_connection() as conn:
        assert conn.source == "lms"


def test_the_limit_of_the_role(world: World) -> None:
    world.query("lms", "alter role lms_app connection limit 0")
    try:
        manager = world.manager()
        with pytest.raises(PoolExhausted), manager.get_connection(timeout=0.5):
            pass
        assert_never_switched(manager)
    finally:
        world.query("lms", "alter role lms_app connection limit -1")
    with manager.get_connection() as conn:
        assert conn.source == "lms"


def test_a_busy_event_loop(world: World) -> None:
    """What was blocked for longer than connect_timeout has not waited for lms in all that time."""
    manager = world.manager(retry_seconds=60.0, connect_timeout=2)
    assert manager.is_ready()
    world.lms.slow_down(0.05)

    async def work() -> None:
        async def source() -> str:
            async with manager.aconnection() as conn:
                await conn.execute("select 1")
                return str(conn.source)

        asking = asyncio.create_task(source())
        await asyncio.sleep(0.02)  # it is connecting
        time.sleep(2.5)
        assert await asking == "lms"

    asyncio.run(work())
    assert_never_switched(manager)


def test_silence_that_is_older_than_the_last_look(world: World) -> None:
    """An attempt that began before lms was last seen well: only one that began later proves anything."""
    before = time.monotonic()
    manager = world.manager(retry_seconds=60.0)
    link, timed_out = manager.core.primary, psycopg.errors.ConnectionTimeout("connection timeout expired")
    assert _looks(manager) == 1
    link.hear_nothing(before, timed_out)
    until(lambda: _looks(manager) == 2)
    assert_never_switched(manager)
    link.hear_nothing(time.monotonic(), timed_out)
    until(lambda: manager.get_database_info()["source"] == "edu")
    assert _looks(manager) == 2, "this one is its own proof"


def _looks(manager: DatabaseConnectionManager) -> float | None:
    """How many good looks at lms have been taken in, when none is under way."""
    until(lambda: 40 < manager.get_database_info()["primary"]["next_probe_seconds"] < 1e6)
    return manager.metrics.registry.get_sample_value("database_probe_seconds_count", {"source": "lms", "health": "good"})


def test_a_full_server_before_a_silent_one(world: World) -> None:
    """Of several hosts the first one answers that it is full: that the last one says nothing is no proof of an outage."""
    world.query("lms", "alter role lms_app connection limit 0")
    try:
        with socket.create_server(("127.0.0.2", world.lms.port)):
            manager = world.manager(lms_host="127.0.0.1,127.0.0.2", connect_timeout=2, retry_seconds=60.0)
            with pytest.raises(PoolExhausted), manager.get_connection(timeout=3):
                pass
            assert_never_switched(manager)
    finally:
        world.query("lms", "alter role lms_app connection limit -1")


def test_bad_queries(world: World) -> None:
    manager = world.manager()
    for bad in ("select 1/0", "select nonsense", "selec", "insert into students values (1, 'again')", "drop table students"):
        with manager.get_connection() as conn, pytest.raises(psycopg.Error) as caught:
            conn.execute(bad)  # type: ignore[call-overload]
        assert type(caught.value).__module__ == "psycopg.errors"
    with manager.get_connection() as conn:
        conn.execute("set local statement_timeout = 50")
        with pytest.raises(psycopg.errors.QueryCanceled):
            conn.execute("select pg_sleep(10)")
    assert_never_switched(manager)


def test_a_wrong_password_is_told_at_once(world: World) -> None:
    manager = world.manager(lms_app_password="wrong")
    begun = time.monotonic()
    for _ in range(3):
        with pytest.raises(LoginRefused, match="password"), manager.get_connection():
            pass
    assert time.monotonic() - begun < 1
    assert not manager.is_ready(timeout=0.1)
    assert_never_switched(manager)


def test_a_wrong_password_is_told_to_tasks(world: World) -> None:
    manager = world.manager(lms_app_password="wrong")

    async def work() -> None:
        with pytest.raises(LoginRefused, match="password"):
            async with manager.aconnection():
                pass

    asyncio.run(work())
    assert_never_switched(manager)


def test_a_password_that_changes_while_the_pool_is_in_use(world: World) -> None:
    """Connections that are there go on; new ones are refused and wait for a return, and nothing switches."""
    manager = world.manager(pool_max=2, pool_min=1)
    with world.admin("lms") as admin:
        saved = admin.execute("select rolpassword from pg_authid where rolname = 'lms_app'").fetchone()
        try:
            with manager.get_connection() as first:
                admin.execute("alter role lms_app password 'another one'")
                with manager.get_connection(timeout=0.2) if _grown(manager) else ExitStack():
                    assert first.execute("select 1").fetchone() == (1,)
            with manager.get_connection() as conn:
                assert conn.source == "lms"
            assert_never_switched(manager)
        finally:
            assert saved is not None
            admin.execute(sql.SQL("alter role lms_app password {}").format(sql.Literal(saved[0])))


def _grown(manager: DatabaseConnectionManager) -> bool:
    return bool(manager.get_database_info()["primary"]["pool"]["pool_available"])


@pytest.mark.parametrize(
    ("take", "give_back"),
    [
        ("alter role lms_app nologin", "alter role lms_app login"),
        ("revoke connect on database lms from public", "grant connect on database lms to public"),
        ("alter database lms allow_connections false", "alter database lms allow_connections true"),
    ],
)
def test_rights_that_are_missing(world: World, take: str, give_back: str) -> None:
    with world.admin("lms", "postgres") as admin:
        admin.execute(take)  # type: ignore[call-overload]
        try:
            manager = world.manager()
            with pytest.raises(LoginRefused, match="Correct the login"), manager.get_connection():
                pass
            assert_never_switched(manager)
        finally:
            admin.execute(give_back)  # type: ignore[call-overload]
    time.sleep(1.0)  # a refusal is remembered for a second
    with manager.get_connection() as conn:
        assert conn.source == "lms"


def test_a_table_right_that_was_revoked(world: World) -> None:
    manager = world.manager()
    world.query("lms", "revoke select on students from lms_app")
    try:
        with manager.get_connection() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select * from students")
    finally:
        world.query("lms", "grant select on students to lms_app")
    assert_never_switched(manager)


def test_a_password_wrong_on_the_fallback_is_told_when_it_is_needed(world: World) -> None:
    manager = world.manager(fallback_password="wrong")
    with manager.get_connection() as conn:
        assert conn.source == "lms"
    world.lms.refuse()
    with pytest.raises(LoginRefused, match="lms_fallback is refused by edu"), manager.get_connection():
        pass
