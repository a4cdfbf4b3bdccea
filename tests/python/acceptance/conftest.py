"""Databases for whole migrations. They are expensive: the tests of a folder share them, and none changes them for others."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from databases import Databases
from psycopg import sql
from psycopg.conninfo import make_conninfo

from loader.demo.demo import Pair
from loader.demo.fill import fill


@pytest.fixture(scope="session")
def make_databases(demo_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Databases]:
    """A factory of filled, prepared databases with roles of their own: `make_databases(name, damaged=False)`.

    They end with their servers.
    """

    def make(name: str, *, damaged: bool = False) -> Databases:
        names = {"edu": f"edu_{name}", "lms": f"lms_{name}"}
        for original, copy in names.items():
            template = "template1" if damaged else original
            with psycopg.connect(demo_pair.clusters[original].conninfo(), autocommit=True) as connection:
                create = sql.SQL("create database {} template {}").format(sql.Identifier(copy), sql.Identifier(template))
                connection.execute(create)
        edu, lms = (make_conninfo(getattr(demo_pair, original), dbname=copy) for original, copy in names.items())
        if damaged:
            fill(edu, lms, scale=0.01, damaged=True, report=lambda _: None)
        settings = demo_pair.environment()
        settings |= {"EDU_DBNAME": names["edu"], "EDU_USER": f"edu_reader_{name}"}
        settings |= {"LMS_DBNAME": names["lms"], "LMS_USER": f"edu2lms_{name}"}
        databases = Databases(edu, lms, settings, tmp_path_factory.mktemp(name))
        databases.edu2lms("prepare")
        return databases

    return make
