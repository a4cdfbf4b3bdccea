"""Several event loops, one after the other and at once; processes that fork with everything open."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import warnings
from collections.abc import Callable

import pytest
from database_world import World, until

from database.connection_manager import DatabaseConnectionManager

COUNT = "select count(*) from students"
SESSIONS = (
    "select count(*) from pg_stat_activity where usename in ('lms_app', 'lms_fallback') and application_name not like '%probe'"
)


async def acount(manager: DatabaseConnectionManager) -> str:
    async with manager.aconnection(dict_cursor=True) as conn:
        cur = await conn.execute("select count(*) as number from students")
        assert await cur.fetchone() == {"number": 100}
        return str(conn.source)


def test_tasks_of_one_loop_share_a_pool(world: World) -> None:
    manager = world.manager(pool_max=4)

    async def work() -> None:
        assert await asyncio.gather(*(acount(manager) for _ in range(100))) == ["lms"] * 100
        assert world.query("lms", SESSIONS)[0][0] <= 4

    asyncio.run(work())


def test_a_loop_that_ends_closes_its_pool(world: World, recwarn: pytest.WarningsRecorder) -> None:
    manager = world.manager(pool_min=2)
    for _ in range(3):
        assert asyncio.run(acount(manager)) == "lms"
        gc.collect()  # a connection that was being made when the loop ended is psycopg's
        until(lambda: world.query("lms", SESSIONS) == [(0,)])
    assert [str(warning.message) for warning in recwarn] == []
    assert manager.get_database_info()["primary"]["pool"] == {}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # so rude that Python itself complains
def test_a_loop_that_is_closed_rudely_leaves_nothing_behind_for_long(world: World) -> None:
    manager = world.manager()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(acount(manager))
    loop.close()
    assert asyncio.run(acount(manager)) == "lms"
    gc.collect()
    until(lambda: world.query("lms", SESSIONS) == [(0,)])


def test_loops_of_several_threads(world: World) -> None:
    manager = world.manager()
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(asyncio.run(acount(manager)))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["lms"] * 5


def test_tasks_follow_the_switch_there_and_back(world: World) -> None:
    manager = world.manager()

    async def work() -> None:
        assert await acount(manager) == "lms"
        world.lms.refuse()
        assert await acount(manager) == "edu"
        world.lms.repair()
        async with asyncio.timeout(10):
            while await acount(manager) != "lms":
                await asyncio.sleep(0.01)
            while world.query("edu", SESSIONS) != [(0,)]:
                await asyncio.sleep(0.01)

    asyncio.run(work())


def test_tasks_that_wait_for_either_are_woken(world: World) -> None:
    world.lms.refuse()
    world.edu.refuse()
    manager = world.manager()

    async def work() -> None:
        waiting = [asyncio.create_task(acount(manager)) for _ in range(50)]
        await asyncio.sleep(0.3)
        assert not any(task.done() for task in waiting)
        world.edu.repair()
        assert await asyncio.gather(*waiting) == ["edu"] * 50

    asyncio.run(work())


def test_a_cancelled_task_gives_its_connection_back(world: World) -> None:
    manager = world.manager(pool_max=1)

    async def hold() -> None:
        async with manager.aconnection() as conn:
            await conn.execute("insert into audit_logs (user_id) values ('cancelled')")
            await asyncio.sleep(60)

    async def work() -> None:
        for _ in range(3):
            task = asyncio.create_task(hold())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await acount(manager) == "lms"

    asyncio.run(work())
    assert world.query("lms", "select count(*) from audit_logs") == [(0,)]


def test_a_task_that_is_cancelled_while_its_connection_is_checked_gives_it_back(world: World) -> None:
    manager = world.manager(pool_max=1, check_idle=0.0, check_timeout=30.0)

    async def work() -> None:
        assert await acount(manager) == "lms"
        world.lms.go_silent()
        task = asyncio.create_task(acount(manager))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        world.lms.repair()
        assert await acount(manager) in ("lms", "edu")

    asyncio.run(work())


@pytest.mark.parametrize("in_the_body", [False, True])
def test_a_task_that_is_cancelled_while_it_gives_its_connection_back_has_given_it_back(world: World, in_the_body: bool) -> None:
    """After a body that came to its end, and after one that was cancelled itself."""
    manager = world.manager(pool_max=1)

    async def work() -> None:
        working, end = asyncio.Event(), asyncio.Event()

        async def use() -> None:
            async with manager.aconnection() as conn:
                await conn.execute("select 1")
                working.set()
                await end.wait()

        task = asyncio.create_task(use())
        await working.wait()
        lock = manager.core.primary.async_generation().pool._lock
        async with lock:  # what is given back waits here
            if in_the_body:
                task.cancel()
            else:
                end.set()
            while not lock._waiters:  # type: ignore[attr-defined]
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with manager.aconnection(timeout=2) as conn:
            assert conn.source == "lms"

    asyncio.run(work())


def in_child(work: Callable[[], None]) -> int:
    """Run work in a forked child; its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_forked_child_has_connections_of_its_own(world: World) -> None:
    """As with `gunicorn --preload`: the parent has used the manager, the children use it, the parent goes on."""
    manager = world.manager(pool_min=2)
    with manager.get_connection() as conn:
        backend = conn.info.backend_pid

        def child() -> None:
            with manager.get_connection() as own:
                assert own.info.backend_pid != backend
                assert own.execute(COUNT).fetchone() == (100,)
            asyncio.run(acount(manager))
            conn.close()  # even this does not reach the parent's socket
            manager.close_all()
            gc.collect()

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons dislike a fork with threads
            assert in_child(child) == 0
        assert conn.execute(COUNT).fetchone() == (100,)
        assert conn.info.backend_pid == backend


def test_a_child_that_exits_as_programs_do(world: World) -> None:
    """With all of Python's tidying up at the end: nothing hangs, nothing of the parent's is closed."""
    manager = world.manager()
    with manager.get_connection() as conn:
        script = os.fork()
        if script == 0:
            with manager.get_connection() as own:
                own.execute(COUNT)
            import sys

            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
            os._exit(_run_exit_handlers())
        assert os.waitstatus_to_exitcode(os.waitpid(script, 0)[1]) == 0
        assert conn.execute(COUNT).fetchone() == (100,)


def _run_exit_handlers() -> int:
    import atexit

    atexit._run_exitfuncs()
    gc.collect()
    return 0


def test_forks_while_the_manager_is_busy(world: World) -> None:
    """Locks that other threads hold at the moment of the fork do not exist in the child."""
    manager = world.manager()
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            with manager.get_connection() as conn:
                conn.execute("select 1")

    threads = [threading.Thread(target=busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):

            def child() -> None:
                with manager.get_connection() as conn:
                    conn.execute("select 1")

            assert in_child(child) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()
