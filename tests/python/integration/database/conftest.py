"""A small lms, and a small edu with a hand-made lms_compat, behind paths that can break. Real servers, stopped and started."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from audit_servers import COMMANDS, Site, serving
from bad_network import BadNetwork
from database_world import EDU, LMS, World
from recorder_world import DATABASE, Audited, ddl

from database import connection_manager
from database.audit import recorder
from loader.demo.servers import MARKER, PORT, Cluster


@pytest.fixture(scope="session")
def database_clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Cluster]]:
    """Two running servers, filled."""
    root = tmp_path_factory.mktemp("database")
    (root / MARKER).touch()
    clusters = {name: Cluster(root / name, superuser="owner") for name in ("lms", "edu")}
    try:
        for (name, cluster), script in zip(clusters.items(), (LMS, EDU), strict=True):
            cluster.start()
            cluster.recreate_database(name)
            with psycopg.connect(cluster.conninfo(name)) as connection:
                connection.execute(script)  # type: ignore[arg-type]
        yield clusters
    finally:
        for cluster in clusters.values():
            cluster.stop()


@pytest.fixture
def world(database_clusters: dict[str, Cluster]) -> Iterator[World]:
    """Both servers well at the beginning of each test, with paths of its own."""

    def address(name: str) -> Callable[[], str]:
        return lambda: str(Path(database_clusters[name].socket_dir) / f".s.PGSQL.{PORT}")

    for cluster in database_clusters.values():
        cluster.start()
    with BadNetwork(address("lms")) as lms, BadNetwork(address("edu")) as edu:
        world = World(database_clusters, lms, edu)
        yield world
        for path in (lms, edu):
            path.repair()
        for manager in world.made:
            manager.close_all()
    for cluster in database_clusters.values():
        cluster.start()
    for name in database_clusters:
        world.query(name, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename like 'lms%'")
    with contextlib.closing(world.admin("lms")) as connection:
        connection.execute("truncate audit_logs")


@pytest.fixture
def in_django(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Django whose settings hold the database settings, and whose ORM asks the manager for connections."""
    import django
    from django.conf import settings
    from django.db import connections

    monkeypatch.setattr(connection_manager, "_default", None)
    if not settings.configured:
        databases = {"default": {"ENGINE": "database.django_backend"}}
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF="", EDU2LMS_DATABASE={}, DATABASES=databases, USE_TZ=True)
        django.setup()
    given = {"ROOT_URLCONF": "database.health.django", "EDU2LMS_DATABASE": {k.upper(): v for k, v in world.settings().items()}}
    for name, value in given.items():
        monkeypatch.setattr(settings, name, value)
    yield
    connections.close_all()
    connection_manager.get_db_manager().close_all()


@pytest.fixture(scope="session")
def audit_tables(database_clusters: dict[str, Cluster]) -> None:
    """The audit's tables, in a database of their own beside lms."""
    cluster = database_clusters["lms"]
    cluster.recreate_database(DATABASE)
    with psycopg.connect(cluster.conninfo(DATABASE)) as connection:
        for statement in ddl():
            connection.execute(statement.encode())


@pytest.fixture
def audited(world: World, audit_tables: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Audited]:
    """Empty tables, and recorders that are closed at the end."""
    del audit_tables
    monkeypatch.setattr(recorder, "_default", None)
    audited = Audited(world, tmp_path / "spool")
    audited.rows("truncate audit_logs, page_views, user_sessions")
    yield audited
    for path in (world.lms, world.edu):
        path.repair()
    for made in audited.made:
        made.close()


@pytest.fixture(scope="module", params=COMMANDS)
def site(
    request: pytest.FixtureRequest,
    database_clusters: dict[str, Cluster],
    audit_tables: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Each of them, one after the other, for all tests of the file."""
    del audit_tables
    folder = tmp_path_factory.mktemp(request.param)
    for cluster in database_clusters.values():
        cluster.start()
    paths = {
        name: BadNetwork(lambda cluster=cluster: str(Path(cluster.socket_dir) / f".s.PGSQL.{PORT}"))  # type: ignore[misc]
        for name, cluster in database_clusters.items()
    }
    with paths["lms"], paths["edu"]:
        audited = Audited(World(database_clusters, paths["lms"], paths["edu"]), folder / "spool")
        audited.rows("truncate audit_logs, page_views, user_sessions")
        more = {"AUDIT_RECORD_BODY": "true", "AUDIT_TRUSTED_PROXIES": "127.0.0.1", "FORWARDED_ALLOW_IPS": ""}
        with serving(request.param, audited.environment(**more), folder) as address:
            yield Site(request.param.partition("-")[0], address, audited)
        assert not list((folder / "spool").glob("*.sqlite")), "an orderly end leaves nothing on disk"
