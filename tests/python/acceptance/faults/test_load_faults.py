"""Faults before, during and after the load: the copies stay as they were, and the next load completes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from databases import rows, value
from report import Line
from world import Faulty, Gate, Program, gate, kill_server, limit_files, wait_for

At = Callable[[Faulty, Program, Gate], None]

# What somebody has done in edu since the last load.
EDITS = (
    "update journal set point = '77', update_date = now() where id in (select id from journal order by id limit 40)",
    "delete from journal where id in (select id from journal order by id desc limit 5)",
)
# In edu: the reader waits for it when it takes its snapshot. In lms: before the first row, and after the last one.
READING, WRITING, FINISHING = (
    "lock table public.journal in access exclusive mode",
    "lock table staging.journal in share mode",
    "lock table ledger.table_loads in share mode",
)


def nothing(_: Faulty, __: Program, ___: Gate) -> None:
    """The gate itself is the fault."""


def _given_up(held: Gate, pid: int) -> None:
    """The server notices that its client has gone, and lets go of everything, although it waits for a lock itself."""
    wait_for(lambda: value(held.conninfo, "select count(*) from pg_stat_activity where pid = %s", pid) == 0, "it has given up")


def kill_loader(_: Faulty, program: Program, held: Gate) -> None:
    pid = held.waiting()
    program.process.send_signal(signal.SIGKILL)
    _given_up(held, pid)


def terminate_loader(_: Faulty, program: Program, __: Gate) -> None:
    program.process.send_signal(signal.SIGTERM)


def kill_edu(databases: Faulty, _: Program, __: Gate) -> None:
    kill_server(databases.servers.edu)


def end_reader(databases: Faulty, _: Program, held: Gate) -> None:
    rows(databases.edu, "select pg_terminate_backend(%s)", held.waiting())


def kill_reader(_: Faulty, __: Program, held: Gate) -> None:
    os.kill(held.waiting(), signal.SIGKILL)


def kill_lms(databases: Faulty, _: Program, __: Gate) -> None:
    kill_server(databases.servers.lms)


def reset_edu(databases: Faulty, _: Program, __: Gate) -> None:
    databases.servers.edu_path.reset()


def reset_lms(databases: Faulty, _: Program, held: Gate) -> None:
    pid = held.waiting()
    databases.servers.lms_path.reset()
    _given_up(held, pid)


def silence_edu(databases: Faulty, program: Program, held: Gate) -> None:
    """edu says nothing more; a person has waited long enough."""
    databases.servers.edu_path.stall()
    held.open()
    program.process.send_signal(signal.SIGTERM)


def fill_disk(_: Faulty, __: Program, held: Gate) -> None:
    limit_files(held.waiting(), 100_000)


def cancel(databases: Faulty, _: Program, held: Gate) -> None:
    rows(databases.lms, "select pg_cancel_backend(%s)", held.waiting())


@dataclass(frozen=True)
class Fault:
    """One line of the table.

    Attributes:
        code: how `edu2lms load` ends.
        error: type of its error.
        says: words of the message.
        fix: words of what it tells to do.
        lock: the load is stopped where it needs this lock.
        at: what happens when it waits there.
        hold: the lock is held until the load has ended.
        full: copy whole tables.
    """

    name: str
    code: int
    error: str
    says: str
    fix: str
    lock: str
    at: At
    hold: bool = False
    full: bool = False
    nightly: bool = True


FAULTS = (
    Fault("first row: loader killed (-9)", -9, "", "", "", WRITING, kill_loader),
    Fault("reading edu: edu killed (-9)", 3, "ConnectError", "edu", "start edu", READING, kill_edu, nightly=False),
    Fault("reading edu: edu's server process killed (-9)", 3, "ConnectError", "edu", "start edu", READING, kill_reader),
    Fault("reading edu: session ended by an administrator", 3, "ConnectError", "terminating", "start edu", READING, end_reader),
    Fault("reading edu: way to edu broken", 3, "ConnectError", "edu", "start edu", READING, reset_edu, nightly=False),
    Fault("reading edu: way to edu silent, Ctrl-C", 130, "Interrupted", "interrupted", "", READING, silence_edu),
    Fault("reading edu: somebody alters a table for long", 1, "LoadFailedError", "lock timeout", "edu2lms load", READING,
          nothing, hold=True),
    Fault("copying whole: way to edu broken", 3, "ConnectError", "edu", "start edu", READING, reset_edu, full=True),
    Fault("copying whole: disk full", 1, "LoadFailedError", "could not extend", "edu2lms load", WRITING, fill_disk, full=True),
    Fault("first row: statement cancelled", 1, "LoadFailedError", "user request", "edu2lms load", WRITING, cancel),
    Fault("last row: loader killed (-9)", -9, "", "", "", FINISHING, kill_loader, hold=True, nightly=False),
    Fault("last row: Ctrl-C", 130, "Interrupted", "interrupted", "", FINISHING, terminate_loader),
    Fault("last row: lms killed (-9)", 1, "LoadFailedError", "server closed", "edu2lms load", FINISHING, kill_lms),
    Fault("last row: way to lms broken", 1, "LoadFailedError", "server closed", "edu2lms load", FINISHING, reset_lms),
)  # fmt: skip


def _completes(databases: Faulty) -> None:
    again = databases.run("load")
    assert again.code == 0, again.said[-3000:]
    mine, theirs = (
        rows(conninfo, f"select count(*), sum(hashtextextended(j::text, 0)) from {schema}.journal as j")
        for conninfo, schema in ((databases.lms, "staging"), (databases.edu, "public"))
    )
    assert mine == theirs
    assert databases.published() == "nothing"


@pytest.mark.parametrize("fault", [pytest.param(f, id=f.name, marks=[pytest.mark.nightly] if f.nightly else []) for f in FAULTS])
def test_a_fault_leaves_the_copies_and_the_next_load_completes(
    faulty: Faulty, fault: Fault, note: Callable[[Line], None]
) -> None:
    for edit in EDITS:
        rows(faulty.edu, edit)
    before = faulty.staging()
    where = faulty.edu if fault.lock == READING else faulty.lms
    with gate(where, fault.lock) as held:
        program = faulty.start("load", *(["--full"] if fault.full else []))
        held.waiting()
        fault.at(faulty, program, held)
        if not fault.hold:
            held.open()
        ended = program.ended()
    assert (ended.code, ended.error.get("type", "")) == (fault.code, fault.error), ended.said[-3000:]
    assert fault.says in ended.error.get("message", "")
    assert fault.fix in ended.error.get("fix", "")
    assert not any(password in ended.said for password in faulty.passwords())
    faulty.servers.repair()
    assert faulty.staging() == before
    _completes(faulty)
    note(Line("load", fault.name, "load", str(fault.code), "nothing, the copies as before", ended.message, "complete"))


@pytest.mark.parametrize("path", ["edu", "lms"])
def test_a_server_that_cannot_be_reached_is_named(faulty: Faulty, path: str, note: Callable[[Line], None]) -> None:
    before = faulty.staging()
    getattr(faulty.servers, f"{path}_path").cut()
    ended = faulty.run("load")
    assert (ended.code, ended.error["type"]) == (3, "ConnectError")
    assert f"Cannot connect to {path}" in ended.error["message"]
    assert f"start the server, or correct {path.upper()}_HOST" in ended.error["fix"]
    faulty.servers.repair()
    assert faulty.staging() == before
    _completes(faulty)
    note(
        Line("before load", f"{path} cannot be reached", "load", "3", "nothing, the copies as before", ended.message, "complete")
    )


def test_a_second_load_is_refused_and_does_not_disturb_the_first(faulty: Faulty, note: Callable[[Line], None]) -> None:
    with gate(faulty.lms, FINISHING) as held:
        first = faulty.start("load")
        held.waiting()
        second = Faulty(faulty.servers, faulty.settings, faulty.folder.parent).run("load")
        held.open()
        assert first.ended().code == 0
    assert (second.code, second.error["type"]) == (4, "BusyError")
    assert "wait until it is done" in second.error["fix"]
    _completes(faulty)
    note(
        Line(
            "load", "a second load at the same time", "load", "4", "nothing, the copies by the first", second.message, "complete"
        )
    )
