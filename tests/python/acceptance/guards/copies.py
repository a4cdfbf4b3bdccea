"""Copies of a migrated pair."""

from __future__ import annotations

from dataclasses import replace

import psycopg
from databases import Databases
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loader.config import Settings


def copy_of(databases: Databases, name: str) -> Databases:
    """A copy of a migrated lms, with the same roles; one of that name that was there before goes."""
    template = str(conninfo_to_dict(databases.lms)["dbname"])
    with psycopg.connect(make_conninfo(databases.lms, dbname="postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        create = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
        connection.execute(create)
    return replace(databases, lms=make_conninfo(databases.lms, dbname=name), settings={**databases.settings, "LMS_DBNAME": name})


def settings_of(databases: Databases) -> Settings:
    """The settings that lead to these databases."""
    return Settings(**{name.lower(): value for name, value in databases.settings.items()})  # type: ignore[arg-type]
