"""One migrated copy. Each corruption happens in a transaction of its own that is rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from corruptible import Corruptible
from databases import Databases, rows
from enrichment import ENRICHMENT

AS_OF = "{as_of_date: '2024-03-01'}"


@pytest.fixture(scope="session")
def migrated(make_databases: Callable[..., Databases]) -> Databases:
    """Published at once, with terms that run and terms that are over, and with every kind of row."""
    databases = make_databases("mutations")
    rows(databases.edu, ENRICHMENT)
    databases.edu2lms("run", "--publish", "--vars", AS_OF)
    return databases


@pytest.fixture(scope="session")
def copy(migrated: Databases) -> Iterator[Corruptible]:
    """The connection on which it is corrupted and verified."""
    with psycopg.connect(migrated.lms) as connection:
        yield Corruptible.open(connection, migrated.settings["LMS_USER"])
        connection.rollback()
