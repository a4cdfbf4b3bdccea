"""One snapshot of edu, read by the read-only role over a connection of its own, beside the work in lms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

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

    def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a method of `side` in the thread of edu."""
        return self._executor.submit(question, *args, **kwargs)


def open_side(edu: Connection, *, recode: bool) -> Side:
    """The schema of edu that is copied, for a connection whose settings are pinned here."""
    pin_settings(edu, lock_timeout=_LOCK_TIMEOUT)
    return Side(edu, "public", recode=recode)


@contextmanager
def snapshot(
    side: Side, tables: Sequence[SourceTable], *, exported: str | None = None, now: Callable[[str], None] = lambda _: None
) -> Iterator[Snapshot]:
    """Hold one snapshot of edu for the block.

    Args:
        side: edu, from `open_side`.
        tables: nobody can alter or empty them until the block ends; a table that is truncated looks empty in every snapshot.
        exported: the snapshot, which another transaction holds and has exported; a new one by default.
        now: is told the name of the table that is waited for.
    """
    with holding(side, tables, exported=exported, now=now), ThreadPoolExecutor(1, "edu") as executor:
        try:
            yield Snapshot(side, executor)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            side.connection.cancel_safe(timeout=_CANCEL_TIMEOUT)  # nobody waits for a checksum that nobody wants any more
            raise


@contextmanager
def holding(
    side: Side, tables: Sequence[SourceTable], *, exported: str | None = None, now: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """A transaction in edu with one snapshot, which keeps the tables as they are; the arguments are those of `snapshot`."""
    edu = side.connection
    edu.isolation_level, edu.read_only = IsolationLevel.REPEATABLE_READ, True
    with edu.transaction():
        if exported is not None:
            edu.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(exported)))
        for table in tables:
            now(table.name)
            edu.execute(side.fill("load_touch", table))
        yield
