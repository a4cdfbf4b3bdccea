"""Whole migrations at a small scale: one in two batches after a dry run, one at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest
from databases import Databases, Step, content, ledger
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from loader.demo.demo import Pair

AS_OF = "{as_of_date: '2024-03-01'}"


def _step(databases: Databases, *arguments: str) -> Step:
    before = content(databases.lms)
    document = databases.document("run", *arguments)
    return Step(databases, document, before, content(databases.lms), ledger(databases.lms))


@pytest.fixture(scope="session")
def dry_run(make_databases: Callable[..., Databases]) -> Step:
    """`edu2lms run`, without `--publish`."""
    return _step(make_databases("batches"))


@pytest.fixture(scope="session")
def small_batch(dry_run: Step) -> Step:
    """Then twenty sections, published. The tests read a copy, because the full run follows in the same databases."""
    step = _step(dry_run.databases, "--courses", "20", "--publish", "--vars", AS_OF)
    name = str(conninfo_to_dict(step.databases.lms)["dbname"])
    with psycopg.connect(make_conninfo(step.databases.lms, dbname="postgres"), autocommit=True) as connection:
        copy = sql.SQL("create database {} template {}").format(sql.Identifier(f"{name}_small"), sql.Identifier(name))
        connection.execute(copy)
    return replace(step, databases=replace(step.databases, lms=make_conninfo(step.databases.lms, dbname=f"{name}_small")))


@pytest.fixture(scope="session")
def completed(small_batch: Step, dry_run: Step) -> Step:  # noqa: ARG001  (the order is the point)
    """Then everything that the small batch left, in the same databases."""
    return _step(dry_run.databases, "--publish", "--vars", AS_OF)


@pytest.fixture(scope="session")
def at_once(make_databases: Callable[..., Databases]) -> Step:
    """The same data, published in one run. Shared: whoever changes it must roll back."""
    return _step(make_databases("once"), "--publish", "--vars", AS_OF)


@pytest.fixture(scope="session")
def untouched(demo_pair: Pair) -> str:
    """lms before any migration, for comparison."""
    return demo_pair.lms
