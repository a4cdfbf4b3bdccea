"""Proves that the fallback and lms hold the same: number of rows and a checksum over every column, and if not, which rows."""

from __future__ import annotations

from psycopg import sql

from loader import queries
from loader.checksums import Checksum, Side, encoding
from loader.connection import Connection
from loader.fallback.catalog import Shape
from loader.fallback.results import RelationDifference
from loader.project import SourceTable

_FIRST = 5


class _Fallback(Side):
    """The relations before row-level security, which would hide rows from the proof."""

    def relation(self, table: SourceTable) -> sql.Identifier:
        return sql.Identifier(self.schema, f"all_{table.name}")


class _Live(Side):
    """The rows of lms that have a legacy source, in the fallback's shape."""

    def __init__(self, connection: Connection, shape: Shape, *, recode: bool) -> None:
        super().__init__(connection, "public", recode=recode)
        self.shape = shape

    def relation(self, table: SourceTable) -> sql.Composed:  # type: ignore[override]  # noqa: ARG002
        return sql.SQL("({})").format(self.shape.select())


class Proof:
    """Compares relations, both sides inside their transactions and with pinned settings."""

    def __init__(self, lms: Connection, edu: Connection, schema: str) -> None:
        """Take both connections and the fallback's schema."""
        self.lms, self.edu, self.schema = lms, edu, schema
        self.recode = encoding(lms) != encoding(edu)

    def compare(self, shape: Shape) -> tuple[Checksum, RelationDifference]:
        """Compare one relation; only where the checksums differ, row by row.

        Returns:
            lms's checksum, and the difference; `total` 0 when there is none.
        """
        live, fallback = self._sides(shape)
        expected, found = live.total(shape.table), fallback.total(shape.table)
        if expected == found:
            return expected, RelationDifference(shape.name, found.rows, expected.rows)
        return expected, self._differing(shape, live, fallback)

    def _sides(self, shape: Shape) -> tuple[Side, Side]:
        return _Live(self.lms, shape, recode=self.recode), _Fallback(self.edu, self.schema, recode=self.recode)

    def _differing(self, shape: Shape, live: Side, fallback: Side) -> RelationDifference:
        here, there = _hashes(fallback, shape.table), _hashes(live, shape.table)
        changed = [key for key in there.keys() & here.keys() if there[key] != here[key]]
        missing, surplus = there.keys() - here.keys(), here.keys() - there.keys()
        columns: list[str] = []
        for column in shape.table.columns if changed else ():
            one = SourceTable(shape.name, (shape.table.columns[0], column))
            if live.total(one) != fallback.total(one):
                columns.append(column.name)
        first = sorted([*changed, *missing, *surplus])[:_FIRST]
        return RelationDifference(
            shape.name, len(here), len(there), len(missing), len(surplus), len(changed), tuple(columns), tuple(first)
        )


def _hashes(side: Side, table: SourceTable) -> dict[str, int]:
    """Hash of each row by its id."""
    statement = sql.SQL(queries.read("fallback/differing_rows")).format(
        row_hash=side.row_hash(table), relation=side.relation(table)
    )
    return dict(side.connection.execute(statement).fetchall())
