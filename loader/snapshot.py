"""One snapshot of edu, read by the read-only role over a connection of its own, beside the work in lms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import ParamSpec, TypeVar

import psycopg
from psycopg import IsolationLevel, sql

from loader.checksums import Side, pin_settings
from loader.connection import Connection
from loader.project import SourceTable

_CANCEL_TIMEOUT = 5.0
_LOCK_TIMEOUT = "10s"
"""How long to wait for somebody who alters a table of edu: we may hold locks that he waits for."""

P = ParamSpec("P")
T = TypeVar("T")


class Snapshot:
    """edu as it was at one moment. Its questions are asked by one thread, in order, while the caller does something else."""

    def __init__(self, side: Side, executor: ThreadPoolExecutor) -> None:
        """Use `snapshot`."""
        self.side = side
        self._executor = executor

    def export(self) -> str:
        """The name under which other transactions can import it, as long as it is held. To be called before anything is asked."""
        (name,) = self.side.connection.execute("select pg_export_snapshot()").fetchone() or ("",)  # it returns a row
        return str(name)

    def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a method of `side` in the thread of edu."""
        return self._executor.submit(question, *args, **kwargs)


def open_side(edu: Connection, *, recode: bool) -> Side:
    """The schema of edu that is copied, for a connection whose settings are pinned here."""
    pin_settings(edu, lock_timeout=_LOCK_TIMEOUT)
    return Side(edu, "public", recode=recode)


@contextmanager
def snapshot(side: Side, tables: Sequence[SourceTable], *, now: Callable[[str], None] = lambda _: None) -> Iterator[Snapshot]:
    """Hold one snapshot of edu for the block.

    Args:
        side: edu, from `open_side`.
        tables: nobody can alter or empty them until the block ends; a table that is truncated looks empty in every snapshot.
        now: is told the name of the table that is waited for.
    """
    with holding(side, tables, now=now), ThreadPoolExecutor(1, "edu") as executor:
        try:
            yield Snapshot(side, executor)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            with suppress(psycopg.Error):  # where edu is gone, that is not news
                side.connection.cancel_safe(timeout=_CANCEL_TIMEOUT)  # nobody waits for a checksum that nobody wants any more
            raise


@contextmanager
def holding(
    side: Side,
    tables: Sequence[SourceTable],
    *,
    exported: str | None = None,
    isolation: IsolationLevel = IsolationLevel.REPEATABLE_READ,
    now: Callable[[str], None] = lambda _: None,
) -> Iterator[None]:
    """A transaction in edu that keeps the tables as they are.

    Args:
        side: edu, from `open_side`.
        tables: these.
        exported: the snapshot, which another transaction holds and has exported; a new one by default.
        isolation: READ COMMITTED: only the tables are held.
        now: as of `snapshot`.
    """
    edu = side.connection
    edu.isolation_level, edu.read_only = isolation, True
    with edu.transaction():
        if exported is not None:
            edu.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(exported)))
        for table in tables:
            now(table.name)
            edu.execute(side.fill("load_touch", table))
        yield
