"""Whatever breaks at whatever stage: all of a batch is published or nothing, the message says what to do, the next run completes.

Each stage is recognised by what the databases say, and held there by a lock until the fault has struck.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from databases import ROOT, rows, value
from world import WITH_PARITY, Published, World, wait_for

DOCUMENT = ROOT / "docs" / "faults.md"
WRITE = "EDU2LMS_WRITE_DOCS"
Run = subprocess.Popen[str]

# ── stages: where the run is held, and how one sees that it is there ───────────────────────────────────────────────────────────


@contextmanager
def at_the_start(_: World) -> Iterator[Callable[[Run], None]]:
    """Nothing has been asked yet: the fault strikes before the run."""
    yield lambda _: None


@contextmanager
def in_the_load(world: World) -> Iterator[Callable[[Run], None]]:
    """Somebody holds a table of edu: the load waits for its checksum."""
    rows(world.lms, "truncate staging.journal")  # so that the load has something to write
    with world.locked("edu", "lock table public.journal in access exclusive mode"):
        yield lambda run: wait_for("the load waits in edu", lambda: world.waits("edu"), run)


@contextmanager
def after_the_load(world: World) -> Iterator[Callable[[Run], None]]:
    """The load is in the ledger, dbt has not begun."""
    loads = "select count(distinct load_id) from ledger.table_loads"
    before = value(world.lms, loads)
    yield lambda run: wait_for("the load is done", lambda: value(world.lms, loads) > before, run)


@contextmanager
def in_the_build(world: World) -> Iterator[Callable[[Run], None]]:
    """Somebody holds a table that a model reads."""
    with world.locked("lms", "lock table migration.int_course_enrollments_classified in access exclusive mode"):
        yield lambda run: wait_for("a model waits", lambda: world.waits("lms", "%publish_plan%"), run)


@contextmanager
def in_the_publication(world: World) -> Iterator[Callable[[Run], None]]:
    """Somebody holds the crosswalk: the new live rows are written and not committed."""
    with world.locked("lms", "lock table ledger.crosswalk in share mode"):
        yield lambda run: wait_for("the publication waits", lambda: world.waits("lms", "%lms_publish_run%"), run)


@contextmanager
def after_the_publication(world: World) -> Iterator[Callable[[Run], None]]:
    """Published; the parity tests wait for a table of edu."""
    with in_the_publication(world) as reached, contextmanager_stack() as later:

        def published(run: Run) -> None:
            reached(run)
            later.append(world.locked("edu", "lock table public.journal in access exclusive mode"))
            later[-1].__enter__()
            rows(world.lms, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'somebody'")
            wait_for("it is published", lambda: value(world.lms, "select count(*) from ledger.batches") == 1, run)
            wait_for("a parity test waits in edu", lambda: world.waits("edu"), run)

        yield published


@contextmanager
def contextmanager_stack() -> Iterator[list[Any]]:
    """Context managers that are entered later, and left at the end."""
    entered: list[Any] = []
    try:
        yield entered
    finally:
        for manager in reversed(entered):
            manager.__exit__(None, None, None)


STAGES = {
    "before the load": at_the_start,
    "in the load": in_the_load,
    "after the load": after_the_load,
    "in the build": in_the_build,
    "in the publication": in_the_publication,
    "after the publication": after_the_publication,
}

# ── faults ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

Strike = Callable[[World, Run | None], None]


@dataclass(frozen=True)
class Fault:
    """One combination.

    Attributes:
        stage: see STAGES.
        name: what happens.
        strike: makes it happen; before the run when the stage is the first one.
        code: exit code of the run; negative: killed by that signal.
        error: type of the error, empty when there is none to be told.
        says: a regular expression that the message and its fix must hold.
        outcome: `nothing` or `all` of the batch is published.
        variables: of dbt.
        settings: of the environment.
        repair: makes the world whole again, where renewing it is not enough.
        quick: part of the shorter suite.
    """

    stage: str
    name: str
    strike: Strike = field(repr=False)
    code: int = 1
    error: str = "LoadFailedError"
    says: str = ""
    outcome: str = "nothing"
    variables: dict[str, Any] = field(default_factory=dict, repr=False)
    settings: dict[str, str] = field(default_factory=dict, repr=False)
    repair: Strike | None = field(default=None, repr=False)
    quick: bool = False


def need(run: Run | None) -> Run:
    """The run that is there from the second stage on."""
    assert run is not None
    return run


def owner(statement: str, database: str = "lms") -> Strike:
    """A statement of the owner."""
    return lambda world, _: rows(world.lms if database == "lms" else world.edu, statement) and None


def hold(database: str, statement: str) -> Strike:
    """A transaction of somebody that holds a lock until `let_go`."""

    def strike(world: World, _: Run | None) -> None:
        manager = world.locked(database, statement)
        manager.__enter__()
        _held.append(manager)

    return strike


_held: list[Any] = []


def let_go(_: World, __: Run | None) -> None:
    """End the transactions of `hold`."""
    while _held:
        _held.pop().__exit__(None, None, None)


def stall_then_cut(world: World, run: Run | None) -> None:
    """The path goes silent; the lock that held the run is released, nothing arrives; then the path breaks."""
    world.proxy.stall()
    rows(world.edu, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'somebody'")
    wait_for("edu has answered into the void", lambda: not world.waits("edu"), run)
    world.proxy.cut()


kill_loader: Strike = lambda world, run: world.kill_loader(need(run))  # noqa: E731
kill_dbt: Strike = lambda world, run: world.kill_dbt(need(run))  # noqa: E731
kill_lms: Strike = lambda world, _: world.kill_server("lms")  # noqa: E731
kill_edu: Strike = lambda world, _: world.kill_server("edu")  # noqa: E731
cut: Strike = lambda world, _: world.proxy.cut()  # noqa: E731
end_sessions: Strike = lambda world, _: world.end_sessions("lms")  # noqa: E731
interrupt: Strike = lambda _, run: os.kill(need(run).pid, signal.SIGINT)  # noqa: E731
terminate: Strike = lambda _, run: os.kill(need(run).pid, signal.SIGTERM)  # noqa: E731
nobody: Strike = lambda _, __: None  # noqa: E731
disk: Strike = lambda world, _: world.fill_disk("state = 'idle in transaction'")  # noqa: E731
disk_dbt: Strike = lambda world, _: world.fill_disk("wait_event_type = 'Lock'")  # noqa: E731

KILLED = -int(signal.SIGKILL)
GONE = "it was killed .signal 9.*Run the command again"
CONNECT, DBT = "ConnectError", "DbtFailedError"
FAULTS = [
    Fault("before the load", "the path to edu is broken", cut, 3, CONNECT, "start the server, or correct EDU_HOST and EDU_PORT"),
    Fault("before the load", "edu does not answer", lambda world, _: world.proxy.stall(), 3, CONNECT,
          "correct EDU_HOST and EDU_PORT"),
    Fault("before the load", "edu is down", kill_edu, 3, CONNECT, "start the server"),
    Fault("before the load", "lms is down", kill_lms, 3, CONNECT, "start the server, or correct LMS_HOST"),
    Fault("before the load", "the application has locked a live table",
          hold("lms", "lock table public.course_enrollments in access exclusive mode"), 4, "LiveTablesLockedError",
          "run the command again", settings={"EDU2LMS_LOCK_TIMEOUT": "0.2", "EDU2LMS_LOCK_ATTEMPTS": "1"}, repair=let_go),
    Fault("before the load", "statement time-out in edu",
          owner("alter role edu_reader set statement_timeout = '1ms'", "edu"), 1, "LoadFailedError", "edu2lms load",
          repair=owner("alter role edu_reader reset statement_timeout", "edu")),
    Fault("before the load", "the role has lost BYPASSRLS", owner("alter role edu2lms nobypassrls"), 4, "HiddenRowsError",
          "bypassrls", repair=owner("alter role edu2lms bypassrls")),
    Fault("before the load", "the role has lost a right", owner("revoke insert on public.course_enrollments from edu2lms"), 1,
          DBT, "permission denied for table course_enrollments",
          repair=owner("grant insert on public.course_enrollments to edu2lms")),
    Fault("in the load", "kill -9 of the loader", kill_loader, KILLED, ""),
    Fault("in the load", "SIGTERM", terminate, 130, "Interrupted"),
    Fault("in the load", "the path to edu breaks", cut, 3, CONNECT, "untouched|start the server", quick=True),
    Fault("in the load", "the path to edu goes silent, then breaks", stall_then_cut, 3, CONNECT, "start the server"),
    Fault("in the load", "kill -9 of the edu server", kill_edu, 3, CONNECT, "start the server"),
    Fault("in the load", "kill -9 of the lms server", kill_lms, 1, "LoadFailedError", "edu2lms check"),
    Fault("in the load", "an administrator ends the session in lms", end_sessions, 1, "LoadFailedError", "edu2lms load"),
    Fault("in the load", "no room on the disk of lms", disk, 1, "LoadFailedError", "File too large|edu2lms check"),
    Fault("after the load", "kill -9 of the loader", kill_loader, KILLED, "", outcome="either"),
    Fault("after the load", "kill -9 of the lms server", kill_lms, 1, DBT, ""),
    Fault("in the build", "kill -9 of dbt", kill_dbt, 1, DBT, GONE),
    Fault("in the build", "kill -9 of the loader", kill_loader, KILLED, "", outcome="either", quick=True),
    Fault("in the build", "Ctrl-C", interrupt, 130, "Interrupted"),
    Fault("in the build", "kill -9 of the lms server", kill_lms, 1, DBT, ""),
    Fault("in the build", "an administrator ends the sessions in lms", end_sessions, 1, DBT, ""),
    Fault("in the build", "an administrator cancels the statement",
          owner("select pg_cancel_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'"), 1, DBT,
          "canceling statement"),
    Fault("in the publication", "kill -9 of dbt", kill_dbt, 1, DBT, GONE, quick=True),
    Fault("in the publication", "kill -9 of the loader", kill_loader, KILLED, "", outcome="either"),
    Fault("in the publication", "Ctrl-C", interrupt, 130, "Interrupted"),
    Fault("in the publication", "kill -9 of the lms server", kill_lms, 1, DBT, ""),
    Fault("in the publication", "an administrator ends the sessions in lms", end_sessions, 1, DBT, ""),
    Fault("in the publication", "a lock is held longer than lock_timeout", nobody, 1, DBT, "lock timeout",
          variables={"lock_timeout": "300ms"}, quick=True),
    Fault("in the publication", "a statement takes longer than statement_timeout", nobody, 1, DBT, "statement timeout",
          variables={"statement_timeout": "8s"}),
    Fault("in the publication", "no room on the disk of lms", disk_dbt, 1, DBT, "File too large|server closed the connection",
          quick=True),
    Fault("in the publication", "somebody changes a live table", owner("alter table public.grades add column extra text"), 1,
          "LiveTablesChangedError", "grades\n  \\+ column extra text",
          repair=owner("alter table public.grades drop column extra")),
    Fault("before the load", "the application holds a row for longer than all attempts",
          hold("lms", "update public.course_offerings set waitlist_capacity = waitlist_capacity"), 1, DBT,
          "The application held rows of the live tables", variables={"row_lock_attempts": 2}, repair=let_go),
    Fault("before the load", "another publication is running",
          hold("lms", "select pg_advisory_xact_lock(hashtext('edu2lms publish'))"), 1, DBT,
          "Another publication is running", repair=let_go),
    Fault("after the publication", "kill -9 of dbt", kill_dbt, 1, DBT, GONE, outcome="all"),
    Fault("after the publication", "kill -9 of the loader", kill_loader, KILLED, "", outcome="all"),
    Fault("after the publication", "kill -9 of the lms server", kill_lms, 1, DBT, "", outcome="either"),
    Fault("after the publication", "the path to edu breaks", cut, 1, "", "", outcome="all"),
]  # fmt: skip

ROWS: dict[tuple[str, str], tuple[str, str, str]] = {}


def cases() -> list[Any]:
    """The faults; all but a few are for the night."""
    return [
        pytest.param(
            fault,
            id=f"{fault.name}, {fault.stage}".replace(" ", "_"),
            marks=[] if fault.quick else [pytest.mark.nightly],
        )
        for fault in FAULTS
    ]


def judge(found: Published, nothing: Published, everything: Published) -> str:
    """How much of the batch is there; anything between nothing and all of it is `part`."""
    if found == nothing:
        return "nothing"
    return "all" if found == everything else "part"


@pytest.mark.parametrize("fault", cases())
def test_all_or_nothing_is_published_and_the_next_run_completes(
    fault: Fault, fresh: World, nothing: Published, everything: Published
) -> None:
    world = fresh
    try:
        code, document, said = strike(world, fault)
    finally:
        if world.pair.clusters["lms"].is_running:
            let_go(world, None)
    for cluster in world.pair.clusters.values():
        cluster.start()
    world.proxy.restore()
    wait_for("what a killed program had begun is over", world.quiet)
    error = document.get("error", {})
    assert code == fault.code, f"{document}\n{said[-3000:]}"
    assert error.get("type", "") == fault.error or not fault.error, error
    told = f"{error.get('message', '')}\n{error.get('fix', '')}"
    assert re.search(fault.says, told), told
    if error and error["type"] != "Interrupted":
        assert error["fix"], "an error says what to do"
    outcome = judge(world.published(), nothing, everything)
    assert outcome in {"either": ("nothing", "all")}.get(fault.outcome, (fault.outcome,))

    # the plain next run
    if fault.repair is not None:
        fault.repair(world, None)
    world.run()
    assert judge(world.published(), nothing, everything) == "all"
    shown = fault.outcome if fault.outcome != "either" else "nothing or all"
    fix = str(error.get("fix", "")).splitlines()
    ROWS[fault.stage, fault.name] = (shown, f"{code} {error.get('type', '')}".strip(), fix[0] if fix else "–")


def strike(world: World, fault: Fault) -> tuple[int, dict[str, Any], str]:
    """Let the fault happen at its stage; returns what the run said at the end."""
    with STAGES[fault.stage](world) as reached:
        if fault.stage == "before the load":
            fault.strike(world, None)
            run = world.start(variables=fault.variables, **fault.settings)
            return world.finish(run)
        parity = {"FAULTS_SELECT": WITH_PARITY} if fault.stage == "after the publication" else {}
        run = world.start(variables=fault.variables, **fault.settings, **parity)
        reached(run)
        fault.strike(world, run)
        if fault.strike in (nobody, kill_loader, kill_dbt, interrupt, terminate, end_sessions, cut):
            return world.finish(run)  # it ends although the lock is still held
    return world.finish(run)


def test_a_second_run_at_the_same_time_is_refused_and_the_first_one_completes(
    fresh: World, nothing: Published, everything: Published
) -> None:
    with in_the_build(fresh) as reached:
        first = fresh.start()
        reached(first)
        code, document, _ = fresh.finish(fresh.start())
        assert code == 4
        assert document["error"]["type"] == "BusyError"
        assert "wait until it is done" in document["error"]["fix"]
        assert judge(fresh.published(), nothing, everything) == "nothing"
    code, document, said = fresh.finish(first)
    assert code == 0, said
    assert judge(fresh.published(), nothing, everything) == "all"


@pytest.mark.nightly
def test_a_row_of_a_concurrent_writer_that_is_in_the_way_publishes_nothing(
    fresh: World, nothing: Published, everything: Published
) -> None:
    taken = (
        "insert into public.users (username, email, password_hash)"
        " select username, 'other-' || email, '!' from migration.users where id in ("
        " select live_id from migration.publish_plan where entity = 'users' and outcome = 'inserted') order by id limit 1"
    )
    with fresh.locked("lms", taken) as writer:
        run = fresh.start()
        wait_for("the publication waits for the writer", lambda: fresh.waits("lms", "%lms_publish_run%"), run)
        writer.commit()
    code, document, _ = fresh.finish(run)
    assert code == 1
    assert "duplicate key value violates unique constraint" in document["error"]["message"]
    rows(fresh.lms, "delete from public.users where email like 'other-%'")
    assert judge(fresh.published(), nothing, everything) == "nothing"
    fresh.run()
    assert judge(fresh.published(), nothing, everything) == "all"


# ── the page ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def page() -> str:
    """The fault table as Markdown."""
    lines = [
        "# What happens when something breaks",
        "",
        "Each line is tried for real: the run is held at the stage, the fault strikes, then a plain `run --publish` must",
        "complete and leave exactly what an undisturbed run leaves. *Published* is what the live tables, the crosswalk and the",
        "ledger hold of the batch after the fault, always all of them together. *nothing or all*: the program was killed beside",
        "a statement that goes on by itself.",
        "",
        f"Made by `{WRITE}=1 python -m pytest -n 0 tests/python/acceptance/faults`.",
        "",
        "| stage | fault | published | exit code, error | what the message says to do |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {stage} | {name} | {' | '.join(cells)} |" for (stage, name), cells in sorted(ROWS.items(), key=_place)]
    return "\n".join(lines) + "\n"


def _place(entry: tuple[tuple[str, str], tuple[str, str, str]]) -> int:
    return [(fault.stage, fault.name) for fault in FAULTS].index(entry[0])


def test_the_page_holds_what_came_out() -> None:
    if os.environ.get(WRITE) and len(ROWS) == len(FAULTS):
        Path(DOCUMENT).write_text(page(), encoding="utf-8")
    known = DOCUMENT.read_text(encoding="utf-8").splitlines()
    assert [line for line in page().splitlines() if line not in known] == []
