"""Two servers of the demonstration, filled once; each measurement works on a fresh copy of the live database."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from databases import Databases
from psycopg import sql
from psycopg.conninfo import make_conninfo

from loader.config import Settings
from loader.demo.demo import Pair
from loader.demo.fill import fill
from loader.demo.servers import MARKER, Cluster, default_bindir
from loader.project import Project, SourceTable

_NUMBERS = itertools.count(1)


class World:
    """The servers.

    Attributes:
        pair: the servers; `edu` is only read, unless a measurement changes its own copy.
        tables: the tables in scope, with the columns that are migrated.
    """

    def __init__(self, pair: Pair, folder: Path, scale: float) -> None:
        self.pair, self.folder, self.scale = pair, folder, scale
        self.tables: tuple[SourceTable, ...] = Project.find().tables

    def databases(self, *, own_edu: bool = False) -> Databases:
        """A copy of the live database that nothing has migrated yet, prepared.

        Args:
            own_edu: copy the legacy database as well, because it is going to be changed.
        """
        number = next(_NUMBERS)
        names = {"lms": f"lms_{number}", "edu": f"edu_{number}" if own_edu else "edu"}
        for original, name in names.items():
            if name != original:
                self.copy(original, name)
        settings = self.pair.environment() | {"LMS_DBNAME": names["lms"], "EDU_DBNAME": names["edu"]}
        settings["LMS_USER"] = f"edu2lms_{number}"
        folder = self.folder / f"copy-{number}"
        folder.mkdir()
        edu, lms = (make_conninfo(getattr(self.pair, original), dbname=names[original]) for original in ("edu", "lms"))
        databases = Databases(edu, lms, settings, folder)
        command(databases, "prepare")
        return databases

    def copy(self, original: str, name: str, *, template: str | None = None) -> str:
        """A database on the server of `original`, a copy of it unless another template is named; returns its conninfo."""
        with psycopg.connect(self.pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
            create = sql.SQL("create database {} template {}")
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(template or original)))
            connection.execute("checkpoint")  # not in the middle of what is measured next
        return make_conninfo(getattr(self.pair, original), dbname=name)

    def drop(self, databases: Databases) -> None:
        """Give the room of a copy back."""
        for original, name in (("lms", databases.settings["LMS_DBNAME"]), ("edu", databases.settings["EDU_DBNAME"])):
            if name != original:
                self.drop_database(original, name)

    def drop_database(self, original: str, name: str) -> None:
        """Remove one database from the server of `original`."""
        with psycopg.connect(self.pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """Both servers."""
        return tuple(self.pair.clusters.values())


@contextmanager
def world(scale: float, *, folder: Path | None = None, count_statements: bool = False) -> Iterator[World]:
    """Start two servers in a temporary folder and fill them; stop them at the end.

    Args:
        scale: 1.0 is the size of the real databases.
        folder: where the temporary folder is made; default: the system's.
        count_statements: load pg_stat_statements into the live server.
    """
    with _isolated(), tempfile.TemporaryDirectory(prefix="edu2lms-bench-", dir=folder, ignore_cleanup_errors=True) as name:
        root = Path(name)
        (root / MARKER).touch()
        pair = Pair(root)
        try:
            pair.start(empty=True)
            if count_statements:
                _count_statements(pair)
            fill(pair.edu, pair.lms, scale=scale, damaged=False, report=lambda _: None)
            yield World(pair, root, scale)
        finally:
            pair.stop()


def command(databases: Databases, *arguments: str, code: int = 0) -> Any:
    """One call of `edu2lms`, as long as it takes; returns the JSON document that it prints."""
    done = subprocess.run(
        edu2lms(*arguments), env=databases.environment, cwd=databases.folder, capture_output=True, text=True, check=False
    )
    if done.returncode != code:
        raise RuntimeError(f"edu2lms {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr[-4000:]}")
    return json.loads(done.stdout)


def edu2lms(*arguments: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "loader", *arguments, "--json"]


def settings_of(databases: Databases) -> Settings:
    """The same for calls inside this program."""
    return Settings(**{name.lower(): value for name, value in databases.settings.items()})  # type: ignore[arg-type]


def client(name: str) -> str:
    """A client program of the same version as the servers."""
    return str(default_bindir() / name)


@contextmanager
def _isolated() -> Iterator[None]:
    """The measurements must never reach a database of the person who runs them."""
    saved = dict(os.environ)
    for name in saved:
        if name.startswith(("LMS_", "EDU_", "FALLBACK_", "PG")):
            del os.environ[name]
    # the command line is that of this checkout, wherever it is called from
    os.environ["PYTHONPATH"] = str(Project.find().root)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)


def _count_statements(pair: Pair) -> None:
    cluster = pair.clusters["lms"]
    with psycopg.connect(cluster.conninfo(), autocommit=True) as connection:
        connection.execute("alter system set shared_preload_libraries = 'pg_stat_statements'")
        connection.execute("alter system set pg_stat_statements.track = 'all'")
    cluster.stop()
    cluster.start()
