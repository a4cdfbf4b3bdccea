"""Brings a copy forward to the snapshot by the row versions that have been written in edu since the last load."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from psycopg import sql

from loader import queries
from loader.checksums import Checksum, RowHashes, Side
from loader.differences import Difference
from loader.project import SourceTable
from loader.snapshot import Snapshot

Fetch = Callable[[tuple[int, ...]], None]
"""Copies the rows with these ids from the snapshot."""

_BLOCKS_PER_ROW = 64
"""Two rows that are gone seldom share a block."""
_FEWEST_BLOCKS, _MOST_BLOCKS = 1 << 8, 1 << 16
_FEW = sql.SQL("(hashint8extended({id}, 0) & {mask})")


class Tally(NamedTuple):
    """Rows and ids of each block, as PostgreSQL writes arrays."""

    blocks: str
    row_counts: str
    ids: str


class Forward:
    """One table on its way from the last load to the snapshot: `replace`, `ask_what_is_gone`, `remove`.

    Each of them for all tables before the next one: edu counts while the copies are counted here, and no row waits behind that.
    """

    def __init__(self, copy: Side, edu: Snapshot, table: SourceTable, before: Checksum, rows: int) -> None:
        """Describe it.

        Args:
            copy: schema staging, where the table holds what edu held at the last load.
            edu: the snapshot.
            table: the table; its ids are unique.
            before: checksum of the copy.
            rows: number of rows that edu has now.
        """
        self.copy = copy
        self.edu = edu
        self.table = table
        self.rows = rows
        self.now = before
        self.difference = Difference()
        self._proven = True
        self._theirs: Future[Tally] | None = None

    def replace(self, written: RowHashes, fetch: Fetch) -> None:
        """Replace the rows that have been written and are other than here.

        Args:
            written: ids and hashes of the rows that have been written in edu since.
            fetch: copies rows of the snapshot.
        """
        query = self.copy.fill("versions_differences", self.table)
        found = self.copy.connection.execute(query, {"ids": written.ids, "hashes": written.hashes}).fetchone()
        inserted, changed, before, after, ids, places = found or (0, 0, 0, 0, [], "{}")  # it returns a row
        if ids:
            self.copy.connection.execute(self.copy.fill("versions_delete", self.table), {"places": places})
            fetch(tuple(ids))
            self._proven = self._checksum("versions_proof") == Checksum(len(ids), int(after))
        self.now = Checksum(self.now.rows + inserted, self.now.total - int(before) + int(after))
        self.difference = Difference(inserted, changed, self.now.rows - self.rows, tuple(ids))

    def ask_what_is_gone(self) -> None:
        """Have edu count its rows when the copy has some too many."""
        if self.difference.deleted:
            self._theirs = self.edu.ask(self._tally, self.edu.side)

    def remove(self) -> bool:
        """Remove the rows that are gone; has the copy become what it should? If not, nobody knows what it is."""
        if self._theirs:
            # The copy holds every row of edu by now: a block with other rows holds some too many.
            ours = self._tally(self.copy)
            tallies = {**ours._asdict(), **{f"edu_{name}": array for name, array in self._theirs.result()._asdict().items()}}
            query = queries.read("versions_gone")
            gone, several = self.copy.connection.execute(query, tallies).fetchone() or ("{}", "{}")
            present = self.edu.ask(self._ids, several).result() if several != "{}" else several
            removed = self._checksum("versions_delete_gone", gone=gone, blocks=several, present=present)
            self.now = Checksum(self.now.rows - removed.rows, self.now.total - removed.total)
        return self._proven and self.now.rows == self.rows

    def _tally(self, side: Side) -> Tally:
        found = side.connection.execute(self._fill(side, "versions_tally")).fetchone()
        return Tally(*(array or "{}" for array in found or (None, None, None)))

    def _ids(self, blocks: str) -> str:
        query = self._fill(self.edu.side, "versions_ids")
        (ids,) = self.edu.side.connection.execute(query, {"blocks": blocks}).fetchone() or ("{}",)
        return str(ids)

    def _checksum(self, query: str, **values: object) -> Checksum:
        rows, total = self.copy.connection.execute(self._fill(self.copy, query), values).fetchone() or (0, 0)
        return Checksum(rows, int(total))

    def _fill(self, side: Side, query: str) -> sql.Composed:
        blocks = min(max(1 << (self.difference.deleted * _BLOCKS_PER_ROW).bit_length(), _FEWEST_BLOCKS), _MOST_BLOCKS)
        return side.fill(query, self.table, few=side.condition(self.table, _FEW, mask=blocks - 1))
