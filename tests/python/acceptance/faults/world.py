"""Two servers that may be killed, copies of their databases for each fault, and gates at which a run is stopped."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil
import psycopg
from databases import LIVE_TABLES, TIME_STAMPS, Databases, content, orphans, rows, value
from proxy import Proxy
from psycopg import sql

from loader.dbt import NOTICE_LOST_CLIENTS
from loader.demo.demo import Pair
from loader.demo.servers import PORT, Cluster

AS_OF = "{as_of_date: '2024-03-01'}"
DEADLINE = 300.0  # seconds, for the slowest machine; a fault that is not noticed by then is a failure
Published = Literal["everything", "nothing"]


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """What the condition says as soon as it says something."""
    ended, deadline = threading.Event(), time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        ended.wait(0.02)
    raise AssertionError(f"after {DEADLINE:g} s still not: {what}")


def socket_of(cluster: Cluster) -> Path:
    """Where the server listens now."""
    return cluster.socket_dir / f".s.PGSQL.{PORT}"


def kill_server(cluster: Cluster) -> None:
    """kill -9 of the postmaster; what its processes do without it is to end."""
    pid = cluster.pid
    assert pid is not None
    postmaster = psutil.Process(pid)
    family = [postmaster, *postmaster.children(recursive=True)]
    postmaster.send_signal(signal.SIGKILL)
    wait_for(lambda: not cluster.is_running, "the server is dead")
    psutil.wait_procs(family[1:], timeout=DEADLINE)


def limit_files(pid: int, size: int) -> None:
    """Let no file grow beyond so many bytes for one process of a server, as if the disk were full: for this one only.

    Whoever is root need not have the right to do it to somebody else's process: so it is done as its own user.
    """
    victim = psutil.Process(pid)
    as_owner: dict[str, Any] = {}
    if victim.uids().real != os.getuid():
        as_owner = {"user": victim.uids().real, "group": victim.gids().real, "extra_groups": []}
    subprocess.run(["prlimit", f"--pid={pid}", f"--fsize={size}:{size}"], check=True, capture_output=True, **as_owner)


@dataclass
class Servers:
    """The two servers, each behind a network path that can break."""

    pair: Pair
    edu_path: Proxy
    lms_path: Proxy

    @property
    def edu(self) -> Cluster:
        return self.pair.clusters["edu"]

    @property
    def lms(self) -> Cluster:
        return self.pair.clusters["lms"]

    def repair(self) -> None:
        """Both servers run, and can be reached."""
        self.edu_path.repair()
        self.lms_path.repair()
        for cluster in (self.edu, self.lms):
            cluster.start()
            wait_for(lambda cluster=cluster: _answers(cluster), "the server answers")  # type: ignore[misc]

    def copy(self, which: str, template: str, name: str) -> None:
        """A database that is a copy of another one, instead of what had this name."""
        with psycopg.connect(self.pair.clusters[which].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            statement = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
            wait_for(lambda: _done(connection, statement), f"nobody uses {template}")

    @contextmanager
    def databases(self, settings: dict[str, str], folder: Path, *, edu: str, lms: str) -> Iterator[Faulty]:
        """Copies of both databases for one fault; they end with the block."""
        self.copy("edu", edu, "edu_fault")
        self.copy("lms", lms, "lms_fault")
        try:
            yield Faulty(self, settings | {"EDU_DBNAME": "edu_fault", "LMS_DBNAME": "lms_fault"}, folder)
        finally:
            self.repair()


def _answers(cluster: Cluster) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(cluster.conninfo(), connect_timeout=5):
        return True
    return False


def _done(connection: psycopg.Connection[Any], statement: sql.Composed) -> bool:
    with contextlib.suppress(psycopg.errors.ObjectInUse):
        connection.execute(statement)
        return True
    return False


@dataclass
class Gate:
    """A lock that somebody must wait for: it stops a run at a certain place."""

    conninfo: str = field(repr=False)
    connection: psycopg.Connection[Any]
    pid: int

    def waiting(self) -> int:
        """The process of the server that waits here, as soon as there is one."""
        statement = "select pid from pg_stat_activity where %s = any(pg_blocking_pids(pid)) limit 1"
        found = wait_for(lambda: rows(self.conninfo, statement, self.pid), "somebody waits at the gate")
        return int(found[0][0])

    def open(self) -> None:
        """Let go."""
        self.connection.close()


@contextmanager
def gate(conninfo: str, lock: str) -> Iterator[Gate]:
    """Hold what a statement locks, until the end of the block or `open`."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(lock.encode())
        held = Gate(conninfo, connection, connection.info.backend_pid)
        try:
            yield held
        finally:
            connection.close()


class Program:
    """A call of the command line that works while the test goes on."""

    def __init__(self, databases: Faulty, *arguments: str) -> None:
        """Start `edu2lms …`."""
        self.databases = databases
        self.arguments = arguments
        self.said = (databases.folder / "stderr.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "loader", *arguments, "--json"],
            env=databases.environment,
            cwd=databases.folder,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
        )

    def progress(self) -> str:
        """What it has told so far."""
        return (self.databases.folder / "stderr.txt").read_text(errors="replace")

    def reached(self, words: str) -> None:
        """Wait until its progress names something."""
        wait_for(lambda: words in self.progress() or self.process.poll() is not None, f"it says {words}")
        assert words in self.progress(), self.progress()[-3000:]

    def dbt(self) -> psutil.Process:
        """The process of dbt."""

        def find() -> psutil.Process | None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "--project-dir" in child.cmdline():
                        return child
            return None

        found = wait_for(find, "dbt is at work")
        assert isinstance(found, psutil.Process)
        return found

    def ended(self) -> Ended:
        """Wait for its end."""
        out, _ = self.process.communicate(timeout=300)
        document = json.loads(out) if out.strip() else {}
        self.said.close()
        return Ended(self.process.returncode, document, self.progress() + out)


@dataclass(frozen=True)
class Ended:
    """How a call ended: a negative code is the number of a signal."""

    code: int
    document: dict[str, Any]
    said: str = field(repr=False)

    @property
    def error(self) -> dict[str, str]:
        """The typed error; empty if there is none."""
        return dict(self.document.get("error") or {})

    @property
    def message(self) -> str:
        """What a person reads: the message and what to do."""
        return f"{self.error.get('message', '')}\n{self.error.get('fix', '')}".strip()


@dataclass(frozen=True)
class Faulty:
    """The databases of one fault."""

    servers: Servers
    settings: dict[str, str] = field(repr=False)
    folder: Path

    @property
    def edu(self) -> str:
        """Connection string of edu's superuser, past the breakable path."""
        return self.servers.edu.conninfo(self.settings["EDU_DBNAME"])

    @property
    def lms(self) -> str:
        """Connection string of lms' superuser, past the breakable path."""
        return self.servers.lms.conninfo(self.settings["LMS_DBNAME"])

    @property
    def environment(self) -> dict[str, str]:
        return Databases("", "", self.settings, self.folder).environment

    def start(self, *arguments: str) -> Program:
        """Start the command line."""
        return Program(self, *arguments)

    def run(self, *arguments: str) -> Ended:
        """One call of the command line, from start to end."""
        return self.start(*arguments).ended()

    def passwords(self) -> set[str]:
        """What must never be seen."""
        return {text for name, text in self.settings.items() if name.endswith("PASSWORD")}

    # ── what is there ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def staging(self) -> dict[str, tuple[int, str]]:
        """The raw copies of edu, and what the ledger says about them."""
        found = {}
        for schema, table in rows(
            self.lms,
            "select schemaname, tablename from pg_tables where schemaname = 'staging' or tablename = 'table_loads' order by 1, 2",
        ):
            statement = sql.SQL("select count(*), coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {} as t")
            ((number, digest),) = rows(self.lms, statement.format(sql.Identifier(schema, table)))
            found[f"{schema}.{table}"] = (number, digest)
        return found

    def live(self) -> dict[str, tuple[int, str]]:
        """The live tables without their time stamps."""
        return content(self.lms, without=TIME_STAMPS, tables=LIVE_TABLES)

    def publications(self) -> int:
        """How many batches the ledger holds."""
        return int(value(self.lms, "select count(*) from ledger.batches"))

    def published(self) -> Published:
        """Whether ledger, crosswalk, live rows and tracking ids agree that everything or nothing is published.

        Raises:
            AssertionError: they do not agree.
        """
        found = dict(rows(self.lms, _TRACES))
        assert orphans(self.lms) == {}
        if self.publications() == 0:
            assert set(found.values()) == {0}, f"traces of a batch that is not published: {found}"
            return "nothing"
        ((wrong, planned),) = rows(self.lms, _DISAGREEMENTS)
        assert (wrong, planned) == (0, 0)
        assert found["crosswalk"] > 0
        assert found["new ids"] == found["inserted"]
        return "everything"


# Every id that the migration makes is a UUID of version 8; the application's are random ones.
_NEW_IDS = " + ".join(f"(select count(*) from public.{name} where substr(id::text, 15, 1) = '8')" for name in LIVE_TABLES[:12])
_TRACES = f"""
select 'crosswalk', count(*) from ledger.crosswalk
union all
select 'inserted', count(distinct live_id) from ledger.crosswalk where substr(live_id::text, 15, 1) = '8'
union all
select 'counts', count(*) from ledger.batch_tables
union all
select 'changes', count(*) from ledger.changes
union all
select 'warnings', count(*) from ledger.value_warnings
union all
select 'audit', count(*) from public.audit_logs where action = 'migrate'
union all
select 'tracked offerings', count(*) from public.course_offerings where old_course_id is not null
union all
select 'tracked enrollments', count(*) from public.course_enrollments where old_journal_id is not null
union all
select 'new ids', {_NEW_IDS}
"""
_DISAGREEMENTS = """
select
    (
        select count(*) from ledger.crosswalk as c
        left join public.course_enrollments as live on c.live_id = live.id
        where c.entity = 'course_enrollments' and c.legacy_id is distinct from live.old_journal_id
    ) + (
        select count(*) from ledger.crosswalk as c
        left join public.course_offerings as live on c.live_id = live.id
        where c.entity = 'course_offerings' and c.legacy_id is distinct from live.old_course_id
    ) + (select count(*) from ledger.crosswalk where batch_id not in (select batch_id from ledger.batches))
    + (
        select count(*) from public.course_enrollments
        where old_journal_id is not null
            and old_journal_id not in (select legacy_id from ledger.crosswalk where entity = 'course_enrollments')
    ),
    (
        select count(*) from migration.publish_plan as plan
        where not exists (
            select 1 from ledger.crosswalk as c where c.entity = plan.entity and c.legacy_id = plan.legacy_id
        )
    )
"""


class Publication:
    """What dbt says to the server while it builds `lms_publish`, as its log recorded it: the same without starting dbt."""

    def __init__(self, log: Path) -> None:
        """Read dbt's debug log (JSON) of a dry run."""
        self.statements = []
        for line in log.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["info"]["name"] == "SQLQuery" and event["data"].get("conn_name") == "model.edu2lms.lms_publish":
                self.statements.append(str(event["data"]["sql"]))
        assert "\n".join(self.statements).count(_DRY) == 1
        assert "COMMIT" in self.statements, "what makes it one transaction was recorded, too"

    def run(self, conninfo: str, **limits: str) -> str:
        """One publication.

        Args:
            conninfo: of the migration's role.
            limits: other values for `lock_timeout`, `row_lock_timeout`, `row_lock_attempts`, `statement_timeout`.

        Returns:
            The database's error as dbt would show it; empty if there was none.
        """
        try:
            with psycopg.connect(
                conninfo, options=NOTICE_LOST_CLIENTS
            ) as connection:  # as dbt's driver, psycopg begins transactions by itself
                database = sql.Identifier(connection.info.dbname).as_string()
                for statement in self.statements:
                    text = statement.replace(_DRY, _WET).replace('"lms".', f"{database}.")
                    connection.execute(_with_limits(text, limits).encode())
        except psycopg.Error as error:
            return f"Database Error in model lms_publish (models/publish/lms_publish.sql)\n  {error}"
        return ""


_DRY, _WET = (f"is_dry_run constant boolean := {value}" for value in ("true", "false"))
_LIMITS = {"lock_timeout": "5s", "row_lock_timeout": "250ms", "statement_timeout": "15min"}


def _with_limits(statement: str, limits: dict[str, str]) -> str:
    for name, limit in limits.items():
        if name == "row_lock_attempts":
            statement = re.sub(r"attempt >= \d+", f"attempt >= {limit}", statement)
        else:
            statement = statement.replace(f"'{_LIMITS[name]}'", f"'{limit}'")
    return statement
