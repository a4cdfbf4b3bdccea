"""The interface: what is handed out, what becomes of it, what it tells about itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg
import pytest
from database_world import PASSWORD, World, until
from psycopg_pool import PoolClosed

from database import connection_manager
from database.connection_manager import get_db_connection, get_db_manager
from database.errors import ConfigurationError


def test_rows_are_tuples_or_dicts(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        assert conn.execute("select * from students order by id limit 1").fetchone() == (1, "STU1")
    with manager.get_connection(dict_cursor=True) as conn:
        cur = conn.cursor()
        cur.execute("SELECT * FROM students ORDER BY id LIMIT 10")
        assert cur.fetchall()[1] == {"id": 2, "student_number": "STU2"}


def test_commits_are_the_callers(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        conn.execute("insert into audit_logs (user_id) values ('kept')")
        conn.commit()
        conn.execute("insert into audit_logs (user_id) values ('unfinished')")
    with contextlib.suppress(KeyError), manager.get_connection() as conn:
        conn.execute("insert into audit_logs (user_id) values ('failed')")
        raise KeyError
    assert world.query("lms", "select user_id from audit_logs") == [("kept",)]


def test_a_connection_comes_back_as_it_was(world: World) -> None:
    manager = world.manager(pool_max=1)
    with manager.get_connection() as conn:
        first = conn
        conn.autocommit = True
        conn.execute("set work_mem = '123MB'")
        conn.execute("select set_config('app.current_user_id', 'somebody', false), pg_advisory_lock(1)")
        conn.autocommit = False
        conn.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
        conn.read_only = True
    with manager.get_connection() as conn:
        assert conn is first
        assert (conn.autocommit, conn.isolation_level, conn.read_only) == (False, None, None)
        query = "select current_setting('work_mem'), coalesce(current_setting('app.current_user_id', true), '')"
        assert conn.execute(query).fetchone() != ("123MB", "somebody")
        assert conn.execute(query).fetchone() == (conn.execute("show work_mem").fetchone()[0], "")
        assert conn.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "do $$ begin execute $x$ set work_mem = '123MB' $x$; end $$",
        "call becomes_another()",
        "prepare x as select 1",
        "select 1 as a into temp x",
        "declare c cursor with hold for select 1",
    ],
)
def test_what_a_statement_leaves_is_not_the_next_users(world: World, statement: LiteralString) -> None:
    """Also where its text does not say what it does."""
    with world.admin("lms") as admin:
        admin.execute("create or replace procedure becomes_another() language sql as $$ set work_mem = '123MB' $$")
    manager = world.manager(pool_max=1)
    with manager.get_connection() as conn:
        conn.execute(statement)
        conn.commit()
    with manager.get_connection() as conn:
        assert conn.execute("show work_mem").fetchone() != ("123MB",)
        assert conn.execute("select name from pg_cursors").fetchall() == []
        assert conn.execute("select statement from pg_prepared_statements").fetchall() == []
        assert conn.execute("select tablename from pg_tables where schemaname like 'pg_temp%'").fetchall() == []


def test_prepared_statements_go_with_the_session_each_time(world: World) -> None:
    """What is asked often is prepared; whenever a session is made as new, the server forgets it, and so must the client."""
    manager = world.manager(pool_max=1)
    for _ in range(3):
        with manager.get_connection() as conn:
            conn.execute("set work_mem = '12MB'")
            conn.commit()
        with manager.get_connection() as conn:
            for number in range(7):
                assert conn.execute("select %s::int", (number,)).fetchone() == (number,)
            assert conn.execute("select count(*) from pg_prepared_statements").fetchone() == (1,)
            conn.commit()


def test_prepared_statements_of_tasks_go_as_well(world: World) -> None:
    manager = world.manager(pool_max=1)

    async def work() -> None:
        for _ in range(3):
            async with manager.aconnection() as conn:
                await conn.execute("set work_mem = '12MB'")
                await conn.commit()
            async with manager.aconnection() as conn:
                for number in range(7):
                    assert await (await conn.execute("select %s::int", (number,))).fetchone() == (number,)
                await conn.commit()

    asyncio.run(work())


def test_a_connection_left_in_the_middle_of_something_is_not_used_again(world: World) -> None:
    manager = world.manager(pool_max=1)
    with manager.get_connection() as conn:
        conn.pgconn.send_query(b"select pg_sleep(60)")
        first = conn
    until(
        lambda: world.query("lms", "select 1 from pg_stat_activity where query like '%sleep%' and pid <> pg_backend_pid()") == []
    )
    with manager.get_connection() as conn:
        assert conn is not first
        assert conn.execute("select 1").fetchone() == (1,)


def test_the_default_manager_is_one_until_it_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_manager, "_default", None)
    settings = world.settings()
    manager = get_db_manager(settings)
    assert get_db_manager() is manager
    assert get_db_manager(settings) is manager
    with pytest.raises(ConfigurationError, match="close_all"):
        get_db_manager({**settings, "pool_max": 3})
    with get_db_connection(dict_cursor=True) as conn:
        assert conn.execute("select 1 as one").fetchone() == {"one": 1}
    manager.close_all()
    with pytest.raises(PoolClosed), manager.get_connection():
        pass
    assert get_db_manager(settings) is not manager
    get_db_manager().close_all()


def test_settings_come_from_the_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_manager, "_default", None)
    for name, value in {
        "LMS_HOST": "127.0.0.1",
        "LMS_PORT": world.lms.port,
        "LMS_APP_USER": "lms_app",
        "LMS_APP_PASSWORD": PASSWORD,
        "EDU_HOST": "127.0.0.1",
        "EDU_PORT": world.edu.port,
        "FALLBACK_PASSWORD": PASSWORD,
        "EDU2LMS_DB_POOL_MAX": 7,
    }.items():
        monkeypatch.setenv(name, str(value))
    manager = get_db_manager()
    with manager.get_connection() as conn:
        assert conn.info.user == "lms_app"
    assert manager.config.pool_max == 7
    assert (manager.config.pool_min, manager.config.retry_seconds) == (1, 60)
    manager.close_all()


def test_information_is_json_and_holds_no_password(world: World) -> None:
    manager = world.manager()
    before = datetime.now(UTC)
    with manager.get_connection() as conn:
        assert conn.source == "lms"
        assert abs(conn.since - before) < timedelta(seconds=5)
        assert conn.stale_since is None
        assert conn.staleness is None
    until(lambda: manager.get_database_info()["fallback"]["verified"])
    info = manager.get_database_info()
    text = json.dumps(info)
    assert PASSWORD not in text + repr(manager.config)
    assert (info["source"], info["read_only"], info["switches"]) == ("lms", False, 0)
    assert info["primary"]["state"] == info["fallback"]["state"] == "closed"
    assert 1 <= info["primary"]["pool"]["pool_size"] <= 2  # psycopg_pool grows while its first one is being made
    assert info["fallback"]["publication"]["batch_id"] == "batch-1"
    assert info["fallback"]["publication"]["crosswalk_rows"] == 100


def test_a_fallback_that_was_never_published_is_told(world: World) -> None:
    world.query("edu", "alter view lms_compat.publication rename to elsewhere")
    try:
        manager = world.manager()
        assert manager.is_ready()
        until(lambda: manager.get_database_info()["fallback"]["publication"])
        error = manager.get_database_info()["fallback"]["publication"]["error"]
        assert (error["type"], error["sqlstate"]) == ("FallbackNotPublished", "42P01")
        assert "edu2lms fallback publish" in error["fix"]
        world.lms.refuse()
        with manager.get_connection() as conn:  # it reads nevertheless
            assert (conn.source, conn.stale_since) == ("edu", None)
            assert conn.execute("select count(*) from students").fetchone() == (100,)
    finally:
        world.query("edu", "alter view lms_compat.elsewhere rename to publication")


def test_pools_begin_with_one_and_grow_to_twenty(world: World) -> None:
    manager = world.manager()
    assert (manager.config.pool_min, manager.config.pool_max) == (1, 20)
    with manager.get_connection():
        assert manager.get_database_info()["primary"]["pool"]["pool_size"] <= 2
        with manager.get_connection(), manager.get_connection():
            assert manager.get_database_info()["primary"]["pool"]["pool_size"] >= 3
