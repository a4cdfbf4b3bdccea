"""Block checksums of the copies from one load to the next.

They are believed only where no row version has moved since: PostgreSQL changes a row by writing another version of it, with the
number of the writing transaction (xmin) at another place (ctid). Whatever rewrites the table without changing it (VACUUM FULL, a
restored dump) makes the checksums unknown, which costs one more pass over the copy, and nothing else.
"""

from __future__ import annotations

from hashlib import sha256

from psycopg import sql

from loader import queries
from loader.checksums import Blocks, Checksum, Side
from loader.project import SourceTable


def known(copy: Side, table: SourceTable, blocks: int) -> Blocks | None:
    """The checksums of a copy, or None when they have to be computed.

    Args:
        copy: schema staging.
        table: the table.
        blocks: number of blocks; another number makes them unknown.
    """
    found = copy.connection.execute(_fill(copy, "copy_checksums_known", table), _key(copy, table, blocks)).fetchone()
    if found is None:
        return None
    return {number: Checksum(rows, int(total)) for number, rows, total in zip(*found, strict=True)}


def keep(copy: Side, table: SourceTable, blocks: int, checksums: Blocks) -> None:
    """Keep the checksums of a copy as it stands now, for the next load."""
    values = _key(copy, table, blocks) | {
        "numbers": list(checksums),
        "row_counts": [each.rows for each in checksums.values()],
        "totals": [str(each.total) for each in checksums.values()],
    }
    copy.connection.execute(_fill(copy, "copy_checksums_keep", table), values)


def _fill(copy: Side, query: str, table: SourceTable) -> sql.Composed:
    return sql.SQL(queries.read(query)).format(relation=copy.relation(table))


def _key(copy: Side, table: SourceTable, blocks: int) -> dict[str, object]:
    # other columns, another hash or other blocks make another query
    query = copy.fill("checksum_blocks", table, blocks=blocks).as_string(copy.connection)
    relation = copy.relation(table).as_string(copy.connection)
    return {"table": table.name, "query": sha256(query.encode()).hexdigest(), "relation": relation}
