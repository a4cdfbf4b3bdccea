"""Checksums of tables that edu and lms compute alike, whatever their versions and settings.

The hash of a row chains one hash per declared column: the hash so far is part of the seed of the next, so that exchanged
columns, NULL and empty text, and values that moved to another row all count. A checksum is the sum of the row hashes with
their number: the order of the rows does not matter, and repeated rows do not cancel each other out.

The functions are those of hash partitioning, whose results PostgreSQL keeps from version to version. Integers and timestamps go
in as they are, which costs a third of hashing the text of the row; everything else goes in as text under pinned settings.

A table is compared in blocks. Which block a row belongs to follows from its id: neighbours of 32 ids stay together, since they
lie together in memory and tend to change together, and their hash decides, so that there are no borders to remember, to move or
to mistrust, and the blocks stay even however the ids are made.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from loader import queries
from loader.connection import Connection
from loader.differences import Difference
from loader.project import SourceTable

_INTEGERS = ("smallint", "integer", "bigint")
# 0 and NULL go in with different seeds, so that no value is mistaken for NULL.
_INTEGER = sql.SQL("hashint8extended(coalesce({column}, 0), {seed} # coalesce({column}, 1))")
_TEXT = sql.SQL("hashtextextended(coalesce({column}::text, '') collate \"C\", {seed} # ({column} is null)::integer)")
# The hash of a timestamp folds its 64 bits into 32, in which two of the same hour never agree: so the hour goes in, too.
_TIMESTAMP = sql.SQL(
    "timestamp_hash_extended(date_bin('1 hour', {moment}, '2000-01-01'), "
    "timestamp_hash_extended({moment}, {seed} # ({column} is null)::integer))"
)
_MOMENTS = {
    "timestamp with time zone": sql.SQL("timezone(interval '0', coalesce({column}, 'epoch'))"),
    "timestamp without time zone": sql.SQL("coalesce({column}, 'epoch')"),
}
# Where the encodings differ, the same text is other bytes.
_RECODED = sql.SQL("coalesce(md5(convert_to({column}::text, 'UTF8')), '')")
_RECODED_TEXT = sql.SQL('hashtextextended({text} collate "C", {seed} # ({column} is null)::integer)')

_WITH_ID, _WITHOUT_ID = sql.SQL("{}::bigint"), sql.SQL("null::bigint")
_BLOCK_ID = sql.SQL("hashint8extended(coalesce({id}, 0) >> 5, 0)")


@dataclass(frozen=True, slots=True)
class Checksum:
    """Number of rows and sum of their hashes."""

    rows: int = 0
    total: int = 0

    def __add__(self, other: Checksum) -> Checksum:
        """Both together."""
        return Checksum(self.rows + other.rows, self.total + other.total)

    @property
    def fingerprint(self) -> str:
        """As the ledger keeps it."""
        return f"{self.total}:{self.rows}"

    @classmethod
    def parse(cls, fingerprint: str) -> Checksum:
        """From the ledger."""
        total, _, rows = fingerprint.partition(":")
        return cls(int(rows), int(total))


Blocks = dict[int, Checksum]
"""Checksums by number of the block; empty blocks are left out."""

_ROWS_PER_BLOCK = 64
"""Scattered changes hit few rows beside them."""
_MOST_BLOCKS = 1 << 16
_ROWS_AT_A_TIME = 1_000_000
"""So many rows (id and hash) are compared in one statement."""


def block_count(rows: int) -> int:
    """In how many blocks a table of about so many rows is compared: a power of two."""
    return min(1 << (max(rows, 1) // _ROWS_PER_BLOCK).bit_length(), _MOST_BLOCKS)


def together(blocks: Blocks) -> Checksum:
    """The checksum of all blocks."""
    return sum(blocks.values(), Checksum())


def differing(first: Blocks, second: Blocks) -> list[int]:
    """Numbers of the blocks that are not the same in both."""
    return sorted(number for number in first.keys() | second.keys() if first.get(number) != second.get(number))


def portions(numbers: Sequence[int], edu: Blocks, copy: Blocks) -> Iterator[list[int]]:
    """The numbers of blocks in portions that fit into memory."""
    portion: list[int] = []
    size = 0
    for number in numbers:
        rows = max(blocks[number].rows if number in blocks else 0 for blocks in (edu, copy))
        if portion and size + rows > _ROWS_AT_A_TIME:
            yield portion
            portion, size = [], 0
        portion.append(number)
        size += rows
    if portion:
        yield portion


def encoding(connection: Connection) -> str:
    """The encoding of the database."""
    return connection.info.parameter_status("server_encoding") or ""


def pin_settings(connection: Connection, *, lock_timeout: str) -> None:
    """Make the session's settings those that every checksum is computed under."""
    connection.execute(queries.read("checksum_session"), {"lock_timeout": lock_timeout})


@dataclass(frozen=True, slots=True)
class RowHashes:
    """Ids and hashes of rows: two arrays in the same order, as PostgreSQL writes them."""

    ids: str
    hashes: str


class Side:
    """One of the two databases, as the place of tables to compare."""

    def __init__(self, connection: Connection, schema: str, *, recode: bool) -> None:
        """Describe it.

        Args:
            connection: with pinned settings.
            schema: where the tables are.
            recode: the two databases have different encodings.
        """
        self.connection = connection
        self.schema = schema
        self.recode = recode

    def relation(self, table: SourceTable) -> sql.Identifier:
        """The table here."""
        return sql.Identifier(self.schema, table.name)

    def fill(self, query: str, table: SourceTable, *, blocks: int = 1, **others: sql.Composable) -> sql.Composed:
        """A query of `loader/sql` with relation, id, row hash and block of the table filled in.

        Args:
            query: name of the file.
            table: the table.
            blocks: how many blocks the table has.
            others: what else the query names in braces.
        """
        row_hash = self.row_hash(table)
        # Without an id a row is nothing but its content.
        key = _BLOCK_ID.format(id=_id(table)) if _has_id(table) else row_hash
        block = sql.SQL("({key} & {mask})").format(key=key, mask=sql.Literal(blocks - 1))
        relation = self.relation(table)
        return sql.SQL(queries.read(query)).format(relation=relation, id=_id(table), row_hash=row_hash, block=block, **others)

    def condition(self, table: SourceTable, condition: sql.SQL, **values: object) -> sql.Composed:
        """A condition on id and row hash, with values in it: COPY takes no parameters."""
        literals = {name: sql.Literal(value) for name, value in values.items()}
        return condition.format(id=_id(table), row_hash=self.row_hash(table), **literals)

    def row_hash(self, table: SourceTable) -> sql.Composable:
        """The expression for the 64-bit hash of a row, over exactly the declared columns."""
        result: sql.Composable = sql.SQL("0::bigint")
        for declared in table.columns:
            column = sql.Identifier("copied", declared.name)
            if declared.data_type in _INTEGERS:
                result = _INTEGER.format(column=column, seed=result)
            elif moment := _MOMENTS.get(re.sub(r"\(\d\)", "", declared.data_type)):
                result = _TIMESTAMP.format(moment=moment.format(column=column), column=column, seed=result)
            elif self.recode:
                result = _RECODED_TEXT.format(text=_RECODED.format(column=column), column=column, seed=result)
            else:
                result = _TEXT.format(column=column, seed=result)
        return result

    def total(self, table: SourceTable) -> Checksum:
        """Checksum of the whole table."""
        found = self.connection.execute(self.fill("checksum_total", table)).fetchone() or (0, 0)
        return Checksum(found[0], int(found[1]))

    def blocks(self, table: SourceTable, count: int, only: Collection[int] | None = None) -> Blocks:
        """Checksum per block.

        Args:
            table: the table.
            count: number of blocks, from `block_count`; the same on both sides.
            only: numbers of the wanted blocks; all by default.
        """
        values = {"blocks": None if only is None else list(only)}
        found = self.connection.execute(self.fill("checksum_blocks", table, blocks=count), values)
        return {number: Checksum(rows, int(total)) for number, rows, total in found}

    def rows(self, table: SourceTable, count: int, only: Collection[int]) -> RowHashes:
        """Ids and hashes of every row of some blocks."""
        query = self.fill("checksum_rows", table, blocks=count)
        ids, hashes = self.connection.execute(query, {"blocks": list(only)}).fetchone() or ("{}", "{}")
        return RowHashes(ids, hashes)

    def difference(self, table: SourceTable, count: int, only: Collection[int], edu: RowHashes) -> Difference:
        """How the rows of edu differ from those of some blocks here."""
        values = {"blocks": list(only), "ids": edu.ids, "hashes": edu.hashes}
        query = self.fill("checksum_differences", table, blocks=count)
        return Difference.of(self.connection.execute(query, values))


def _has_id(table: SourceTable) -> bool:
    return any(column.name == "id" and column.data_type in _INTEGERS for column in table.columns)


def _id(table: SourceTable) -> sql.Composable:
    return _WITH_ID.format(sql.Identifier("copied", "id")) if _has_id(table) else _WITHOUT_ID
