"""Servers of the folder's own, because they are stopped; one migration, and both applications for two kinds of users."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from databases import Databases, rows
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


@pytest.fixture(scope="session")
def all_sites(servers: Pair, migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Sites]]:
    """Both applications, as the students' and as the registry's; made together, before a server moves to another socket.

    Students meet row-level security: each user sees what is theirs. The registry sees every row.
    """
    add_registry(migrated.lms, servers.passwords["LMS_APP_PASSWORD"])
    roles = {
        "for_students": {},
        "for_registry": {"LMS_APP_USER": REGISTRY, "FALLBACK_USER": "lms_fallback_registry"},
    }
    with ExitStack() as stack:
        made = {}
        for name, changes in roles.items():
            folder = tmp_path_factory.mktemp(name)
            copy = migrated.copy(name, folder)
            copy = replace(copy, settings={**copy.settings, **changes})
            # the application's own trigger goes, and changes are captured with their request from now on
            rows(copy.lms, "drop trigger course_enrollments_audit on course_enrollments")
            copy.edu2lms("prepare")
            copy.publish()
            names = {database: str(conninfo_to_dict(getattr(copy, database))["dbname"]) for database in ("edu", "lms")}
            made[name] = stack.enter_context(running(servers, names, dict(copy.settings), folder))
        yield made


@pytest.fixture(params=["for_students", "for_registry"])
def sites(request: pytest.FixtureRequest, all_sites: dict[str, Sites]) -> Sites:
    """Each of them, well at the beginning."""
    found = all_sites[request.param]
    for cluster in found.pair.clusters.values():
        cluster.start()
    for path in found.paths.values():
        path.repair()
    found.wait_for("lms")
    return found
