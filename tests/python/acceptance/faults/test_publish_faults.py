"""Faults while the publication is at work: each leaves nothing of the batch, or all of it, and the next one completes."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from databases import rows, value
from report import Line
from world import AS_OF, Faulty, Gate, gate, kill_server, limit_files, wait_for

from loader.config import Settings
from loader.dbt import DbtFailure, DbtOutcome
from loader.results import TestCounts
from loader.run import _failure

if TYPE_CHECKING:
    from conftest import Template

FIRST_ROWS = "lock table public.users in share mode"
MIDST = "lock table public.course_enrollments in share mode"
LAST_ROWS = "lock table public.audit_logs in share mode"
COMMITTED = "lock table ledger.crosswalk in share update exclusive mode"  # only ANALYZE, after the commit, waits for it
LONG: Mapping[str, str] = {"lock_timeout": "120s", "row_lock_timeout": "120s"}

At = Callable[[Faulty, int], None]
Before = Callable[[Faulty], Callable[[], object]]


def nothing(_: Faulty, __: int) -> None:
    """The gate itself is the fault."""


def kill_backend(_: Faulty, pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def end_backend(databases: Faulty, pid: int) -> None:
    rows(databases.lms, "select pg_terminate_backend(%s)", pid)


def cancel(databases: Faulty, pid: int) -> None:
    rows(databases.lms, "select pg_cancel_backend(%s)", pid)


def kill_lms(databases: Faulty, _: int) -> None:
    kill_server(databases.servers.lms)


def stop_lms(databases: Faulty, _: int) -> None:
    databases.servers.lms.stop()


def break_path(databases: Faulty, pid: int) -> None:
    """The server notices that nobody waits for its answer, and ends the transaction, though it waits for a lock itself."""
    databases.servers.lms_path.reset()
    statement = "select count(*) from pg_stat_activity where pid = %s"
    wait_for(lambda: value(databases.lms, statement, pid) == 0, "the server has given up")


def fill_disk(_: Faulty, pid: int) -> None:
    """No file of the server can grow any more as far as this process is concerned."""
    limit_files(pid, 200_000)


def grant(databases: Faulty, _: int) -> None:
    rows(databases.lms, "grant select on public.users to pg_monitor")


def cut(databases: Faulty) -> Callable[[], object]:
    databases.servers.lms_path.cut()
    return databases.servers.lms_path.repair


def entering(statement: str, table: str) -> Before:
    """The application enters a row; it is taken back before the next attempt, which uses the same models."""

    def enter(databases: Faulty) -> Callable[[], object]:
        ((live_id,),) = rows(databases.lms, statement)
        return lambda: rows(databases.lms, f"delete from public.{table} where id = %s", live_id)

    return enter


def deleting(databases: Faulty) -> Callable[[], object]:
    """The application deletes an enrollment that was to gain its tracking id; it is restored before the next attempt."""
    planned = "(select live_id from migration.publish_plan where entity = 'course_enrollments' and outcome = 'matched' limit 1)"
    ((old,),) = rows(
        databases.lms, f"delete from public.course_enrollments as o where id = {planned} returning to_jsonb(o)::text"
    )
    restore = "insert into public.course_enrollments select (jsonb_populate_record(null::public.course_enrollments, %s::jsonb)).*"
    return lambda: rows(databases.lms, restore, old)


INSERTED = "(select live_id from migration.publish_plan where outcome = 'inserted')"
USERNAME = f"""
insert into public.users (username, email, password_hash)
select username, 'somebody.else@uni.example', 'x' from migration.users where id in {INSERTED} limit 1 returning id
"""
STUDENT_NUMBER = f"""
insert into public.students (student_number, enrollment_date, status)
select student_number, current_date, 'active' from migration.students where id in {INSERTED} limit 1 returning id
"""
SECTION = f"""
insert into public.course_offerings (course_id, academic_term_id, section_code, language_of_instruction, max_enrollment)
select course_id, academic_term_id, section_code, 'az', 9 from migration.course_offerings
where id in {INSERTED} and course_id in (select id from public.courses)
    and academic_term_id in (select id from public.academic_terms) limit 1 returning id
"""
PAIR = f"""
insert into public.course_enrollments (course_offering_id, student_id, enrollment_status)
select course_offering_id, student_id, 'enrolled' from migration.course_enrollments
where id in {INSERTED} and enrollment_status = 'enrolled' and student_id in (select id from public.students)
    and course_offering_id in (select id from public.course_offerings) limit 1 returning id
"""
ATTEMPT = f"""
insert into public.assessment_submissions (assessment_id, student_id, attempt_number, status)
select assessment_id, student_id, attempt_number, 'draft' from migration.assessment_submissions
where id in {INSERTED} and student_id in (select id from public.students)
    and assessment_id in (select id from public.assessments) limit 1 returning id
"""
ROW = """
select 1 from public.course_offerings
where id = (select live_id from migration.publish_plan where entity = 'course_offerings' and outcome = 'matched' limit 1)
for no key update
"""


@dataclass(frozen=True)
class Fault:
    """One line of the table.

    Attributes:
        says: what the database says.
        fix: what the message tells to do.
        lock: the publication is stopped where it needs this lock.
        at: what happens when it waits there.
        hold: the lock is held until the publication has ended.
        before: what the application does between build and publication; returns what takes it back.
        limits: of the publication.
        published: how much of the batch afterwards.
    """

    stage: str
    name: str
    says: str
    fix: str
    lock: str = ""
    at: At = nothing
    hold: bool = False
    before: Before | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    published: str = "nothing"
    nightly: bool = True


GONE = "server closed the connection"
START = "start the server"
TAKEN = "same key in the application"

FAULTS = (
    Fault("before publish", "lms cannot be reached", "connection", START, before=cut, nightly=False),
    Fault("publish", "first rows: the application locks a table (ACCESS EXCLUSIVE)", "lock timeout", "pg_stat_activity",
          lock="lock table public.users in access exclusive mode", hold=True, limits={"lock_timeout": "200ms"}),
    Fault("publish", "first rows: disk full", "could not extend", "free disk space", FIRST_ROWS, fill_disk, limits=LONG,
          nightly=False),
    Fault("publish", "first rows: server process killed (-9)", GONE, START, FIRST_ROWS, kill_backend, limits=LONG),
    Fault("publish", "in the midst: server process killed (-9)", GONE, START, MIDST, kill_backend, limits=LONG, nightly=False),
    Fault("publish", "in the midst: session ended by an administrator", "terminating connection", START, MIDST, end_backend,
          limits=LONG),
    Fault("publish", "in the midst: statement cancelled", "user request", "same command again", MIDST, cancel, limits=LONG),
    Fault("publish", "in the midst: lms killed (-9)", GONE, START, MIDST, kill_lms, limits=LONG),
    Fault("publish", "in the midst: way to lms broken", GONE, START, MIDST, break_path, limits=LONG),
    Fault("publish", "in the midst: statement time-out", "statement timeout", "statement_timeout", MIDST, hold=True,
          limits=LONG | {"statement_timeout": "2s"}, nightly=False),
    Fault("publish", "rows in use: the application is about to delete one of them", "lock timeout", "pg_stat_activity",
          ROW.replace("no key update", "update"), hold=True, limits={"lock_timeout": "200ms"}),
    Fault("publish", "rows in use: the application keeps one of them locked", "application held rows", "pg_stat_activity", ROW,
          hold=True, limits={"row_lock_attempts": "3"}, nightly=False),
    Fault("publish", "last rows: lms killed (-9)", GONE, START, LAST_ROWS, kill_lms, limits=LONG, nightly=False),
    Fault("publish", "last rows: lms is restarted", "terminating connection", START, LAST_ROWS, stop_lms, limits=LONG),
    Fault("publish", "last rows: way to lms broken", GONE, START, LAST_ROWS, break_path, limits=LONG),
    Fault("publish", "last rows: somebody changes the rights on a live table", "definition of a live table changed",
          "who changed", LAST_ROWS, grant, limits=LONG),
    Fault("before publish", "the application takes a username", "duplicate key", TAKEN, before=entering(USERNAME, "users"),
          nightly=False),
    Fault("before publish", "the application takes a student number", "duplicate key", TAKEN,
          before=entering(STUDENT_NUMBER, "students")),
    Fault("before publish", "the application takes a section code", "duplicate key", TAKEN,
          before=entering(SECTION, "course_offerings")),
    Fault("before publish", "the application enrolls a student that was to be enrolled", "duplicate key", TAKEN,
          before=entering(PAIR, "course_enrollments")),
    Fault("before publish", "the application enters an attempt", "duplicate key", TAKEN,
          before=entering(ATTEMPT, "assessment_submissions")),
    Fault("before publish", "the application deletes a row that was to be tracked", "planned rows", "same command again",
          before=deleting),
)  # fmt: skip


def _message(databases: Faulty, reason: str) -> str:
    """What `edu2lms run` says when dbt reports this."""
    settings = Settings(**{name.lower(): text for name, text in databases.settings.items()})  # type: ignore[arg-type]
    failure = DbtFailure("lms_publish", reason, refusal=False)
    outcome = DbtOutcome(False, 1, (failure,), (), TestCounts(0, 0, 0), {}, Path("dbt.log"))
    error = _failure(settings, outcome, "none")
    assert not any(password in error.message + error.fix for password in databases.passwords())
    return f"{error.message}\nFix: {error.fix}"


def _with_fault(template: Template, databases: Faulty, fault: Fault) -> tuple[str, str]:
    """Publish with the fault; returns what the database said, and the message that a person reads while it lasts."""
    role = template.migration(databases)
    with ThreadPoolExecutor(1) as executor:
        closed = gate(databases.lms, fault.lock) if fault.lock else nullcontext()
        with closed as held:
            publication: Future[str] = executor.submit(template.publication.run, role, **fault.limits)
            if isinstance(held, Gate):
                pid = held.waiting()
                fault.at(databases, pid)
                if not fault.hold:
                    held.open()
            reason = publication.result(120)
    return reason, _message(databases, reason) if reason else ""


@pytest.mark.parametrize(
    "fault", [pytest.param(f, id=f"{f.stage}, {f.name}", marks=[pytest.mark.nightly] if f.nightly else []) for f in FAULTS]
)
def test_a_fault_leaves_everything_or_nothing_and_the_next_publication_completes(
    template: Template, faulty: Faulty, fault: Fault, note: Callable[[Line], None]
) -> None:
    take_back = fault.before(faulty) if fault.before else None
    reason, message = _with_fault(template, faulty, fault)
    assert fault.says in reason
    assert fault.fix in message
    assert not any(password in reason for password in faulty.passwords())
    faulty.servers.repair()
    assert faulty.published() == fault.published
    if take_back:
        take_back()
    assert faulty.live() == template.untouched
    assert template.publication.run(template.migration(faulty)) == ""
    assert faulty.published() == "everything"
    assert faulty.live() == template.complete
    said = reason.partition("\n")[2].strip().splitlines()[0]
    what_next = "complete" + (", the application's row taken back" if take_back and fault.before is not cut else "")
    note(
        Line(fault.stage, fault.name, "statements", "1", fault.published, f"{said} … {message.rpartition('Fix: ')[2]}", what_next)
    )


def test_a_second_publication_is_refused_and_does_not_disturb_the_first(
    template: Template, faulty: Faulty, note: Callable[[Line], None]
) -> None:
    role = template.migration(faulty)
    with ThreadPoolExecutor(1) as executor, gate(faulty.lms, LAST_ROWS) as held:
        first = executor.submit(template.publication.run, role, **LONG)
        held.waiting()
        second = template.publication.run(role)
        held.open()
        assert first.result(120) == ""
    # edu2lms itself never comes so far (BusyError); dbt by hand waits for lock_timeout to define its function
    assert re.search("Another publication is running|lock timeout", second)
    assert "wait until it is over" in _message(faulty, second)
    assert faulty.published() == "everything"
    assert faulty.live() == template.complete
    note(Line("publish", "a second publication at the same time", "statements", "1", "by the first, everything",
              second.partition("\n")[2].strip().splitlines()[0], "not needed"))  # fmt: skip


@pytest.mark.nightly
@pytest.mark.parametrize("fault", [
    Fault("after publish", "server process killed (-9)", GONE, "", COMMITTED, kill_backend),
    Fault("after publish", "way to lms broken", GONE, "", COMMITTED, break_path),
], ids=lambda fault: fault.name)  # fmt: skip
def test_what_is_committed_stays_whatever_happens_then(
    template: Template, faulty: Faulty, fault: Fault, note: Callable[[Line], None]
) -> None:
    reason, message = _with_fault(template, faulty, fault)
    assert fault.says in reason
    faulty.servers.repair()
    assert faulty.published() == "everything"
    assert faulty.live() == template.complete
    again = faulty.run("run", "--publish", "--vars", AS_OF)
    assert again.code == 0, again.said[-3000:]
    assert again.document["written"] == {"inserted": 0, "tracked": 0, "updated": 0, "withdrawn": 0}
    assert faulty.live() == template.complete
    note(
        Line(
            fault.stage, fault.name, "statements", "1", "everything", message.rpartition("Fix: ")[2], "complete, nothing written"
        )
    )
