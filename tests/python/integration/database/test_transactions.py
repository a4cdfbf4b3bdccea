"""What becomes of a transaction in flight: lost for certain, or unknown; and what the fallback says to writes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from database_world import World, until
from psycopg import errors

from database.errors import OutcomeUnknown, ReadOnlyFallbackError, TransactionLost

INSERT = "insert into audit_logs (user_id) values ('x')"


def rows(world: World) -> int:
    return int(world.query("lms", "select count(*) from audit_logs")[0][0])


def test_killed_in_mid_transaction(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        conn.execute(INSERT)
        world.lms.reset()
        with pytest.raises(TransactionLost) as caught:
            conn.execute(INSERT)
    assert isinstance(caught.value, psycopg.OperationalError)
    assert rows(world) == 0
    with manager.get_connection() as conn:  # the server is well: no switch
        assert conn.source == "lms"


def test_a_real_server_killed_in_mid_transaction(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        conn.execute(INSERT)
        world.clusters["lms"].kill()
        with pytest.raises(TransactionLost):
            conn.execute(INSERT)
        with pytest.raises(TransactionLost):
            conn.commit()
    with manager.get_connection() as conn:
        assert conn.source == "edu"
    world.clusters["lms"].start()
    assert rows(world) == 0


@pytest.mark.parametrize("arrives", [False, True])
def test_killed_during_commit(world: World, arrives: bool) -> None:
    """Whether the COMMIT arrived or not, the application cannot know, and is told so; also when it asks again."""
    manager = world.manager()
    with manager.get_connection() as conn:
        conn.execute(INSERT)
        world.lms.cut_at(b"COMMIT", after=arrives)
        with pytest.raises(OutcomeUnknown) as caught:
            conn.commit()
        assert isinstance(caught.value, psycopg.OperationalError)
        with pytest.raises(OutcomeUnknown):
            conn.commit()
    until(lambda: rows(world) == int(arrives))


@pytest.mark.parametrize("statement", ["commit", "COMMIT", "/* the end */ end", "insert into audit_logs default values; commit"])
def test_a_commit_in_sql_counts_as_one(world: World, statement: str) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        conn.execute(INSERT)
        world.lms.cut_at(statement.encode())
        with pytest.raises(OutcomeUnknown):
            conn.execute(statement)


def test_a_transaction_block_that_cannot_say_whether_it_committed(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        world.lms.cut_at(b"COMMIT", after=True)
        with pytest.raises(OutcomeUnknown), conn.transaction():
            conn.execute(INSERT)
    until(lambda: rows(world) == 1)


def test_autocommit_statements_are_commits(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        conn.autocommit = True
        world.lms.cut_at(b"insert", after=True)
        with pytest.raises(OutcomeUnknown):
            conn.execute(INSERT)
    until(lambda: rows(world) == 1)


def break_in_pipeline(world: World, conn: psycopg.Connection[Any], commit: Callable[[psycopg.Connection[Any]], object]) -> None:
    with conn.pipeline():
        conn.execute(INSERT)
        commit(conn)
        until(lambda: rows(world) == 1)
        world.lms.cut_at(b"select 1")
        conn.execute("select 1")


@pytest.mark.parametrize(
    ("commit", "fate"),
    [
        (lambda conn: conn.execute("commit"), OutcomeUnknown),  # sent, and its answer not waited for
        (lambda conn: conn.commit(), TransactionLost),  # answered: what is lost is the next transaction
    ],
)
def test_a_commit_in_a_pipeline(
    world: World, commit: Callable[[psycopg.Connection[Any]], object], fate: type[psycopg.Error]
) -> None:
    """It was carried out, as it happens: whoever only knows that it was sent must not be told that nothing was committed."""
    manager = world.manager()
    with manager.get_connection() as conn, pytest.raises(fate):
        break_in_pipeline(world, conn, commit)


def test_a_commit_in_a_pipeline_of_a_task(world: World) -> None:
    manager = world.manager()

    async def break_it(conn: psycopg.AsyncConnection[Any]) -> None:
        async with conn.pipeline():
            await conn.execute(INSERT)
            await conn.execute("commit")
            world.lms.cut_at(b"select 1")
            await conn.execute("select 1")

    async def work() -> None:
        async with manager.aconnection() as conn:
            with pytest.raises(OutcomeUnknown):
                await break_it(conn)

    asyncio.run(work())


def test_a_case_end_is_no_commit(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        world.lms.cut_at(b"then 1", after=True)
        with pytest.raises(TransactionLost):
            conn.execute("select case when true then 1\nend")


def test_copy_and_executemany_are_lost_as_well(world: World) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        world.lms.cut_at(b"copied")
        with pytest.raises(TransactionLost), conn.cursor().copy("copy audit_logs (user_id) from stdin") as copy:
            copy.write_row(["copied"])
    world.lms.repair()
    with manager.get_connection() as conn:
        world.lms.cut_at(b"many")
        with pytest.raises(TransactionLost):
            conn.cursor().executemany("insert into audit_logs (user_id) values (%s)", [("many",)] * 10)
    assert rows(world) == 0


def test_a_statement_without_an_answer_ends_when_the_server_is_out(world: World) -> None:
    manager = world.manager(silence=0.3)
    with manager.get_connection() as conn:
        conn.execute(INSERT)
        world.lms.go_silent()
        begun = time.monotonic()
        with pytest.raises(TransactionLost, match="without a word"):
            conn.execute("select 1")
        assert time.monotonic() - begun < 4


def test_a_slow_statement_goes_on_while_the_server_is_well(world: World) -> None:
    manager = world.manager(silence=0.1)
    with manager.get_connection() as conn:
        assert conn.execute("select 1 from pg_sleep(0.7)").fetchone() == (1,)
    assert manager.get_database_info()["switches"] == 0


def test_the_same_errors_for_tasks(world: World) -> None:
    manager = world.manager(silence=0.3)

    async def work() -> None:
        async with manager.aconnection() as conn:
            await conn.execute(INSERT)
            world.lms.reset()
            with pytest.raises(TransactionLost):
                await conn.execute(INSERT)
        async with manager.aconnection() as conn:
            await conn.execute(INSERT)
            world.lms.cut_at(b"COMMIT", after=True)
            with pytest.raises(OutcomeUnknown):
                await conn.commit()
        world.lms.repair()
        async with manager.aconnection() as conn:
            await conn.execute("select 1")
            world.lms.go_silent()
            with pytest.raises(TransactionLost, match="without a word"):
                await conn.execute("select 1")

    asyncio.run(work())
    world.lms.repair()
    assert rows(world) == 1


@pytest.mark.parametrize(
    "statement",
    [
        INSERT,  # the table is not even there
        "insert into students values (1000, 'x')",
        "update students set student_number = 'x'",
        "with gone as (delete from students returning *) select * from gone",
        "create table mine (id int)",
        "select * from students for update",
        "set default_transaction_read_only = off; insert into students values (1000, 'x')",
    ],
)
def test_the_fallback_takes_no_writes(world: World, statement: str) -> None:
    manager = world.manager(retry_seconds=7.0)
    world.lms.refuse()
    with manager.get_connection() as conn:
        assert conn.source == "edu"
        with pytest.raises(ReadOnlyFallbackError) as caught:
            conn.execute(statement)
    assert caught.value.http_status == 503
    assert caught.value.retry_after == 7
    assert "queue the write" in str(caught.value)
    assert caught.value.__cause__.sqlstate == caught.value.sqlstate
    assert world.query("edu", "select count(*), max(student_number) from legacy_students") == [(100, "STU99")]


def test_a_client_that_switches_the_courtesy_off_is_stopped_by_the_role(world: World) -> None:
    manager = world.manager()
    world.lms.refuse()
    with manager.get_connection() as conn:
        conn.autocommit = True
        conn.execute("set default_transaction_read_only = off")
        conn.execute("set transaction read write")
        with pytest.raises(ReadOnlyFallbackError) as caught:
            conn.execute("update students set student_number = 'x'")
        assert caught.value.sqlstate == "42501"


def test_a_read_that_is_not_allowed_is_not_called_a_write(world: World) -> None:
    manager = world.manager()
    world.lms.refuse()
    with manager.get_connection() as conn:
        with pytest.raises(errors.UndefinedTable):
            conn.execute("select * from audit_logs")
        conn.rollback()
        with pytest.raises(errors.InsufficientPrivilege):
            conn.execute("select * from public.accounts")


def test_what_a_named_cursor_reads_is_no_write_either(world: World) -> None:
    manager = world.manager()
    world.lms.refuse()
    with manager.get_connection() as conn:
        with pytest.raises(errors.UndefinedTable), conn.cursor("c") as cursor:
            cursor.execute("select * from not_there")
        conn.rollback()
        with conn.cursor("c") as cursor:
            assert len(cursor.execute("select * from students").fetchmany(7)) == 7
            with pytest.raises(ReadOnlyFallbackError):
                conn.execute("delete from students")

    async def work() -> None:
        async with manager.aconnection() as conn:
            with pytest.raises(errors.UndefinedTable):
                async with conn.cursor("c") as cursor:
                    await cursor.execute("select * from not_there")

    asyncio.run(work())


def test_a_named_cursor_that_outlives_its_transaction_is_not_the_next_users(world: World) -> None:
    manager = world.manager(pool_max=1)
    with manager.get_connection() as conn:
        cursor = conn.cursor("c", withhold=True)
        cursor.execute("select * from students")
        conn.commit()
        assert cursor.fetchone() == (1, "STU1")
        kept = cursor
    with manager.get_connection() as conn:
        assert conn.execute("select name from pg_cursors").fetchall() == []
    manager.close_all()
    kept.close()


def test_the_fallback_says_how_old_it_is(world: World) -> None:
    manager = world.manager()
    world.lms.refuse()
    with manager.get_connection() as conn:
        assert (conn.source, conn.execute("show search_path").fetchone()) == ("edu", ("lms_compat",))
        assert conn.stale_since is not None
        assert conn.stale_since.isoformat() == "2026-11-01T12:00:00+00:00"
        assert conn.staleness is not None
        info = manager.get_database_info()
        assert info["read_only"]
        assert info["stale_since"] == "2026-11-01T12:00:00+00:00"
