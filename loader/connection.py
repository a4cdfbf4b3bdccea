"""Opening connections, with errors that say where and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from loader.config import Settings
from loader.errors import ConnectError

Connection = psycopg.Connection[Any]

_CAN_NOTICE_LOST_CLIENTS = 140000
"""Else the server goes on for a program that was killed until its statement is done, and keeps locks that the next run needs."""


def connect(settings: Settings, database: str, conninfo: str) -> Connection:
    """Connect once, without retries, in autocommit.

    Args:
        settings: for the message only.
        database: `lms` or `edu`.
        conninfo: one of the connection strings of the settings.

    Raises:
        ConnectError: the server does not answer or refuses.
    """
    parts = conninfo_to_dict(conninfo)
    try:
        connection = psycopg.connect(conninfo, autocommit=True)
    except psycopg.OperationalError as error:
        reason = settings.mask(one_line(error))
        raise ConnectError(
            database=database,
            where=settings.where(database),
            user=parts.get("user", ""),
            reason=reason,
            fix=_fix(database, reason, settings),
        ) from None
    # A role or database may be set to another style, which psycopg cannot read.
    if not (connection.info.parameter_status("DateStyle") or "").startswith("ISO"):
        connection.execute("set datestyle to ISO")
    if connection.info.server_version >= _CAN_NOTICE_LOST_CLIENTS:
        with suppress(psycopg.Error):  # the operating system of the server must be able to do it
            connection.execute("set client_connection_check_interval = 1000")
    return connection


@contextmanager
def connected(settings: Settings, database: str, conninfo: str) -> Iterator[Connection]:
    """A connection in autocommit that is closed at the end."""
    connection = connect(settings, database, conninfo)
    try:
        yield connection
    finally:
        connection.close()


def one_line(error: BaseException) -> str:
    """The first line of what PostgreSQL said, with its detail."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        parts = (error.diag.message_primary, error.diag.message_detail)
        return ". ".join(part for part in parts if part)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return re.sub(r"\s+", " ", "; ".join(lines))


def _fix(database: str, reason: str, settings: Settings) -> str:
    prefix = database.upper()
    admin = settings.lms_admin_user if database == "lms" else settings.edu_admin_user
    if f'"{admin}"' in reason and "password" in reason:
        return f"correct {prefix}_ADMIN_USER and {prefix}_ADMIN_PASSWORD."
    if "password" in reason or "role" in reason:
        return f"correct {prefix}_USER and {prefix}_PASSWORD, or run `edu2lms prepare`, which makes the role with this password."
    if "database" in reason and "does not exist" in reason:
        return f"correct {prefix}_DBNAME."
    return f"start the server, or correct {prefix}_HOST and {prefix}_PORT."
