"""Which rows have been written since the last load, told by the transactions that wrote them and not by their content.

PostgreSQL changes a row by writing another version of it, and every version carries the number of the transaction that wrote it
(xmin). When a snapshot is taken, all transactions before a certain one, the horizon, have ended. A version from before the
horizon that is still visible was visible then, with the same content; so whatever was inserted or changed since is among the
versions that are not from before it. What was deleted since is missing in the number of rows.

This holds for one table of one cluster, as long as transaction numbers do not come round again; where anything else cannot be
excluded (a standby, a restored backup, another server, another shape of the table, row security), nothing is believed, and block
checksums tell what has changed. Of a copy in lms the same is asked, so that one edited by hand is not believed either.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from loader import queries
from loader.checksums import RowHashes, Side
from loader.project import SourceTable

_COMES_ROUND = 1 << 31
_MARGIN = 1 << 24
"""While a load is at work, so many transactions more may begin."""
_PAUSE = 0.02
_WRITTEN = sql.SQL("age(copied.xmin) <= (select age({horizon}::xid))")
_BY_OTHERS = sql.SQL("({written} and copied.xmin <> all({own}::xid[]))")


@dataclass(frozen=True, slots=True)
class Versions:
    """From which transaction on a row of a table counts as written since.

    Attributes:
        cluster: identifier and timeline of the cluster.
        shape: identifier and columns of the table.
        horizon: number of the transaction; all before it had ended.
        own: numbers of later transactions that do not count: they are ours, or had ended by then.
        has_key: ids are unique and never NULL.
    """

    cluster: str
    shape: str
    horizon: int
    own: tuple[int, ...] = ()
    has_key: bool = False

    def since(self, now: Versions | None) -> bool:
        """Can this, of an earlier moment, tell what has been written until now?"""
        if now is None or (self.cluster, self.shape) != (now.cluster, now.shape):
            return False
        return 0 <= now.horizon - self.horizon < _COMES_ROUND - _MARGIN

    @property
    def written(self) -> sql.Composed:
        """The condition for rows that have been written since."""
        written = _WRITTEN.format(horizon=sql.Literal(_short(self.horizon)))
        return _BY_OTHERS.format(written=written, own=sql.Literal(_array(self.own))) if self.own else written

    def as_json(self) -> dict[str, Any]:
        """For the ledger."""
        return {"cluster": self.cluster, "shape": self.shape, "horizon": self.horizon, "own": list(self.own)}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Versions:
        """From the ledger."""
        return cls(kept["cluster"], kept["shape"], kept["horizon"], tuple(kept["own"]))


def _array(transactions: Sequence[int]) -> str:
    return f"{{{','.join(map(_short, transactions))}}}"


def _short(transaction: int) -> str:
    """A transaction's number as rows carry it: 32 bits."""
    return str(transaction & 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Moment:
    """What one side can tell in the snapshot of its transaction.

    Attributes:
        tables: by name; a table whose row versions do not tell what has been written is left out.
        log_end: everything that is visible stands in the log before this position.
        seen_at: when, by the clock of the server.
    """

    tables: dict[str, Versions]
    log_end: str = ""
    seen_at: datetime | None = None


def moment(side: Side, tables: Sequence[SourceTable], *, guarded: bool = False) -> Moment:
    """Look at one side in the snapshot of the current transaction.

    Args:
        side: where.
        tables: which.
        guarded: policies do not matter: somebody else makes sure that they hide nothing.
    """
    (readable,) = side.connection.execute(queries.read("versions_readable")).fetchone() or (False,)
    if not readable:
        return Moment({})
    with side.connection.cursor(row_factory=dict_row) as cursor:
        (snapshot,) = cursor.execute(queries.read("versions_snapshot"), {}).fetchall()
        names = {"schema": side.schema, "tables": [table.name for table in tables], "guarded": guarded}
        found = cursor.execute(queries.read("versions_tables"), names).fetchall()
    cluster, horizon = snapshot["cluster"], snapshot["horizon"]
    versions = {row["table_name"]: Versions(cluster, row["shape"], horizon, has_key=row["has_key"]) for row in found}
    return Moment(versions, snapshot["log_end"], snapshot["seen_at"])


def is_durable(side: Side, then: Moment, *, wait: bool = False) -> bool:
    """Can no crash take back what was visible at that moment?

    Args:
        side: the same side.
        then: the moment.
        wait: until it cannot: three delays of the writer of the log, 0.6 seconds by default, if nobody else makes it write.
    """
    values = {"log_end": then.log_end, "seen_at": then.seen_at}
    while then.log_end:
        (durable,) = side.connection.execute(queries.read("versions_durable"), values).fetchone() or (False,)
        if durable or not wait:
            return bool(durable)
        time.sleep(_PAUSE)
    return False


def count(side: Side, table: SourceTable, since: Versions) -> tuple[int, int]:
    """Rows of a table, and how many of them have been written since."""
    query = side.fill("versions_count", table, written=since.written)
    found = side.connection.execute(query).fetchone() or (0, 0)
    return found[0], found[1]


def claimed(side: Side, table: SourceTable, now: Versions) -> Versions:
    """Whoever wrote a row that can be seen now has ended and writes nothing more: these count as before this moment, too.

    While somebody's older transaction goes on, whatever it may do, the horizon stays before it and so before earlier loads.
    The moment is the snapshot of the transaction; of a copy that we have locked against writers, any since then.
    """
    query = side.fill("versions_writers", table, written=now.written)
    writers = (now.horizon + ((number - now.horizon) & 0xFFFFFFFF) for (number,) in side.connection.execute(query))
    return replace(now, own=tuple(writers))


def written(side: Side, table: SourceTable, since: Versions) -> RowHashes:
    """Ids and hashes of the rows that have been written since."""
    query = side.fill("versions_rows", table, written=since.written)
    ids, hashes = side.connection.execute(query).fetchone() or ("{}", "{}")
    return RowHashes(ids, hashes)
