"""Both example applications as people run them: uvicorn and gunicorn, over two databases behind paths that can break."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from bad_network import BadNetwork
from database_world import until
from databases import ROOT, rows
from psycopg import sql

from loader.audit.names import TABLES
from loader.audit.rights import application_rights, grants
from loader.demo.demo import Pair
from loader.demo.servers import PORT

REGISTRY = "lms_registry"
COMMANDS = {
    "fastapi": ("-m", "uvicorn", "examples.fastapi_app.main:app", "--port", "{port}", "--log-level", "warning"),
    "django": ("-m", "gunicorn", "-c", str(ROOT / "examples/django_app/gunicorn.conf.py"), "--no-control-socket"),
}
PASSWORD = "of everybody"
FAST = {
    "EXAMPLES_PASSWORD": PASSWORD,
    "AUDIT_FLUSH_INTERVAL": "0.05",
    "AUDIT_RETRY_SECONDS": "0.2",
    "EDU2LMS_DB_RETRY_SECONDS": "0.5",
    "EDU2LMS_DB_GOOD_PROBES": "2",
    "EDU2LMS_DB_GOOD_PROBE_SECONDS": "0.1",
    "EDU2LMS_DB_BOTH_OUT_SECONDS": "0.2",
    "EDU2LMS_DB_CHECKOUT_TIMEOUT": "3",
}


@dataclass
class Site:
    """One running application."""

    name: str
    client: httpx.Client
    log: Path

    def get(self, path: str, user: object = None) -> httpx.Response:
        """One request, as a user."""
        return self.client.get(path, headers={"X-User-Id": str(user)} if user else {})

    def rows(self, path: str, user: object = None) -> Any:
        """The JSON document, which must be there."""
        response = self.get(path, user)
        assert response.status_code == 200, (self.name, path, response.text, self.log.read_text()[-3000:])
        return response.json()

    def source(self) -> str:
        """Where the next answer will come from."""
        return str(self.get("/api/students").headers.get("X-Data-Source"))


@dataclass
class Sites:
    """Both applications on one pair of databases."""

    pair: Pair
    paths: dict[str, BadNetwork]
    names: dict[str, str]
    sites: dict[str, Site] = field(default_factory=dict)

    def wait_for(self, source: str) -> None:
        """Until both read from there; gunicorn has two workers, each of which decides for itself."""
        for site in self.sites.values():
            until(lambda site=site: all(site.source() == source for _ in range(20)), 30)  # type: ignore[misc]

    def lms_rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of lms, past the path."""
        return rows(self.pair.clusters["lms"].conninfo(self.names["lms"]), statement, *parameters)

    def edu_rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of edu, past the path."""
        return rows(self.pair.clusters["edu"].conninfo(self.names["edu"]), statement, *parameters)


def add_registry(lms: str, password: str) -> None:
    """A role of the application's that meets no row-level security: the registry's. On the audit's tables it has what
    `prepare` gives to the application, and no more.
    """
    role = sql.Identifier(REGISTRY)
    rows(lms, sql.SQL("create role {} login bypassrls password {}").format(role, sql.Literal(password)))
    rows(lms, sql.SQL("grant usage on schema public to {}").format(role))
    rows(lms, sql.SQL("grant select, insert, update, delete on all tables in schema public to {}").format(role))
    for table in TABLES:
        rows(lms, sql.SQL("revoke all on {} from {}").format(sql.Identifier(table), role))
    for grant in grants(REGISTRY, application_rights()):
        rows(lms, sql.Composed([grant]))


@contextmanager
def running(pair: Pair, names: dict[str, str], settings: dict[str, str], folder: Path) -> Iterator[Sites]:
    """Both applications.

    Args:
        pair: the servers.
        names: the databases.
        settings: roles and passwords, as `edu2lms demo --keep` writes them.
        folder: for logs.
    """
    with ExitStack() as stack:
        paths = {
            name: stack.enter_context(BadNetwork(lambda name=name: f"{pair.clusters[name].socket_dir}/.s.PGSQL.{PORT}"))  # type: ignore[misc]
            for name in ("lms", "edu")
        }
        sites = Sites(pair, paths, names)
        for name in COMMANDS:
            sites.sites[name] = stack.enter_context(_site(name, sites, settings, folder))
        sites.wait_for("lms")
        yield sites


@contextmanager
def _site(name: str, sites: Sites, settings: dict[str, str], folder: Path) -> Iterator[Site]:
    port, log = _free_port(), folder / f"{name}.log"
    environment = {**os.environ, **settings, **FAST, "PYTHONPATH": str(ROOT), "BIND": f"127.0.0.1:{port}"}
    environment["AUDIT_SPOOL_DIR"] = str(folder / f"spool-{name}")
    for database, path in sites.paths.items():
        prefix = database.upper()
        environment |= {f"{prefix}_HOST": "127.0.0.1", f"{prefix}_PORT": str(path.port)}
        environment |= {f"{prefix}_DBNAME": sites.names[database]}
    command = [sys.executable, *(part.format(port=port) for part in COMMANDS[name])]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=output, stderr=output)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            until(lambda: process.poll() is not None or _answers(client), 60)
            assert process.poll() is None, log.read_text()
            yield Site(name, client, log)
    finally:
        process.terminate()
        process.wait(20)


def _answers(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/health/ready").status_code == 200
    return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
