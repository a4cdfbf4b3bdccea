"""The audit schema on real servers: on an lms that has never had one, and on one with the older audit_logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from audit_world import WITHOUT_LOG, copied, prepared
from demo_servers import DemoServers

from loader.demo.demo import Pair


@pytest.fixture(scope="session")
def fresh(demo_pair: Pair) -> Iterator[DemoServers]:
    """Prepared, and there was no log before: everything is captured. Shared: a test looks at its own rows only."""
    with copied(demo_pair, "audit_fresh", setup=WITHOUT_LOG) as demo:
        prepared(demo)
        yield demo


@pytest.fixture
def older_copy(demo_pair: Pair) -> Iterator[Callable[..., DemoServers]]:
    """A factory of unprepared copies with the older audit_logs: `older_copy("SQL that is run first")`."""
    with ExitStack() as stack:
        names = iter(range(100))
        yield lambda setup="": stack.enter_context(copied(demo_pair, f"audit_copy_{next(names)}", setup=setup))


@pytest.fixture
def owner(fresh: DemoServers) -> Iterator[psycopg.Connection]:
    """A transaction of the owner in the fresh lms, rolled back at the end."""
    with psycopg.connect(fresh.lms_admin) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def application(fresh: DemoServers) -> Iterator[psycopg.Connection]:
    """A transaction of the application in the fresh lms, rolled back at the end."""
    with psycopg.connect(fresh.settings.lms_app) as connection:
        yield connection
        connection.rollback()
