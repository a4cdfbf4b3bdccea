"""A migrated-but-not-published pair of servers of their own, which may be killed, and the stages at which a run can be caught."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from databases import LIVE_TABLES, TIME_STAMPS, content, rows, value
from proxy import Proxy
from psycopg import sql

from loader.demo.demo import Pair

# What is left to do when everything above it is built: the publication, and with it (or without it) the tests that follow.
SELECT = "publish_plan publish_changes lms_publish --indirect-selection empty"
WITH_PARITY = "publish_plan publish_changes lms_publish+"
TEMPLATE, DATABASE = "lms", "lms_faults"
DEADLINE = 240.0
"""Seconds after which something that was waited for will not come any more; nothing is measured by it."""
# The same for all runs but a few, so that dbt parses once. The lock time-out lets a run be held for as long as it takes.
VARIABLES = {"as_of_date": "2024-03-01", "lock_timeout": "120s"}


def wait_for(what: str, condition: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until it is so; fail when the process has ended before, or at the deadline."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"the run ended before it was caught: {what}\n{process.communicate()}")
        if time.monotonic() > end:
            raise AssertionError(f"it never came: {what}")
        time.sleep(0.02)


@dataclass(frozen=True)
class Published:
    """How much of a batch is in lms: the ledger, the crosswalk, the live rows."""

    batches: int
    crosswalk: int
    live: dict[str, tuple[int, str]] = field(repr=False)


@dataclass
class World:
    """The servers, the path between them, and the database of the current test."""

    pair: Pair
    proxy: Proxy
    folder: Path
    select: str | None = SELECT
    database: str = DATABASE
    _last: dict[str, str] = field(default_factory=dict, repr=False)

    # ── connections ────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def lms(self) -> str:
        """The owner of lms."""
        return self.pair.clusters["lms"].conninfo(self.database)

    @property
    def edu(self) -> str:
        """The owner of edu, past the proxy."""
        return self.pair.edu

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a run; hosts change when a server starts again."""
        folders = {"DBT_TARGET_PATH": str(self.folder / "target"), "DBT_LOG_PATH": str(self.folder / "logs")}
        settings = self.pair.environment() if self.pair.clusters["lms"].is_running else self._last
        self._last = dict(settings)
        path = {"EDU_HOST": "127.0.0.1", "EDU_PORT": str(self.proxy.port), "LMS_DBNAME": self.database}
        selected = {"FAULTS_SELECT": self.select} if self.select else {}
        return {**os.environ, **settings, **path, **folders, **selected, "EDU2LMS_CONNECT_TIMEOUT": "3"}

    # ── runs ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    def start(self, *arguments: str, variables: dict[str, Any] | None = None, **changes: str) -> subprocess.Popen[str]:
        """Start the command line; default: `run --publish`."""
        given = arguments or ("run", "--publish", "--vars", json.dumps({**VARIABLES, **(variables or {})}))
        command = [sys.executable, str(Path(__file__).with_name("short_run.py")), *given, "--json"]
        return subprocess.Popen(
            command,
            env={**self.environment, **changes},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self, process: subprocess.Popen[str]) -> tuple[int, dict[str, Any], str]:
        """Exit code, document and log of a run that was started."""
        out, said = process.communicate(timeout=DEADLINE)
        return process.returncode, json.loads(out) if out.strip() else {}, said

    def run(self, *arguments: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """A run that must complete."""
        code, document, said = self.finish(self.start(*arguments, variables=variables))
        assert code == 0, f"{document}\n{said[-3000:]}"
        return document

    # ── the databases ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def renew(self) -> None:
        """Both servers at work, the path open, and a fresh copy of the built lms."""
        self.proxy.restore()
        for cluster in self.pair.clusters.values():
            cluster.start()
        with psycopg.connect(self.pair.clusters["lms"].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))
            create = sql.SQL("create database {} template {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(TEMPLATE)))

    def published(self) -> Published:
        """What has been published."""
        counts = [value(self.lms, f"select count(*) from ledger.{name}") for name in ("batches", "crosswalk")]
        return Published(*counts, content(self.lms, without=TIME_STAMPS, tables=LIVE_TABLES))

    def sessions(self, database: str, condition: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Sessions of the migration in a database: process id and query."""
        query = (
            "select pid, query from pg_stat_activity where backend_type = 'client backend' and usename <> %s"
            f" and application_name like 'edu2lms%%' and pid <> pg_backend_pid() and {condition}"
        )
        conninfo = self.edu if database == "edu" else self.lms
        return rows(conninfo, query, "lms_owner" if database == "lms" else "edu_owner", *parameters)

    def waits(self, database: str, query: str = "%") -> bool:
        """Whether a session of the migration waits for a lock with such a query."""
        return bool(self.sessions(database, "wait_event_type = 'Lock' and query like %s", query))

    def quiet(self) -> bool:
        """Whether no session of the migration is left."""
        return not any(self.sessions(name, "true") for name in ("edu", "lms"))

    # ── violence ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    def kill_server(self, name: str) -> None:
        """kill -9 of a server with all its sessions."""
        pid = self.pair.clusters[name].pid
        assert pid is not None
        if name == "lms":
            self._last = self.pair.environment()
        postmaster = psutil.Process(pid)
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=DEADLINE)

    def kill_dbt(self, loader: subprocess.Popen[str]) -> None:
        """kill -9 of the dbt that a loader has started."""
        (dbt,) = (child for child in psutil.Process(loader.pid).children() if "dbt.cli.main" in child.cmdline())
        dbt.kill()

    def kill_loader(self, loader: subprocess.Popen[str]) -> None:
        """kill -9 of the loader, and of nothing else."""
        os.kill(loader.pid, signal.SIGKILL)

    def end_sessions(self, database: str) -> None:
        """End what the migration does in a database, as an administrator does."""
        for pid, _ in self.sessions(database, "true"):
            rows(self.edu if database == "edu" else self.lms, "select pg_terminate_backend(%s)", pid)

    def fill_disk(self, condition: str) -> None:
        """Let the writing session find no room: no file of the server may grow beyond 64 kB under its hands."""
        ((pid, _),) = self.sessions("lms", condition)
        user = psutil.Process(pid).uids().real  # even root may not do this to somebody else's process everywhere
        subprocess.run(["prlimit", f"--pid={pid}", "--fsize=65536"], user=user, check=True, timeout=DEADLINE)

    # ── stages ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def locked(self, database: str, statement: str) -> Iterator[psycopg.Connection[Any]]:
        """Somebody's transaction that holds a lock until the block ends, even when the server has gone meanwhile."""
        connection = psycopg.connect(self.edu if database == "edu" else self.lms, application_name="somebody")
        try:
            connection.execute(sql.SQL(statement))
            yield connection
        finally:
            with contextlib.suppress(psycopg.Error):
                connection.rollback()
            connection.close()


def make_world(root: Path, pair: Pair) -> World:
    """Prepare a filled pair, and build everything without publishing it."""

    def socket_of_edu() -> str:
        return f"{pair.clusters['edu'].socket_dir}/.s.PGSQL.5432"

    world = World(pair, Proxy(socket_of_edu), root, select=None, database=TEMPLATE)
    world.run("prepare")
    world.run("run", "--vars", json.dumps(VARIABLES))
    world.select, world.database = SELECT, DATABASE
    return world
