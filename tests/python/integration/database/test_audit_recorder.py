"""The recorder against a real server that goes away, comes back, is slow, refuses: what is made is recorded, and once."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from database_world import until
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest
from recorder_world import Audited
from test_asked_for import AuditLoggingMiddleware, request_of

from database import connection_manager
from database.audit import events
from database.audit import recorder as recorder_module
from database.audit.events import Event, Kind
from database.audit.recorder import Recorder
from database.health import pages


def make(recorder: Recorder, number: int, **values: Any) -> list[str]:
    """Record events; their ids."""
    made = [events.log("request", **{"user_id": "7", **values}) for _ in range(number)]
    assert all(recorder.record(event) for event in made)
    return [event.values["event_id"] for event in made]


def ids(audited: Audited) -> list[str]:
    return sorted(str(row[0]) for row in audited.rows("select event_id from audit_logs where action_type = 'request'"))


def test_events_are_written_soon_and_in_batches(audited: Audited) -> None:
    recorder = audited.recorder()
    made = make(recorder, 1200, request_path="/students", response_status=200, ip_address="192.0.2.1")
    until(lambda: audited.count() == 1200, 5)
    assert ids(audited) == sorted(made)
    assert audited.rows(
        "select distinct user_id, action_type, request_path, response_status, host(ip_address) from audit_logs"
    ) == [("7", "request", "/students", 200, "192.0.2.1")]
    ((late,),) = audited.rows("select max(clock_timestamp() - action_timestamp) from audit_logs")
    assert late < timedelta(seconds=5)
    assert not audited.spool.exists()


def test_what_comes_just_as_the_recorder_closes_is_written_by_the_next_one(audited: Audited) -> None:
    recorder = audited.recorder()
    made = make(recorder, 1)

    class Late(Event):
        @property
        def action(self) -> str | None:
            """Looked at when the recorder has seen that it is open."""
            recorder.close()
            return "request"

    late = Late(Kind.LOG, events.log("request").values)
    assert recorder.record(late)
    assert recorder.counts.total("recorded") == 2
    made += [late.values["event_id"], *make(audited.recorder(), 1)]
    until(lambda: audited.count() == 3)
    assert ids(audited) == sorted(made)


@pytest.mark.parametrize("refused", [1, 2])
def test_a_thread_that_the_system_refuses_is_asked_for_again(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    recorder, start, asked = audited.recorder(), threading.Thread.start, list[threading.Thread]()

    def refusing(thread: threading.Thread) -> None:
        asked.append(thread)
        if len(asked) == refused:
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refusing)
        assert not recorder.record(events.log("request"))
    assert recorder.counts.total("dropped") == 1
    made = make(recorder, 2)
    until(lambda: ids(audited) == sorted(made))


def test_a_server_that_stops_and_starts_loses_nothing_and_doubles_nothing(audited: Audited) -> None:
    recorder = audited.recorder()
    made = make(recorder, 300)
    until(lambda: audited.count() == 300)
    audited.stop()
    for _ in range(10):
        made += make(recorder, 100)
        time.sleep(0.03)
    until(lambda: recorder.counts.total("spooled") > 0)
    audited.start()
    made += make(recorder, 100)
    until(lambda: audited.count() >= 1400, 15)
    assert ids(audited) == sorted(made)
    assert recorder.counts.total("dropped") == 0


def test_on_the_fallback_events_wait(audited: Audited) -> None:
    manager = audited.manager()
    recorder = audited.recorder(manager)
    make(recorder, 1)
    until(lambda: audited.count() == 1)
    audited.world.lms.refuse()
    until(lambda: manager.get_database_info()["source"] == "edu")
    make(recorder, 10)
    until(lambda: recorder.counts.total("spooled") == 10)
    audited.world.lms.repair()
    until(lambda: audited.count() == 11, 15)


def test_without_any_settings_of_databases_events_wait_on_disk(audited: Audited) -> None:
    from database.connection_manager import DatabaseConnectionManager

    recorder = audited.recorder(DatabaseConnectionManager())
    make(recorder, 5)
    until(lambda: recorder.counts.total("spooled") == 5)
    recorder.close()
    make(audited.recorder(), 1)
    until(lambda: audited.count() == 6)
    until(lambda: list(audited.spool.iterdir()) == [])


def test_a_server_that_says_nothing_holds_nothing_back(audited: Audited) -> None:
    manager = audited.manager(silence=5.0)
    recorder = audited.recorder(manager)
    make(recorder, 1)
    until(lambda: audited.count() == 1)
    with audited.world.admin("lms", "audited") as blocker:
        blocker.autocommit = False
        blocker.execute("lock table audit_logs in access exclusive mode")
        made = make(recorder, 50)
        until(lambda: recorder.counts.total("spooled") >= 50, 3)
        assert recorder._writer.spool.waiting >= 50
        begun = time.monotonic()
        make(recorder, 50)
        assert time.monotonic() - begun < 0.1
        until(lambda: recorder.counts.total("spooled") >= 100, 3)
        blocker.rollback()
    until(lambda: audited.count() == 101, 10)
    assert set(made) <= set(ids(audited))


def test_too_many_are_dropped_counted_and_told(audited: Audited, caplog: pytest.LogCaptureFixture) -> None:
    recorder = audited.recorder(queue_size=10, batch_size=1000, flush_interval=0.5)
    with caplog.at_level(logging.ERROR, "database.audit"):
        taken = sum(recorder.record(events.log("request")) for _ in range(100))
    assert taken < 100
    assert recorder.counts.total("dropped") == 100 - taken
    assert any(getattr(line, "event", "") == "audit_dropped" for line in caplog.records)
    assert f'audit_dropped_total{{reason="overflow"}} {100 - taken}.0'.encode() in generate_latest(recorder.counts.registry)
    until(lambda: audited.count(where="action_type = 'audit_dropped'") == 1)
    assert audited.rows("select action_details ->> 'overflow' from audit_logs where action_type = 'audit_dropped'") == [
        (str(100 - taken),)
    ]
    assert audited.count(where="action_type = 'request'") == taken


def test_a_disk_that_takes_nothing_is_told_when_the_server_is_back(audited: Audited) -> None:
    audited.spool.mkdir(mode=0o755)
    audited.spool.chmod(0o755)  # open to others: refused
    recorder = audited.recorder()
    audited.stop()
    make(recorder, 10)
    until(lambda: recorder.counts.total("dropped") == 10)
    audited.start()
    until(lambda: audited.count(where="action_details ->> 'spool_failed' = '10'") == 1, 15)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            ["user_id", "request_path", "user_agent", "session_id", "response_status", "ip_address", "correlation_id"]
        ),
        st.text(max_size=40) | st.integers() | st.none() | st.text(min_size=3000, max_size=5000),
    ),
    st.dictionaries(st.text(max_size=5), st.floats() | st.text() | st.integers() | st.binary() | st.lists(st.text()), max_size=4),
)
def test_whatever_an_event_holds_is_written(audited: Audited, values: dict[str, Any], details: dict[str, Any]) -> None:
    if not audited.made:
        audited.recorder()
    recorder = audited.made[0]
    make(recorder, 1, **values, action_details=details)
    assert recorder.flush()
    assert recorder.counts.total("dropped") == 0
    assert audited.count() == recorder.counts.total("written")


def test_one_that_is_refused_does_not_hold_up_the_others(audited: Audited) -> None:
    audited.rows("alter table audit_logs add constraint no_seven check (entity_id is distinct from '7')")
    try:
        recorder = audited.recorder(flush_interval=0.2)
        for number in range(100):
            recorder.record(events.log("request", entity_id=str(number)))
        until(lambda: audited.count(where="action_type = 'request'") == 99)
        assert audited.count(where="entity_id = '7'") == 0
        until(lambda: audited.count(where="action_details ->> 'refused' = '1'") == 1)
    finally:
        audited.rows("alter table audit_logs drop constraint no_seven")


def test_a_table_that_refuses_everything_is_an_outage(audited: Audited) -> None:
    audited.rows("alter table audit_logs add constraint nothing check (false) not valid")
    recorder = audited.recorder(flush_interval=0.2)
    try:
        make(recorder, 100)
        until(lambda: recorder.counts.total("spooled") == 100)
    finally:
        audited.rows("alter table audit_logs drop constraint nothing")
    until(lambda: audited.count() == 100)
    assert recorder.counts.total("dropped") == 0


def test_tables_that_are_missing_are_waited_for(audited: Audited) -> None:
    audited.rows("alter table audit_logs rename to elsewhere")
    recorder = audited.recorder()
    try:
        make(recorder, 10)
        until(lambda: recorder.counts.total("spooled") == 10)
    finally:
        audited.rows("alter table elsewhere rename to audit_logs")
    until(lambda: audited.count() == 10)


def test_a_missing_right_is_told_at_once_and_nothing_is_lost(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    manager = audited.manager()
    recorder = audited.recorder(manager, flush_interval=0.3, durable=())  # both in one batch
    monkeypatch.setattr(recorder_module, "_default", recorder)
    audited.rows("revoke insert on page_views from lms_app")
    view = Event(Kind.VIEW, {"view_id": str(uuid.uuid4()), "view_timestamp": events.instant(time.time()), "page_path": "/"})
    try:
        with caplog.at_level(logging.INFO, "database.audit"):
            recorder.record(events.log("login", user_id="7"))
            recorder.record(view)
            until(lambda: recorder.counts.unfit)
            until(lambda: recorder.counts.total("spooled") == 2)
        told = [line for line in caplog.records if getattr(line, "event", "") == "audit_unfit"]
        assert [line.levelno for line in told] == [logging.ERROR]
        assert "permission denied for table page_views" in told[0].getMessage()
        assert b"audit_lms_unfit 1.0" in generate_latest(recorder.counts.registry)
        known = json.loads(pages.status(manager).body)["audit"]
        assert "page_views" in known["unfit"]
        assert known["events_on_disk"] == 2
    finally:
        audited.rows("grant insert on page_views to lms_app")
    until(lambda: (audited.count(), audited.count("page_views")) == (1, 1))
    until(lambda: recorder.counts.unfit is None)
    assert b"audit_lms_unfit 0.0" in generate_latest(recorder.counts.registry)
    assert json.loads(pages.status(manager).body)["audit"] == {"unfit": None, "events_on_disk": 0}


def test_closing_writes_what_is_left(audited: Audited) -> None:
    recorder = audited.recorder(flush_interval=60.0)
    make(recorder, 10)
    recorder.close()
    assert audited.count() == 10
    make(recorder, 5)
    assert audited.count() == 10
    assert audited.recorder().record(events.log("request"))
    until(lambda: audited.count() == 16)


def test_closing_without_a_server_takes_no_longer_than_it_may(audited: Audited) -> None:
    recorder = audited.recorder(close_timeout=1.0)
    make(recorder, 1)
    until(lambda: audited.count() == 1)
    audited.world.lms.go_silent()
    make(recorder, 10)
    begun = time.monotonic()
    recorder.close()
    assert time.monotonic() - begun < 2.5
    audited.world.lms.repair()
    make(audited.recorder(), 1)
    until(lambda: audited.count() == 12, 15)


def test_many_threads(audited: Audited) -> None:
    recorder = audited.recorder(queue_size=100_000)
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(make(recorder, 500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: audited.count() == 4000, 15)
    assert ids(audited) == sorted(made)


def test_a_fork_writes_its_own_events_and_not_its_parents(audited: Audited) -> None:
    recorder = audited.recorder(flush_interval=0.3)
    made = make(recorder, 50)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            make(recorder, 20, user_agent="child")
            recorder.close()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    until(lambda: audited.count() == 70)
    assert audited.count(where="user_agent = 'child'") == 20
    assert set(made) <= set(ids(audited))


def test_a_child_of_multiprocessing_writes_its_events_before_it_ends(audited: Audited) -> None:
    recorder = audited.recorder(flush_interval=60.0)
    child = multiprocessing.get_context("fork").Process(target=make, args=(recorder, 20))
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert audited.count() == 20


def test_recording_never_raises_and_takes_microseconds(audited: Audited) -> None:
    class Evil:
        def __str__(self) -> str:
            raise RuntimeError

    recorder = audited.recorder(queue_size=100_000)
    recorder.record(events.log("request", action_details={"x": Evil()}))
    until(lambda: audited.count(where="action_details ->> 'refused' = '1'") == 1)
    event = events.log("request")
    begun = time.perf_counter()
    for _ in range(10_000):
        recorder.record(event)
    assert (time.perf_counter() - begun) / 10_000 < 0.0005


def test_a_durable_event_is_on_disk_before_the_call_returns(audited: Audited) -> None:
    audited.stop()
    recorder = audited.recorder(flush_interval=60.0)
    recorder.record(events.log("login", user_id="7"))
    assert recorder._writer.spool.waiting == 1
    audited.start()
    until(lambda: audited.count(where="action_type = 'login'") == 1, 15)


# ── sessions and views ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def session_of(audited: Audited, session_id: str) -> tuple[Any, ...]:
    ((found),) = audited.rows(
        "select user_id, login_timestamp, last_activity_timestamp, logout_timestamp, end_reason, session_duration_seconds "
        f"from user_sessions where session_id = '{session_id}'"
    )
    return found


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 0, 2, 2, 1, 1)])
def test_sessions_are_the_same_in_whatever_order_they_are_told(audited: Audited, order: tuple[int, ...]) -> None:
    begun = time.time() - 1000
    told = [
        events.session("s", at=begun, user_id="7", browser="Firefox 128"),
        events.session("s", at=begun + 60),
        events.session("s", at=begun + 90.4, ended="logout"),
    ]
    recorder = audited.recorder()
    for number in order:
        recorder.record(told[number])
        assert recorder.flush()
    user, login, last, logout, reason, seconds = session_of(audited, "s")
    assert (user, reason, seconds) == ("7", "logout", 90)
    assert abs((login - at(begun)).total_seconds()) < 0.001
    assert abs((logout - at(begun + 90.4)).total_seconds()) < 0.001
    assert last >= at(begun + 60)


def test_activity_is_written_at_most_once_a_minute_and_at_the_end(audited: Audited) -> None:
    recorder = audited.recorder(activity_seconds=0.5)
    begun = time.time()
    for number in range(50):
        recorder.seen("s", lambda: {"user_id": "7"}, begun + number)
    until(lambda: audited.count("user_sessions") == 1)
    recorder.seen("s", lambda: {"user_id": "7"}, begun + 100)
    recorder.close()
    user, login, last, logout, *_ = session_of(audited, "s")
    assert (user, logout) == ("7", None)
    assert abs((login - at(begun)).total_seconds()) < 0.001
    assert abs((last - at(begun + 100)).total_seconds()) < 0.001
    assert recorder.counts.total("written") <= 4


def test_idle_sessions_are_closed_by_their_last_activity_and_open_again_when_used(audited: Audited) -> None:
    recorder = audited.recorder(idle_minutes=10.0, idle_check_seconds=0.2)
    begun = time.time() - 3600
    recorder.record(events.session("s", at=begun, user_id="7"))
    recorder.record(events.session("s", at=begun + 1200))
    recorder.record(events.session("fresh", at=time.time(), user_id="8"))
    until(lambda: audited.count("user_sessions", "end_reason = 'idle'") == 1)
    assert session_of(audited, "s")[4:] == ("idle", 1200)
    assert session_of(audited, "fresh")[3:] == (None, None, None)
    recorder.record(events.session("s", at=time.time()))
    until(lambda: session_of(audited, "s")[3:] == (None, None, None))
    recorder.record(events.session("s", at=begun + 3660, ended="logout"))
    until(lambda: session_of(audited, "s")[4:] == ("logout", 3660))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_a_view_and_its_time_arrive_in_any_order(audited: Audited, order: tuple[int, ...]) -> None:
    born = datetime(2026, 11, 1, 12, tzinfo=UTC)
    common = {"view_id": "01932c07-2a00-7000-8000-000000000001", "view_timestamp": born, "page_path": "/students"}
    script = {**common, "page_title": "A", "referrer": "https://elsewhere.example/", "metadata": {"source": "script"}}
    told = [
        Event(Kind.VIEW, {**common, "user_id": "7", "referrer": "/", "metadata": {"source": "server"}}),
        Event(Kind.VIEW, {**script, "time_on_page_seconds": 2.5}),
        Event(Kind.VIEW, {**script, "user_id": "8", "time_on_page_seconds": 9.5}),
    ]
    recorder = audited.recorder()
    for number in order:
        recorder.record(told[number])
        assert recorder.flush()
    assert audited.rows("select user_id, page_title, time_on_page_seconds, metadata ->> 'source', referrer from page_views") == [
        ("7", "A", 9.5, "server", "/")
    ]


def test_two_processes_write_the_same_sessions_without_a_deadlock(audited: Audited, caplog: pytest.LogCaptureFixture) -> None:
    recorders = [audited.recorder(batch_size=50) for _ in range(2)]
    for recorder in recorders:
        make(recorder, 1)
    until(lambda: audited.count() == 2)
    for round_ in range(20):
        for number in range(50):
            for way, recorder in enumerate(recorders):
                recorder.record(events.session(f"s{number if way else 49 - number}", at=time.time() + round_))
    assert all(recorder.flush() for recorder in recorders)
    until(lambda: audited.count("user_sessions") == 50)
    assert "deadlock" not in caplog.text


def test_the_role_needs_no_right_to_read_the_log(audited: Audited) -> None:
    audited.rows("revoke select on audit_logs from lms_app")
    try:
        recorder = audited.recorder()
        made = make(recorder, 3)
        until(lambda: ids(audited) == sorted(made))
    finally:
        audited.rows("grant select on audit_logs to lms_app")


def test_a_replay_is_harmless(audited: Audited) -> None:
    recorder = audited.recorder()
    event = events.log("request")
    for _ in range(3):
        recorder.record(event)
        recorder.flush()
    assert audited.count() == 1


def test_psycopg_knows_which_errors_are_refusals() -> None:
    from database.audit.sink import _is_refusal

    assert _is_refusal(psycopg.errors.CheckViolation())
    assert _is_refusal(psycopg.errors.ProgramLimitExceeded())
    assert not _is_refusal(psycopg.errors.UndefinedTable())
    assert not _is_refusal(psycopg.errors.DeadlockDetected())
    assert not _is_refusal(psycopg.OperationalError())


def test_the_snippets_that_were_asked_for(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    """Word for word, on the tables as they are."""
    monkeypatch.setattr(connection_manager, "_default", audited.manager())
    for user_id in (7, uuid.UUID(int=7), "name"):
        AuditLoggingMiddleware().process_response(request_of(user_id), SimpleNamespace(status_code=200))
    assert audited.rows(
        "select user_id, action_type, request_path, host(ip_address), response_status from audit_logs order by 1"
    ) == [(user, "page_view", "/students", "192.0.2.1", 200) for user in (str(uuid.UUID(int=7)), "7", "name")]
    recorder = audited.recorder()
    for user_id in ("7", "7", "8"):
        recorder.record(events.log("login", user_id=user_id))
    until(lambda: audited.count(where="action_type = 'login'") == 3)
    found = audited.rows("""
        SELECT DATE(action_timestamp) as date, COUNT(DISTINCT user_id) as daily_active_users
        FROM audit_logs WHERE action_type = 'login'
        GROUP BY DATE(action_timestamp) ORDER BY date DESC;
    """)
    assert sum(users for _, users in found) >= 2
