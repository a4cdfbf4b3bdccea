"""Servers of the folder's own, because they are stopped; one migration, and both applications for two kinds of users."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Databases
from example_sites import REGISTRY, Sites, add_registry, running
from fallback_world import Pair as Migrated
from psycopg.conninfo import conninfo_to_dict

from loader.demo.demo import Pair
from loader.demo.fill import fill
from loader.demo.servers import MARKER

AS_OF = "{as_of_date: '2024-03-01'}"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two running servers, filled."""
    root = tmp_path_factory.mktemp("examples")
    (root / MARKER).touch()
    pair = Pair(root)
    try:
        pair.start(empty=True)
        fill(pair.edu, pair.lms, scale=0.01, damaged=False, report=lambda _: None)
        yield pair
    finally:
        pair.stop()


@pytest.fixture(scope="session")
def migrated(servers: Pair, tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    """Everything published, no fallback yet. Shared: only to be copied."""
    databases = Databases(servers.edu, servers.lms, servers.environment(), tmp_path_factory.mktemp("migrated"))
    databases.edu2lms("prepare")
    databases.edu2lms("run", "--publish", "--vars", AS_OF)
    return Migrated(databases.edu, databases.lms, databases.settings, databases.folder)


def sites_of(servers: Pair, migrated: Migrated, name: str, changes: dict[str, str], folder: Path) -> Iterator[Sites]:
    """Both applications on a copy with a fallback of its own."""
    copy = migrated.copy(name, folder)
    settings = {**copy.settings, **changes}
    copy = Migrated(copy.edu, copy.lms, settings, folder)
    copy.publish()
    names = {database: str(conninfo_to_dict(getattr(copy, database))["dbname"]) for database in ("edu", "lms")}
    with running(servers, names, settings, folder) as sites:
        yield sites


@pytest.fixture(scope="session")
def for_students(servers: Pair, migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """The applications meet row-level security: each user sees what is theirs."""
    yield from sites_of(servers, migrated, "students", {}, tmp_path_factory.mktemp("for_students"))


@pytest.fixture(scope="session")
def for_registry(servers: Pair, migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """The applications see every row."""
    password = servers.passwords["LMS_APP_PASSWORD"]
    add_registry(migrated.lms, password)
    changes = {"LMS_APP_USER": REGISTRY, "FALLBACK_USER": "lms_fallback_registry"}
    yield from sites_of(servers, migrated, "registry", changes, tmp_path_factory.mktemp("for_registry"))


@pytest.fixture(params=["for_students", "for_registry"])
def sites(request: pytest.FixtureRequest) -> Sites:
    """Each of them, well at the beginning."""
    found: Sites = request.getfixturevalue(request.param)
    for cluster in found.pair.clusters.values():
        cluster.start()
    for path in found.paths.values():
        path.repair()
    found.wait_for("lms")
    return found
