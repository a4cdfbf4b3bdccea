"""How whole tables get from edu into lms: through this program, or from server to server through the foreign tables.

Setting EDU2LMS_COPY_THROUGH decides. Through this program is faster, and reads the very snapshot of edu that the checksums are
computed in; it wants a good path from here to both servers, since all rows take it. The foreign tables want little of this
machine but read a snapshot of their own, so that what somebody writes in edu between the two has to be repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Protocol

from psycopg import IsolationLevel, sql

from loader.checksums import Side
from loader.project import SourceTable
from loader.snapshot import Snapshot, holding
from loader.stream import form, pour

Told = Callable[[int], None]
"""Is told how many more rows are on their way."""


class Transfer(Protocol):
    """One way."""

    def hold(self, tables: Sequence[SourceTable], now: Callable[[str], None]) -> AbstractContextManager[None]:
        """From here on nobody can alter or empty the tables of edu. Within lms's transaction, before the snapshot.

        Args:
            tables: all that may be copied.
            now: is told the name of the table that is waited for.
        """

    def see(self, snapshot: Snapshot, tables: Sequence[SourceTable], now: Callable[[str], None]) -> None:
        """Read this snapshot from now on, if that can be."""

    def copy(self, table: SourceTable, told: Told) -> None:
        """Add all rows of edu to the empty copy.

        Raises:
            SourceError: edu failed.
            psycopg.Error: lms failed.
        """


class Stream:
    """COPY into COPY, through this program."""

    def __init__(self, source: Side, copy: Side) -> None:
        """Describe it.

        Args:
            source: edu, over a connection that does nothing else.
            copy: the copies, over the connection of the load.
        """
        self.source, self._copy = source, copy
        self._holding = ExitStack()

    @contextmanager
    def hold(self, tables: Sequence[SourceTable], now: Callable[[str], None]) -> Iterator[None]:
        """As `Transfer` says: who truncates a table has committed before the snapshot is taken, or comes when it is too late.

        Whoever queues for a table after this and before the snapshot's session has it, too, stands between the two, until a
        lock time-out ends the load.
        """
        with ExitStack() as self._holding:
            self._holding.enter_context(holding(self.source, tables, isolation=IsolationLevel.READ_COMMITTED, now=now))
            yield

    def see(self, snapshot: Snapshot, tables: Sequence[SourceTable], now: Callable[[str], None]) -> None:
        """As `Transfer` says; in this moment, too, somebody may come to stand between the two sessions."""
        exported = snapshot.export()
        self._holding.close()  # the snapshot's session holds the tables by now
        self._holding.enter_context(holding(self.source, tables, exported=exported, now=now))

    def copy(self, table: SourceTable, told: Told) -> None:
        """As `Transfer` says."""
        out, into = through(self.source, self._copy, table, sql.SQL("true"))
        pour(self.source.connection, out, self._copy.connection, into, told)


class ForeignTables:
    """INSERT … SELECT from the foreign tables."""

    def __init__(self, source: Side, copy: Side) -> None:
        """Describe it.

        Args:
            source: edu, where somebody who alters a table is not waited for long.
            copy: the copies, over the connection of the load.
        """
        self.source, self._copy = source, copy
        self._foreign = Side(copy.connection, "edu_fdw", recode=copy.recode)

    @contextmanager
    def hold(self, tables: Sequence[SourceTable], now: Callable[[str], None]) -> Iterator[None]:
        """As `Transfer` says."""
        for table in tables:
            # Whoever is altering a table of edu is not waited for long: the foreign tables know no time-out.
            now(table.name)
            self.source.connection.execute(self.source.fill("load_touch", table))
        for table in tables:
            # postgres_fdw opens one transaction in edu, REPEATABLE READ, for all tables. It must have all its locks there before
            # another connection takes its own: whoever alters a table of edu would stand between the two.
            now(table.name)
            self._copy.connection.execute(self._foreign.fill("load_touch", table))
        yield

    def see(self, snapshot: Snapshot, tables: Sequence[SourceTable], now: Callable[[str], None]) -> None:
        """They see their own."""

    def copy(self, table: SourceTable, told: Told) -> None:  # noqa: ARG002  (the rows do not come this way)
        """As `Transfer` says."""
        columns, foreign = columns_of(table), self._foreign.relation(table)
        self._copy.connection.execute(self._copy.fill("load_copy_whole", table, columns=columns, foreign=foreign))


def columns_of(table: SourceTable) -> sql.Composed:
    """The declared columns, for a statement."""
    return sql.SQL(", ").join(map(sql.Identifier, table.column_names))


def through(source: Side, copy: Side, table: SourceTable, condition: sql.Composable) -> tuple[sql.Composed, sql.Composed]:
    """The two statements that take some rows of edu into the copy: COPY … TO STDOUT, COPY … FROM STDIN."""
    columns, shape = columns_of(table), form(table.columns)
    out = source.fill("load_fetch", table, columns=columns, form=shape, condition=condition)
    return out, copy.fill("load_pour", table, columns=columns, form=shape)
