"""Copies of the filled databases, prepared, and what the tests of the audit schema share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from demo_servers import DemoServers
from psycopg import sql
from psycopg.conninfo import make_conninfo

from loader.demo.demo import Pair
from loader.prepare import prepare
from loader.project import Project
from loader.results import PrepareResult

# What an lms without any log has not got: the older table, and the triggers of the application that write to it.
WITHOUT_LOG = "drop table public.audit_logs cascade; drop function public.write_audit_log() cascade"

SNIPPET = """
    INSERT INTO audit_logs (
        user_id, action_type, request_path,
        ip_address, response_status
    ) VALUES (%s, %s, %s, %s, %s)
"""


def prepared(demo: DemoServers, **changes: Any) -> PrepareResult:
    """`edu2lms prepare`."""
    settings = demo.settings.model_copy(update=changes)
    return prepare(settings, Project.find().tables, dry_run=False, report=lambda _: None)


@contextmanager
def copied(pair: Pair, name: str, *, setup: str = "") -> Iterator[DemoServers]:
    """A copy of the filled databases, with roles of its own, in which something was done before `prepare`."""
    names = {"edu": f"edu_{name}", "lms": f"lms_{name}"}
    for original, copy in names.items():
        with psycopg.connect(pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template {}").format(sql.Identifier(copy), sql.Identifier(original)))
    env = pair.environment() | {"EDU_DBNAME": names["edu"], "EDU_USER": f"edu_reader_{name}"}
    env |= {"LMS_DBNAME": names["lms"], "LMS_USER": f"edu2lms_{name}"}
    edu, lms = make_conninfo(pair.edu, dbname=names["edu"]), make_conninfo(pair.lms, dbname=names["lms"])
    if setup:
        with psycopg.connect(lms) as connection:
            connection.execute(setup.encode())
    yield DemoServers(edu, lms, env, pair.root)
    for original, copy in names.items():
        with psycopg.connect(pair.clusters[original].conninfo(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(copy)))


def one(connection: psycopg.Connection, statement: str, *parameters: object) -> tuple[Any, ...]:
    """The only row."""
    (row,) = connection.execute(statement.encode(), parameters or None).fetchall()
    return row
