"""One migration that is watched for secrets while it runs; what it leaves is copied for everything else in this folder."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import psycopg
import pytest
from attacks import SETUP
from copies import copy_of
from databases import Databases, rows
from psycopg import sql
from psycopg.conninfo import make_conninfo

from loader.demo.demo import Pair
from loader.demo.servers import Cluster

MARK = "Qz7kV3"
AS_OF = "{as_of_date: '2024-03-01'}"
# A server that logs everything it can.
VERBOSE = (
    "log_statement = 'all'",
    "log_min_error_statement = 'error'",
    "log_min_duration_statement = 0",
    "log_error_verbosity = verbose",
)
_LOGIN = "create role {} login password {}"


def password(name: str) -> str:
    """A password that is found again in whatever form it is printed, and that breaks whoever quotes it carelessly."""
    return f"{name}{MARK} '\"\\%s {{x}} $HOME é"


@dataclass
class Watched:
    """What a migration said and wrote, for a search."""

    databases: Databases
    said: dict[str, str] = field(default_factory=dict, repr=False)
    seen: dict[str, set[str]] = field(default_factory=lambda: {"processes": set(), "sessions": set()}, repr=False)
    logs: dict[str, str] = field(default_factory=dict, repr=False)

    def call(self, *arguments: str, code: int = 0, **changes: str) -> None:
        """One call of the command line, kept."""
        databases = replace(self.databases, settings={**self.databases.settings, **changes})
        done = databases.edu2lms(*arguments, code=code)
        self.keep(" ".join([*arguments, *(f"{key}=…" for key in changes)]), done)

    def keep(self, name: str, done: subprocess.CompletedProcess[str]) -> None:
        """What a program said, under a name of its own."""
        self.said[f"{len(self.said) + 1}: {name}"] = done.stdout + done.stderr


@contextmanager
def _watching(watched: Watched, *conninfos: str) -> Iterator[None]:
    """Look at all processes and sessions again and again, as another user of the machine or of the server could."""
    stop = threading.Event()

    def look() -> None:
        connections = [psycopg.connect(conninfo, autocommit=True) for conninfo in conninfos]
        while not stop.wait(0.03):
            for process in psutil.process_iter(["cmdline"]):
                watched.seen["processes"].add(" ".join(process.info["cmdline"] or []))
            for connection in connections:
                found = connection.execute("select concat_ws(' ', usename, application_name, query) from pg_stat_activity")
                watched.seen["sessions"].update(text for (text,) in found)
        for connection in connections:
            connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _login(conninfo: str, role: str, secret: str, attributes: str = "") -> None:
    """A role with a password that the server's log does not get to see."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        verifier = connection.pgconn.encrypt_password(secret.encode(), role.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL(_LOGIN + " " + attributes).format(sql.Identifier(role), sql.Literal(verifier)))


@pytest.fixture(scope="session")
def watched(demo_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A whole migration, and all that can go wrong with passwords before it, with everything that it wrote."""
    names = {"edu": "edu_guards", "lms": "lms_guards"}
    settings = demo_pair.environment()
    conninfos = {}
    for database, name in names.items():
        cluster: Cluster = demo_pair.clusters[database]
        with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
            create = sql.SQL("create database {} template {}")
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(database)))
            for setting in VERBOSE:
                connection.execute(sql.SQL("alter database {} set " + setting).format(sql.Identifier(name)))
        prefix, admin = database.upper(), f"{database}_dba_guards"
        _login(cluster.conninfo(), admin, password(f"{prefix}_ADMIN_PASSWORD"), "superuser")
        settings |= {f"{prefix}_DBNAME": name, f"{prefix}_ADMIN_USER": admin}
        settings |= {f"{prefix}_{kind}": password(f"{prefix}_{kind}") for kind in ("PASSWORD", "ADMIN_PASSWORD")}
        conninfos[database] = make_conninfo(getattr(demo_pair, database), dbname=name)
    _login(demo_pair.clusters["lms"].conninfo(), "lms_app_guards", password("LMS_APP_PASSWORD"), "in role lms_app")
    settings |= {"EDU_USER": "edu_reader_guards", "LMS_USER": "edu2lms_guards"}
    settings |= {"LMS_APP_USER": "lms_app_guards", "LMS_APP_PASSWORD": password("LMS_APP_PASSWORD")}
    databases = Databases(conninfos["edu"], conninfos["lms"], settings, tmp_path_factory.mktemp("guards"))
    watched = Watched(databases)
    starts = {name: cluster.log_file.stat().st_size for name, cluster in demo_pair.clusters.items()}
    with _watching(watched, *conninfos.values()):
        _provoke(watched)
    for name, cluster in demo_pair.clusters.items():
        watched.logs[name] = cluster.log_file.read_bytes()[starts[name] :].decode(errors="replace")
    return watched


def _provoke(watched: Watched) -> None:
    """Everything that may print a password, in the order of a clumsy first day."""
    wrong, nowhere = password("WRONG"), {"EDU_HOST": "127.0.0.1", "EDU_PORT": "1"}
    watched.call("check", code=1)
    watched.call("prepare", "--dry-run")
    watched.call("prepare", "--dry-run", "--json")
    watched.call("prepare", code=3, LMS_ADMIN_PASSWORD=wrong)
    watched.call("prepare")
    watched.call("check", "--json")
    watched.call("check", code=3, LMS_PASSWORD=wrong, LMS_ADMIN_PASSWORD=wrong, LMS_APP_PASSWORD=wrong)
    watched.call("check", "--json", code=3, EDU_PASSWORD=wrong, EDU_ADMIN_PASSWORD=wrong)
    watched.call("load", code=3, LMS_PASSWORD=wrong)
    watched.call("load", "--json", code=3, EDU_PASSWORD=wrong)
    watched.call("load", code=3, **nowhere)
    # the foreign server has the wrong password, the environment the right one
    mapping = sql.SQL("alter user mapping for {} server edu options (set password {})")
    role, right = sql.Identifier(watched.databases.settings["LMS_USER"]), watched.databases.settings["EDU_PASSWORD"]
    with psycopg.connect(watched.databases.lms, autocommit=True) as connection:
        for setting in ("log_statement = 'none'", "log_min_duration_statement = -1", "track_activities = off"):
            connection.execute(sql.SQL("set " + setting))
        connection.execute(mapping.format(role, sql.Literal(wrong)))
        watched.call("load", "--json", code=3, EDU2LMS_COPY_THROUGH="foreign-tables")
        watched.call("check", code=1)
        connection.execute(mapping.format(role, sql.Literal(right)))
    by_hand = replace(watched.databases, settings={**watched.databases.settings, "LMS_PASSWORD": wrong})
    watched.keep("dbt --debug debug LMS_PASSWORD=…", by_hand.dbt("--debug", "debug", code=1))
    watched.call("load")
    watched.call("run", "--publish", "--vars", AS_OF, "--json")
    watched.call("status")


@pytest.fixture(scope="session")
def migrated(watched: Watched) -> Databases:
    """The migrated pair, with something more that an application may have. For reading only: take a copy."""
    databases = watched.databases
    with psycopg.connect(databases.lms, autocommit=True) as connection:
        name = sql.Identifier(connection.info.dbname)
        for setting in VERBOSE:
            connection.execute(sql.SQL("alter database {} reset " + setting.split()[0]).format(name))
    rows(databases.lms, SETUP)
    return databases


@pytest.fixture
def copy(migrated: Databases) -> Databases:
    """A copy of the migrated lms that one test may destroy."""
    return copy_of(migrated, "lms_guards_copy")


@pytest.fixture(scope="session")
def shared_copy(migrated: Databases) -> Databases:
    """A copy for everything that must leave it as it is."""
    return copy_of(migrated, "lms_guards_shared")


@pytest.fixture
def environment(copy: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Mapping[str, str]:
    """The settings of `copy` in the environment, for calls of the command line within this process."""
    for name, value in copy.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path / "target"))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    return os.environ
