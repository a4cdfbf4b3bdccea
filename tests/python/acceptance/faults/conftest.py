"""Databases in which things go wrong: servers of their own, migrated up to the publication once, copied for every fault."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from databases import ROOT
from proxy import Proxy
from report import Line, write
from world import AS_OF, Faulty, Publication, Servers, socket_of

from loader.config import Settings
from loader.demo.demo import Pair
from loader.demo.fill import fill
from loader.demo.servers import MARKER

TABLE = "EDU2LMS_FAULT_TABLE"
"""Environment variable: the file to which the table of faults is written."""

_lines: list[Line] = []


@pytest.fixture(scope="session")
def fault_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Two servers that nobody else uses, each behind a network path that can break."""
    root = tmp_path_factory.mktemp("fault servers")
    (root / MARKER).touch()
    pair = Pair(root)
    try:
        pair.start(empty=True)
        fill(pair.edu, pair.lms, scale=0.01, damaged=False, report=lambda _: None)
        with Proxy(partial(socket_of, pair.clusters["edu"])) as edu, Proxy(partial(socket_of, pair.clusters["lms"])) as lms:
            yield Servers(pair, edu, lms)
    finally:
        pair.stop()


@dataclass(frozen=True)
class Template:
    """A migration up to its publication, and what a publication without faults leaves in the live tables.

    Attributes:
        untouched: the live tables before it, without time stamps.
        complete: the same after it.
        audit: the application's audit trail before it.
    """

    servers: Servers
    settings: dict[str, str] = field(repr=False)
    folder: Path
    publication: Publication = field(repr=False)
    untouched: dict[str, tuple[int, str]] = field(repr=False)
    complete: dict[str, tuple[int, str]] = field(repr=False)

    def copy(self) -> AbstractContextManager[Faulty]:
        """The databases of one fault."""
        return self.servers.databases(self.settings, self.folder, edu="edu", lms="lms")

    def migration(self, databases: Faulty) -> str:
        """Connection string of the migration's role."""
        return Settings(**{name.lower(): value for name, value in databases.settings.items()}).lms  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def template(fault_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Prepared, loaded and built; nothing is published."""
    folder = tmp_path_factory.mktemp("faults")
    settings = fault_servers.pair.environment()
    for name, path in (("EDU", fault_servers.edu_path), ("LMS", fault_servers.lms_path)):
        settings |= {f"{name}_HOST": "127.0.0.1", f"{name}_PORT": str(path.port)}
    databases = Faulty(fault_servers, settings, folder)
    for command in (["prepare"], ["load"]):
        done = databases.run(*command)
        assert done.code == 0, done.said
    build = [sys.executable, "-m", "dbt.cli.main", "build", "--exclude-resource-type", "test", "--vars", AS_OF]
    log = ["--log-format-file", "json", "--log-level-file", "debug"]
    subprocess.run([*build, *log], env=databases.environment, cwd=ROOT, check=True, capture_output=True, timeout=300)
    publication = Publication(folder / "logs" / "dbt.log")
    untouched = databases.live()
    assert databases.published() == "nothing"
    made = Template(fault_servers, settings, folder, publication, untouched, {})
    with made.copy() as copy:
        assert publication.run(made.migration(copy)) == ""
        assert copy.published() == "everything"
        complete = copy.live()
    return Template(fault_servers, settings, folder, publication, untouched, complete)


@pytest.fixture
def faulty(template: Template) -> Iterator[Faulty]:
    """The databases of this fault."""
    with template.copy() as databases:
        yield databases


@pytest.fixture(scope="session")
def note() -> Callable[[Line], None]:
    """Keeps a line for the table of faults."""
    return _lines.append


def pytest_sessionfinish() -> None:
    """Write the table where the environment variable says."""
    if (path := os.environ.get(TABLE)) and _lines:
        write(Path(path), _lines)
