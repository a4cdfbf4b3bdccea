"""Statistics of the copies: dbt plans with them, and views on the copies are not analysed by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from psycopg import sql

from loader.checksums import Side
from loader.config import Settings
from loader.connection import Connection, connected
from loader.errors import ConnectError
from loader.project import SourceTable


def analyze(settings: Settings, copy: Side, tables: Sequence[SourceTable]) -> None:
    """By two sessions, since one keeps one processor busy; by one, where lms takes no other.

    Args:
        settings: for the second session.
        copy: the copies, over a connection outside a transaction.
        tables: these; each session takes every other one, in this order.

    Raises:
        psycopg.Error: lms failed.
    """

    def take(lms: Connection, some: Sequence[SourceTable]) -> None:
        if some:
            lms.execute(sql.SQL("analyze {}").format(sql.SQL(", ").join(map(copy.relation, some))))

    def beside(some: Sequence[SourceTable]) -> Sequence[SourceTable]:
        """What is left."""
        if some:
            try:
                with connected(settings, "lms", settings.lms) as lms:
                    take(lms, some)
            except ConnectError:
                return some
        return ()

    with ThreadPoolExecutor(1, "statistics") as executor:
        others = executor.submit(beside, tables[1::2])
        take(copy.connection, tables[::2])
        take(copy.connection, others.result())
