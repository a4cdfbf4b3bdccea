"""Before anything is broken: both databases are entered as the application would, and every screen is asked once in each."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as Folder
from typing import Any

import psycopg
from pydantic import SecretStr

from database import publication, server
from database.ask import ask
from database.config import DatabaseConfig
from database.drill.errors import DrillError, Kind
from database.drill.path import Address
from database.drill.visitors import Visitor, draw, look
from database.errors import ConfigurationError, FallbackNotPublished
from database.outage import Health
from database.server import Server, Source

PUBLISH = "run `edu2lms fallback publish`"


@dataclass(frozen=True)
class Stage:
    """What a drill needs.

    Attributes:
        config: the application's settings.
        server: address of the lms that takes writes.
        visitors: who visits.
        screens: SQL by name.
        published_at: age of the fallback.
    """

    config: DatabaseConfig
    server: Address
    visitors: tuple[Visitor, ...]
    screens: Mapping[str, str]
    published_at: str


def prepare(screens: Folder) -> tuple[Stage, DatabaseConfig]:
    """Look at everything a drill needs.

    Args:
        screens: folder of the screens' SQL.

    Returns:
        the stage, and the settings of an application that reaches lms at 127.0.0.1, at a port still to be set.

    Raises:
        DrillError: names what is missing, and what to do.
    """
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(screens.glob("*.sql"))}
    if not texts:
        raise DrillError(Kind.SETTINGS, f"there is no SQL of screens in {screens}", "give the folder of examples/sql")
    try:
        config = DatabaseConfig.load()
    except ConfigurationError as error:
        fix = "set them in the environment or in .env (docs/connection-manager.md lists them)"
        raise DrillError(Kind.SETTINGS, str(error), fix) from None
    lms, edu = server.primary(config), server.fallback(config)
    with _enter(lms) as primary, _enter(edu) as fallback:
        published = _publication(fallback, edu)
        visitors = _draw(primary, lms)
        for name, text in texts.items():
            _try(primary, lms, visitors, name, text)
            _try(fallback, edu, visitors, name, text)
        address, redirected = _address(primary), _redirected(config, primary)
    return Stage(config, address, tuple(visitors), texts, published), redirected


def _enter(where: Server) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(where.conninfo)
    except psycopg.OperationalError as error:
        message = f"{where.user} cannot enter {where.source} ({where.dbname} at {where.host}:{where.port}): {_one_line(error)}"
        name = where.source.upper()
        if where.knock().health is Health.OUT:
            fix = f"a drill begins with both databases well: start {where.source}, or correct {name}_HOST and {name}_PORT"
        elif where.source is Source.LMS:
            fix = (
                "correct LMS_APP_USER, LMS_APP_PASSWORD and LMS_DBNAME: the role of the application, which must be able to write"
            )
        else:
            fix = f"{PUBLISH}, which makes the role, or correct FALLBACK_USER, FALLBACK_PASSWORD and EDU_DBNAME"
        raise DrillError(Kind.CONNECTION, message, fix) from None


def _publication(connection: psycopg.Connection[Any], edu: Server) -> str:
    try:
        found = publication.understand(ask(connection.pgconn, publication.STATEMENT, edu.connect_timeout))
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        found = publication.missing(error)
    if isinstance(found, FallbackNotPublished):
        message = f"{edu.user} finds no fallback in edu ({edu.dbname} at {edu.host}:{edu.port}): {found}"
        raise DrillError(Kind.REFUSED, message.removesuffix(f". {found.fix}"), PUBLISH)
    return found.published_at.isoformat()


def _draw(connection: psycopg.Connection[Any], lms: Server) -> list[Visitor]:
    try:
        visitors = draw(connection)
    except psycopg.ProgrammingError as error:
        raise _rights(lms, "users, students and course_instructors", error) from None
    if not visitors:
        message = f"{lms.user} sees neither students nor teachers in lms ({lms.dbname} at {lms.host}:{lms.port})"
        raise DrillError(Kind.REFUSED, message, "run `edu2lms run --publish`, or give LMS_APP_USER the rights of the application")
    return visitors


def _try(connection: psycopg.Connection[Any], where: Server, visitors: list[Visitor], name: str, text: str) -> None:
    visitor = visitors[0]
    try:
        look(connection, visitor, text, visitor.parameters(random.Random(0)))  # noqa: S311 - a page, no secret
    except psycopg.ProgrammingError as error:
        raise _rights(where, f"the screen {name}", error) from None
    except psycopg.OperationalError as error:
        message = f"the screen {name} cannot be asked in {where.source}: {_one_line(error)}"
        raise DrillError(Kind.REFUSED, message, "a drill begins with both databases well: repair that first") from None


def _rights(where: Server, what: str, error: psycopg.Error) -> DrillError:
    message = f"{where.user} cannot ask for {what} in {where.source}: {_one_line(error)}"
    if where.source is Source.EDU:
        return DrillError(Kind.REFUSED, message, f"{PUBLISH}, which gives the role its rights")
    return DrillError(Kind.REFUSED, message, "LMS_APP_USER must be the role of the application, with its rights and search_path")


def _address(connection: psycopg.Connection[Any]) -> Address:
    """Of the server that let us in: several hosts may be named."""
    info = connection.info
    if info.host.startswith("/"):
        return f"{info.host}/.s.PGSQL.{info.port}"
    return (info.hostaddr or info.host, info.port)


def _redirected(config: DatabaseConfig, connection: psycopg.Connection[Any]) -> DatabaseConfig:
    """The same settings for a way through 127.0.0.1. The name stays, so that a certificate is checked as always."""
    host = connection.info.host
    # a password of .pgpass is found by host and port, which are others now
    password = SecretStr(connection.info.password) if connection.info.password else config.lms_app_password
    if host.startswith("/"):  # nothing to encrypt there, and nothing that could
        changes: dict[str, Any] = {"lms_host": "127.0.0.1", "lms_params": {**config.lms_params, "sslmode": "disable"}}
    else:
        changes = {"lms_host": host, "lms_params": {**config.lms_params, "hostaddr": "127.0.0.1"}}
    return config.model_copy(update={**changes, "lms_app_password": password})


def _one_line(error: psycopg.Error) -> str:
    return " ".join((error.diag.message_primary or str(error)).split())
