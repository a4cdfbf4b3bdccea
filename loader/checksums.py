"""Checksums of tables that edu and lms compute alike, whatever their versions and settings.

The hash of a row chains one hash per declared column: the hash so far is part of the seed of the next, so that exchanged
columns, NULL and empty text, and values that moved to another row all count. A checksum is the sum of the row hashes with
their number: the order of the rows does not matter, and repeated rows do not cancel each other out.

The functions are those of hash partitioning, whose results PostgreSQL keeps from version to version. Integers go in as they
are, which costs a third of hashing the text of the row; everything else goes in as text under pinned settings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from loader import queries
from loader.connection import Connection
from loader.project import SourceTable

_INTEGERS = ("smallint", "integer", "bigint")
# 0 and NULL go in with different seeds, so that no value is mistaken for NULL.
_INTEGER = sql.SQL("hashint8extended(coalesce({column}, 0), {seed} # coalesce({column}, 1))")
_TEXT = sql.SQL("hashtextextended(coalesce({column}::text, '') collate \"C\", {seed} # ({column} is null)::integer)")
# Where the encodings differ, the same text is other bytes.
_RECODED = sql.SQL("coalesce(md5(convert_to({column}::text, 'UTF8')), '')")
_RECODED_TEXT = sql.SQL('hashtextextended({text} collate "C", {seed} # ({column} is null)::integer)')


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


Blocks = dict[int, Checksum]
Row = tuple[int | None, int]
"""Id and hash of a row."""


def together(blocks: Blocks) -> Checksum:
    """The checksum of all blocks."""
    return sum(blocks.values(), Checksum())


def differing(first: Blocks, second: Blocks) -> list[int]:
    """Numbers of the blocks that are not the same in both."""
    return sorted(number for number in first.keys() | second.keys() if first.get(number) != second.get(number))


def encoding(connection: Connection) -> str:
    """The encoding of the database."""
    return connection.info.parameter_status("server_encoding") or ""


def pin_settings(connection: Connection, *, lock_timeout: str) -> None:
    """Make the session's settings those that every checksum is computed under."""
    connection.execute(queries.read("checksum_session"), {"lock_timeout": lock_timeout})


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

    def fill(self, query: str, table: SourceTable, **others: sql.Composable) -> sql.Composed:
        """A query of `loader/sql` with relation, id and row hash of the table filled in."""
        return sql.SQL(queries.read(query)).format(
            relation=self.relation(table), id=_id(table), row_hash=self.row_hash(table), **others
        )

    def row_hash(self, table: SourceTable) -> sql.Composable:
        """The expression for the 64-bit hash of a row, over exactly the declared columns."""
        result: sql.Composable = sql.SQL("0::bigint")
        for declared in table.columns:
            column = sql.Identifier("copied", declared.name)
            if declared.data_type in _INTEGERS:
                result = _INTEGER.format(column=column, seed=result)
            elif self.recode:
                result = _RECODED_TEXT.format(text=_RECODED.format(column=column), column=column, seed=result)
            else:
                result = _TEXT.format(column=column, seed=result)
        return result

    def total(self, table: SourceTable) -> Checksum:
        """Checksum of the whole table."""
        found = self.connection.execute(self.fill("checksum_total", table)).fetchone() or (0, 0)
        return Checksum(found[0], int(found[1]))

    def bounds(self, table: SourceTable) -> list[int]:
        """Ids that cut the table into blocks of about 64 rows, ascending; none for a table without integer ids."""
        return [found[0] for found in self.connection.execute(self.fill("checksum_bounds", table))]

    def blocks(self, table: SourceTable, bounds: Sequence[int], only: Collection[int] | None = None) -> Blocks:
        """Checksum per block.

        Args:
            table: the table.
            bounds: ascending ids; block n begins at the n-th of them, block 0 is below all, block -1 has no id.
            only: numbers of the wanted blocks; all by default. Empty blocks are left out.
        """
        values = {"bounds": list(bounds), "blocks": None if only is None else list(only)}
        found = self.connection.execute(self.fill("checksum_blocks", table), values)
        return {number: Checksum(rows, int(total)) for number, rows, total in found}

    def rows(self, table: SourceTable, bounds: Sequence[int], blocks: Collection[int]) -> list[Row]:
        """Id and hash of every row of some blocks, in no order."""
        values: dict[str, Any] = {"bounds": list(bounds), "blocks": list(blocks)}
        with self.connection.cursor(binary=True) as cursor:
            return cursor.execute(self.fill("checksum_rows", table), values).fetchall()


def _id(table: SourceTable) -> sql.Composable:
    if any(column.name == "id" and column.data_type in _INTEGERS for column in table.columns):
        return sql.SQL("{}::bigint").format(sql.Identifier("copied", "id"))
    return sql.SQL("null::bigint")
