"""Real PostgreSQL servers for the tests: one pair per worker, filled once, copied for every test that changes something."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from demo_servers import DemoServers
from psycopg import sql
from psycopg.conninfo import make_conninfo

from loader.demo.demo import Pair
from loader.demo.fill import fill
from loader.demo.servers import MARKER, Cluster
from loader.project import Project, SourceTable

SCALE = 0.01

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell that runs us in the background has Ctrl-C ignored, and every program that a test starts would ignore it, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`: one worker takes all acceptance tests of a folder, because they share their migrated databases.

    Not by `xdist_group`: pytest-xdist 3.8 with pytest 9.2 ignores that mark without a word.
    """
    if config.getoption("dist") not in ("load", "loadgroup"):
        return None  # somebody chose another way
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            return str(Path(file).parent) if "acceptance/" in file else nodeid

    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _no_connection_settings() -> Iterator[None]:
    """The tests must never reach a database of the person who runs them."""
    saved = dict(os.environ)
    for name in saved:
        if name.startswith(("LMS_", "EDU_", "FALLBACK_", "AUDIT_", "PG")):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(saved)


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.env` of the project is not read either."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def demo_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two running servers with the databases edu and lms, filled at scale 0.01."""
    root = tmp_path_factory.mktemp("demo servers")  # with a space, always
    (root / MARKER).touch()
    pair = Pair(root)
    try:
        pair.start(empty=True)
        fill(pair.edu, pair.lms, scale=SCALE, damaged=False, report=lambda _: None)
        yield pair
    finally:
        pair.stop()


@pytest.fixture(scope="session")
def demo_small(demo_pair: Pair) -> DemoServers:
    """Filled, not migrated, shared by all tests of the worker: for reading only."""
    return DemoServers(demo_pair.edu, demo_pair.lms, demo_pair.environment(), demo_pair.root)


_numbers = itertools.count(1)


@pytest.fixture
def demo_copy(demo_pair: Pair) -> Iterator[DemoServers]:
    """The same in databases of its own, with role names of its own: for tests that change something."""
    number = next(_numbers)
    names = {"edu": f"edu_{number}", "lms": f"lms_{number}"}
    for original, name in names.items():
        with psycopg.connect(demo_pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(original)))
    env = demo_pair.environment()
    env |= {"EDU_DBNAME": names["edu"], "EDU_USER": f"edu_reader_{number}"}
    env |= {"LMS_DBNAME": names["lms"], "LMS_USER": f"edu2lms_{number}"}
    yield DemoServers(
        make_conninfo(demo_pair.edu, dbname=names["edu"]), make_conninfo(demo_pair.lms, dbname=names["lms"]), env, demo_pair.root
    )
    for original, name in names.items():
        with psycopg.connect(demo_pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def in_demo(demo_copy: DemoServers, monkeypatch: pytest.MonkeyPatch) -> DemoServers:
    """As `demo_copy`, with its settings in the environment: for calls of the command line."""
    for name, value in demo_copy.env.items():
        monkeypatch.setenv(name, value)
    return demo_copy


@pytest.fixture(scope="session")
def source_tables() -> tuple[SourceTable, ...]:
    """The declared tables."""
    return Project.find().tables


@pytest.fixture
def make_cluster(tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    """A factory of bare servers; all of them are stopped at the end."""
    made: list[Cluster] = []

    def make(name: str = "server", *, bindir: Path | None = None, **options: Any) -> Cluster:
        cluster = Cluster(tmp_path / name, superuser="owner", bindir=bindir, **options)
        made.append(cluster)
        return cluster

    yield make
    for cluster in made:
        cluster.stop()


def query(conninfo: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    """All rows of one statement, run on a connection of its own."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        cursor = connection.execute(statement, parameters or None)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


@pytest.fixture(name="query")
def query_fixture() -> Callable[..., list[tuple[Any, ...]]]:
    """`query(conninfo, statement, *parameters)` → rows."""
    return query
