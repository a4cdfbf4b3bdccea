"""Whole runs in which something goes wrong, and the plain next one, from start to end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
import pytest
from databases import rows, value
from report import Line
from test_publish_faults import COMMITTED, INSERTED, LAST_ROWS, PAIR, SECTION, STUDENT_NUMBER, USERNAME
from world import AS_OF, Faulty, Gate, Program, gate, kill_server, wait_for

if TYPE_CHECKING:
    from conftest import Template

pytestmark = pytest.mark.nightly

PUBLISH = ("run", "--publish", "--vars", AS_OF)
PATIENT = ("run", "--publish", "--vars", "{as_of_date: '2024-03-01', lock_timeout: 300s}")
BUILDING = " int_students_classified "  # the name of a model that is built half-way
NOTHING = {"inserted": 0, "tracked": 0, "updated": 0, "withdrawn": 0}
UNREACHED = "lock table public.users in share mode"

At = Callable[[Faulty, Program], None]


def kill_loader(_: Faulty, program: Program) -> None:
    """dbt must not outlive it: it would publish while the next run is at work."""
    dbt = program.dbt()
    program.process.send_signal(signal.SIGKILL)
    wait_for(lambda: not dbt.is_running() or dbt.status() == psutil.STATUS_ZOMBIE, "dbt has ended, too")


def terminate_loader(_: Faulty, program: Program) -> None:
    program.process.send_signal(signal.SIGTERM)


def kill_dbt(_: Faulty, program: Program) -> None:
    program.dbt().kill()


def kill_lms(databases: Faulty, _: Program) -> None:
    kill_server(databases.servers.lms)


def kill_edu(databases: Faulty, _: Program) -> None:
    kill_server(databases.servers.edu)


def cut_edu(databases: Faulty, _: Program) -> None:
    databases.servers.edu_path.cut()


@dataclass(frozen=True)
class Fault:
    """One line of the table: what happens when the models are half built, or when the publication waits for a lock."""

    stage: str
    name: str
    code: int
    fix: str
    at: At
    lock: str = ""
    published: str = "nothing"


FAULTS = (
    Fault("build", "loader killed (-9)", -9, "", kill_loader),
    Fault("build", "dbt killed (-9)", 1, "same command again", kill_dbt),
    Fault("build", "lms killed (-9)", 1, "start the server", kill_lms),
    # the publication needs nothing of edu any more, but the proof afterwards does
    Fault("build", "way to edu cut", 1, "start edu", cut_edu, published="everything"),
    Fault("publish", "loader killed (-9)", -9, "", kill_loader, LAST_ROWS),
    Fault("publish", "Ctrl-C", 130, "", terminate_loader, LAST_ROWS),
    Fault("after publish", "dbt killed (-9)", 1, "same command again", kill_dbt, COMMITTED, "everything"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.stage}, {fault.name}")
def test_the_plain_next_run_completes(template: Template, faulty: Faulty, fault: Fault, note: Callable[[Line], None]) -> None:
    if fault.lock:
        with gate(faulty.lms, fault.lock) as held:
            program = faulty.start(*PATIENT)
            held.waiting()
            fault.at(faulty, program)
            ended = program.ended()
            _given_up(held)
    else:
        program = faulty.start(*PUBLISH)
        program.reached(BUILDING)
        fault.at(faulty, program)
        ended = program.ended()
    assert ended.code == fault.code, ended.said[-3000:]
    assert fault.fix in ended.error.get("fix", "")
    assert not any(password in ended.said for password in faulty.passwords())
    if ended.error.get("type") == "DbtFailedError":
        assert ("is published, as a whole" in ended.message) == (fault.published == "everything")
    faulty.servers.repair()
    assert faulty.published() == fault.published
    assert faulty.live() == (template.complete if fault.published == "everything" else template.untouched)
    again = faulty.run(*PUBLISH)
    assert again.code == 0, again.said[-5000:]
    assert faulty.published() == "everything"
    assert faulty.live() == template.complete
    if fault.published == "everything":
        assert again.document["written"] == NOTHING
    note(Line(fault.stage, fault.name, "run", str(fault.code), fault.published, ended.message, "complete"))


def _given_up(held: Gate) -> None:
    waiting = "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
    wait_for(lambda: value(held.conninfo, waiting, held.pid) == 0, "the server has noticed that its client has gone")


def test_keys_that_the_application_takes_meanwhile(faulty: Faulty, note: Callable[[Line], None]) -> None:
    with gate(faulty.lms, UNREACHED) as held:
        program = faulty.start(*PATIENT)
        held.waiting()
        for statement in (USERNAME, STUDENT_NUMBER, SECTION, PAIR):
            assert held.connection.execute(statement.encode()).fetchall()
        held.connection.commit()
        ended = program.ended()
    assert (ended.code, ended.error["type"]) == (1, "DbtFailedError")
    assert "duplicate key" in ended.error["message"]
    assert "Nothing was published" in ended.error["message"]
    assert "run the same command again" in ended.error["fix"]
    assert faulty.published() == "nothing"
    again = faulty.run(*PUBLISH)
    assert again.code == 0, again.said[-5000:]
    assert faulty.published() == "everything"
    note(Line("before publish", "the application takes a username, a student number, a section code and a seat", "run", "1",
              "nothing", ended.message, "complete"))  # fmt: skip


def test_a_second_run_is_refused_and_does_not_disturb_the_first(
    template: Template, faulty: Faulty, note: Callable[[Line], None]
) -> None:
    with gate(faulty.lms, LAST_ROWS) as held:
        first = faulty.start(*PATIENT)
        held.waiting()
        second = Faulty(faulty.servers, faulty.settings, faulty.folder.parent).run(*PUBLISH)
        held.open()
        done = first.ended()
    assert (second.code, second.error["type"]) == (4, "BusyError")
    assert done.code == 0, done.said[-3000:]
    assert faulty.published() == "everything"
    assert faulty.live() == template.complete
    note(
        Line(
            "publish",
            "a second run at the same time",
            "run",
            "4",
            "by the first, everything",
            second.message,
            "the first completes",
        )
    )


HOSTILE = (
    "O'Brien \\\"; drop table users; --",
    "{{ env_var('LMS_PASSWORD') }} {% raw %} ${PATH} %s %(x)s $1",
    "a\\b\\n\\x00 \\'",
    "😀👩‍👩‍👧 𝔘𝔫𝔦",
    "\u202eעברית العربية\u202c",
    "x" * 100_000,
    "tab\there\nline\r\x01\x7f end",
)
# What PostgreSQL can hold in a text column, in places of different use; and numbers that their target cannot hold.
_MARKS = ("1e999", "99999999999999999999999", "-1", "NaN", "∞", "100.0000000000000000001")


def test_hostile_text_and_numbers_out_of_range_move_or_are_warned_about(faulty: Faulty, note: Callable[[Line], None]) -> None:
    people = rows(
        faulty.lms,
        f"select legacy_id, live_id from migration.publish_plan where entity = 'persons' and live_id in {INSERTED}"
        " order by 1 limit 7",
    )
    assert len(people) == len(HOSTILE)
    for (legacy_id, _), text in zip(people, HOSTILE, strict=True):
        rows(faulty.edu, "update persons set firstname = %s, birthdate = '99/99/9999' where id = %s", text, legacy_id)
    marks = rows(
        faulty.lms,
        "select legacy_id, live_id from migration.publish_plan where entity = 'course_enrollments' and outcome = 'inserted'"
        " order by 1 limit 6",
    )
    for (legacy_id, _), mark in zip(marks, _MARKS, strict=True):
        rows(faulty.edu, "update journal set point = %s where id = %s", mark, legacy_id)
    rows(faulty.edu, "update course set student_count = 32767 where id = (select min(id) from course where active = 1)")
    rows(
        faulty.edu,
        "update exam set start_time = '99:99', duration = 2147483647 where id = (select min(id) from exam where active = 1)",
    )
    done = faulty.run(*PUBLISH)
    assert done.code == 0, done.said[-5000:]
    assert faulty.published() == "everything"
    for (_, live_id), text in zip(people, HOSTILE, strict=True):
        ((name, born),) = rows(faulty.lms, "select first_name, date_of_birth from public.persons where id = %s", live_id)
        assert (name, born) == (text, None)
    found = [rows(faulty.lms, "select grade from public.course_enrollments where id = %s", live_id)[0][0] for _, live_id in marks]
    assert found == [None] * len(marks)
    kept = {text for (text,) in rows(faulty.lms, "select raw_value from ledger.value_warnings")}
    assert kept >= {*_MARKS, "99/99/9999"}
    assert not any(password in done.said for password in faulty.passwords())
    what = (
        "quotes, backslashes, templates, emoji, right-to-left, 100,000 characters, control characters, "
        "impossible dates, numbers out of range"
    )
    note(Line("data", what, "run", "0", "everything", "what cannot move is NULL, its text kept as a warning", "not needed"))
