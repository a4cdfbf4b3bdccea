"""What is an outage, how fast it is noticed, and that the way back is found."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import LiteralString

import psycopg
import pytest
from database_world import World, until

from database.connection_manager import DatabaseConnectionManager
from database.errors import DatabaseError, NoDatabaseError, ReadOnlyPrimary

COUNT = "select count(*) from students"
TERMINATE = "select count(pg_terminate_backend(pid, 1000)) from pg_stat_activity where usename = 'lms_app'"


def source_of(manager: DatabaseConnectionManager) -> str:
    with manager.get_connection() as conn:
        assert conn.execute(COUNT).fetchone() == (100,)
        return str(conn.source)


def reason(manager: DatabaseConnectionManager) -> object:
    return manager.get_database_info()["primary"]["reason"]


@pytest.mark.parametrize("used_before", [True, False])
def test_refused(world: World, used_before: bool) -> None:
    manager = world.manager()
    if used_before:
        assert source_of(manager) == "lms"
    world.lms.refuse()
    begun = time.monotonic()
    assert source_of(manager) == "edu"
    assert time.monotonic() - begun < 2
    assert reason(manager) == "refused"
    world.lms.repair()
    until(lambda: source_of(manager) == "lms")
    assert manager.get_database_info()["switches"] == 2


@pytest.mark.parametrize("dies", ["refused", "reset_new", "stopped"])
def test_an_outage_is_noticed_long_before_the_next_look(world: World, dies: str) -> None:
    """With a minute between two looks: the requests themselves bring it up, and none of them fails."""
    manager = world.manager(retry_seconds=60.0)
    assert source_of(manager) == "lms"
    until(lambda: manager.get_database_info()["fallback"]["verified"])
    {"refused": world.lms.refuse, "reset_new": world.lms.reset_new, "stopped": world.clusters["lms"].stop}[dies]()
    begun = time.monotonic()
    assert source_of(manager) == "edu"
    assert time.monotonic() - begun < 2


def test_a_real_server_that_stops_and_starts(world: World) -> None:
    manager = world.manager()
    assert source_of(manager) == "lms"
    world.clusters["lms"].stop()
    begun = time.monotonic()
    assert source_of(manager) == "edu"
    assert time.monotonic() - begun < 2
    world.clusters["lms"].start()
    until(lambda: source_of(manager) == "lms")


def test_reset_at_each_attempt(world: World) -> None:
    manager = world.manager()
    assert source_of(manager) == "lms"
    world.lms.reset_new()
    assert source_of(manager) == "edu"
    assert reason(manager) == "reset"


@pytest.mark.parametrize("used_before", [True, False])
def test_a_black_hole_is_bounded_by_its_time_outs(world: World, used_before: bool) -> None:
    manager = world.manager(check_idle=0.0, check_timeout=0.5, connect_timeout=2)
    if used_before:
        assert source_of(manager) == "lms"
    world.lms.go_silent()
    begun = time.monotonic()
    assert source_of(manager) == "edu"
    assert time.monotonic() - begun < 3.5  # check_timeout + connect_timeout, and a margin for a slow machine
    assert reason(manager) == "timeout"
    world.lms.repair()
    until(lambda: source_of(manager) == "lms")


def test_silence_is_not_taken_for_a_full_pool(world: World) -> None:
    """Who has less time than an outage takes to be known is told that there was no answer."""
    world.lms.go_silent()
    manager = world.manager(connect_timeout=2)
    with pytest.raises(NoDatabaseError, match="no answer yet") as caught, manager.get_connection(timeout=1):
        pass
    assert caught.value.retry_after == 1

    async def work() -> None:
        with pytest.raises(NoDatabaseError, match="no answer yet"):
            async with manager.aconnection(timeout=0.2):
                pass

    asyncio.run(work())
    assert source_of(manager) == "edu"


def test_a_switch_at_the_last_moment_is_not_told_as_an_outage_of_both(world: World) -> None:
    manager = world.manager()
    assert source_of(manager) == "lms"
    core = manager.core
    late = core._too_late(core.fallback, core.primary.generation(), 1.0)
    assert "out (None)" not in str(late)
    assert str(late).startswith("lms came into use when the time was over")
    world.lms.refuse()
    world.edu.refuse()
    until(lambda: core.current is None)
    assert "lms is out (refused) and edu is out (refused)" in str(core.none_left())


def test_slow_is_not_an_outage(world: World) -> None:
    manager = world.manager()
    world.lms.slow_down(0.1)
    assert source_of(manager) == "lms"
    assert manager.get_database_info()["switches"] == 0


def test_one_connection_that_was_reset_is_not_an_outage(world: World) -> None:
    manager = world.manager()
    assert source_of(manager) == "lms"
    world.lms.reset()
    assert source_of(manager) == "lms"
    assert manager.get_database_info()["switches"] == 0


def test_connections_ended_by_an_administrator_are_not_an_outage(world: World) -> None:
    manager = world.manager()
    for _ in range(3):
        assert source_of(manager) == "lms"
        until(lambda: world.query("lms", TERMINATE) and world.lms.connections == 0)  # until the news has arrived
    assert source_of(manager) == "lms"
    assert manager.get_database_info()["switches"] == 0


def test_an_idle_dead_connection_is_never_handed_out(world: World) -> None:
    """With check_idle 0 not even when the news of its death is still on its way."""
    manager = world.manager(pool_min=5, check_idle=0.0)
    for _ in range(8):
        assert source_of(manager) == "lms"
        world.query("lms", TERMINATE)
        assert source_of(manager) == "lms"


@pytest.mark.parametrize("how", ["connected before", "connects later"])
def test_a_primary_that_became_read_only(world: World, how: str) -> None:
    manager = world.manager(check_idle=0.0)
    if how == "connected before":
        assert source_of(manager) == "lms"
    try:
        world.make_read_only(True)
        until(lambda: source_of(manager) == "edu")
        assert reason(manager) == "read-only"
    finally:
        world.make_read_only(False)
    until(lambda: source_of(manager) == "lms")


@pytest.mark.parametrize("autocommit", [False, True])
def test_a_write_refused_by_a_read_only_primary_is_looked_into(world: World, autocommit: bool) -> None:
    manager = world.manager(check_idle=60.0, retry_seconds=7.0)
    try:
        with manager.get_connection() as conn:
            # else the manager's first look may find it out before the write does; the next one is seven seconds away
            until(lambda: manager.get_database_info()["primary"]["verified"])
            world.make_read_only(True)
            conn.autocommit = autocommit
            conn.execute("set timezone = 'Asia/Baku'")  # the session is no longer as new
            with pytest.raises(ReadOnlyPrimary) as caught:
                conn.execute("insert into audit_logs (user_id) values ('x')")
        assert isinstance(caught.value, psycopg.errors.ReadOnlySqlTransaction), "handlers that know psycopg's go on working"
        assert (caught.value.sqlstate, caught.value.http_status, caught.value.retry_after) == ("25006", 503, 7)
        until(lambda: source_of(manager) == "edu", 4.0)
    finally:
        world.make_read_only(False)


@pytest.mark.parametrize("how", ["read_only", "set transaction read only", "set default_transaction_read_only = on"])
def test_a_transaction_that_the_application_made_read_only_is_no_outage(world: World, how: LiteralString) -> None:
    manager = world.manager()
    with manager.get_connection() as conn:
        if how == "read_only":
            conn.read_only = True
        else:
            conn.execute(how)
        if "default" in how:
            conn.commit()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction) as caught:
            conn.execute("insert into audit_logs (user_id) values ('x')")
        assert not isinstance(caught.value, DatabaseError)
    time.sleep(0.3)  # a probe that would be wrong has had its time
    assert source_of(manager) == "lms"


def test_it_starts_without_edu_and_never_needs_it(world: World) -> None:
    world.edu.refuse()
    manager = world.manager()
    assert source_of(manager) == "lms"
    assert manager.is_ready()
    until(lambda: manager.get_database_info()["fallback"]["state"] != "closed")
    assert manager.get_database_info()["fallback"]["reason"] == "refused"


@pytest.mark.parametrize("comes_back", ["lms", "edu"])
def test_both_out_and_who_waits_is_woken(world: World, comes_back: str) -> None:
    world.lms.refuse()
    world.edu.refuse()
    manager = world.manager()
    begun = time.monotonic()
    with pytest.raises(NoDatabaseError) as caught, manager.get_connection(timeout=0.5):
        pass
    assert time.monotonic() - begun < 1
    assert caught.value.retry_after == 1
    assert not manager.is_ready(timeout=0.1)
    path = world.lms if comes_back == "lms" else world.edu
    results: list[str] = []
    waiting = in_thread(lambda: results.append(source_of(manager)))
    path.repair()
    waiting()
    assert results == [comes_back]


def test_a_server_that_goes_again_at_once_must_be_good_for_longer(world: World) -> None:
    manager = world.manager(good_probes=2, good_probe_seconds=0.05)
    needed = []
    for _ in range(3):
        world.lms.refuse()
        until(lambda: manager.get_database_info()["source"] == "edu")
        needed.append(manager.get_database_info()["primary"]["good_probes_needed"])
        world.lms.repair()
        until(lambda: manager.get_database_info()["source"] == "lms")
    assert needed == [2, 4, 8]


def test_a_server_that_flaps_does_not_take_the_application_along(world: World) -> None:
    """Five times out and back: at most what was in flight fails."""
    manager = world.manager(retry_seconds=0.2, good_probes=2)
    errors = 0
    for _ in range(5):
        for change in (world.lms.refuse, world.lms.repair):
            change()
            begun = time.monotonic()
            while time.monotonic() - begun < 0.4:
                try:
                    source_of(manager)
                except psycopg.OperationalError:
                    errors += 1
    assert errors <= 5  # at most the transaction that was in flight
    until(lambda: source_of(manager) == "lms", 20)


@pytest.mark.nightly
@pytest.mark.parametrize("retry_seconds", [60.0, 2.5])
def test_a_server_that_flaps_every_five_seconds(world: World, retry_seconds: float) -> None:
    """The same at its real pace: with the usual settings, and with ones that try to follow."""
    manager = world.manager(retry_seconds=retry_seconds, good_probe_seconds=1.0, good_probes=3, both_out_seconds=1.0)
    assert source_of(manager) == "lms"
    errors, slowest = 0, 0.0
    for _ in range(3):
        for change in (world.lms.refuse, world.lms.repair):
            change()
            begun = time.monotonic()
            while time.monotonic() - begun < 5:
                asked = time.monotonic()
                try:
                    source_of(manager)
                except psycopg.OperationalError:
                    errors += 1
                slowest = max(slowest, time.monotonic() - asked)
    assert errors <= 3  # at most the transaction that was in flight
    assert slowest < 2
    assert manager.get_database_info()["switches"] <= 6


def test_connections_of_the_fallback_finish_in_peace(world: World) -> None:
    manager = world.manager()
    world.lms.refuse()
    with manager.get_connection() as conn:
        assert conn.source == "edu"
        world.lms.repair()
        until(lambda: manager.get_database_info()["source"] == "lms")
        assert source_of(manager) == "lms"
        assert conn.execute(COUNT).fetchone() == (100,)
    until(lambda: world.query("edu", "select 1 from pg_stat_activity where usename = 'lms_fallback'") == [])


@pytest.mark.parametrize("kind", ["generation", "async_generation"])
def test_a_late_comer_opens_no_pool_of_the_fallback(world: World, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """It has seen that edu is in use, and makes the pool after lms is back: there is no switch to come that would close it."""
    world.lms.refuse()
    manager = world.manager()
    core = manager.core
    until(lambda: core.current is core.fallback)
    make, retire, retired = getattr(core.fallback, kind), core.fallback.retire, threading.Event()

    def late() -> object:
        world.lms.repair()
        assert retired.wait(10)
        return make()

    def retiring() -> None:
        retire()
        retired.set()

    monkeypatch.setattr(core.fallback, kind, late)
    monkeypatch.setattr(core.fallback, "retire", retiring)

    async def work() -> str:
        async with manager.aconnection() as conn:
            assert manager.get_database_info()["fallback"]["pool"] == {}
            return str(conn.source)

    assert (source_of(manager) if kind == "generation" else asyncio.run(work())) == "lms"
    assert manager.get_database_info()["fallback"]["pool"] == {}


def in_thread(work: Callable[[], None]) -> Callable[[], None]:
    thread = threading.Thread(target=work)
    thread.start()
    return thread.join
