"""Rows out of edu and into lms, by COPY into COPY through this program: many rows at a time, unseen.

psycopg hands out one row at a time, which costs more than both servers spend on it. Here the rows that have arrived are taken
from libpq in one go and handed on in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import psycopg
from psycopg import errors, sql
from psycopg.abc import Buffer
from psycopg.generators import fetch_many
from psycopg.pq import ExecStatus

from loader.connection import Connection
from loader.project import SourceColumn

_PIECE = 1 << 16
"""Bytes that are handed on together, at most, and one row more."""
_BINARY = frozenset(
    {
        *("smallint", "integer", "bigint", "numeric", "real", "double precision", "boolean"),
        *("text", "character varying", "character", "bytea", "uuid", "json", "jsonb", "inet"),
        *("date", "time without time zone", "timestamp without time zone", "timestamp with time zone", "interval"),
    }
)
"""Types whose binary form is the same in all versions of PostgreSQL. Of others nothing is known, and text serves."""


class SourceError(Exception):
    """edu failed while its rows were read, says `error`."""

    def __init__(self, error: psycopg.Error) -> None:
        """Take what psycopg says. It may name values of edu, and this here ends up in the log of lms."""
        super().__init__("edu failed")
        self.error = error


def form(columns: Iterable[SourceColumn]) -> sql.SQL:
    """The format in which COPY moves rows of these columns."""
    known = all(re.sub(r"\([\d,]+\)", "", column.data_type) in _BINARY for column in columns)
    return sql.SQL("binary") if known else sql.SQL("text")


def pour(
    edu: Connection, out: sql.Composed, lms: Connection, into: sql.Composed, told: Callable[[int], None] = lambda _: None
) -> None:
    """Copy.

    Args:
        edu: in a transaction; nobody else may use it meanwhile.
        out: `COPY … TO STDOUT`.
        lms: in a transaction.
        into: `COPY … FROM STDIN`, in the same format.
        told: is told how many rows are on their way, again and again.

    Raises:
        SourceError: edu failed.
        psycopg.Error: lms failed.
    """
    with lms.cursor().copy(into) as target:
        for rows, piece in _pieces(edu, out):
            target.write(piece)
            told(rows)


def _pieces(edu: Connection, out: sql.Composed) -> Iterator[tuple[int, bytes]]:
    try:
        with edu.cursor().copy(out) as source:
            ended = False
            while not ended and (first := source.read()):
                rows, ended = _arrived(edu, first)
                yield len(rows), b"".join(rows)
    except psycopg.Error as error:
        raise SourceError(error) from error


def _arrived(edu: Connection, first: Buffer) -> tuple[list[Buffer], bool]:
    """This row and those that libpq has read with it, and whether they are the last. Whoever asks for more gets little."""
    rows, size, get = [first], len(first), edu.pgconn.get_copy_data
    while size < _PIECE:
        length, row = get(1)
        if length <= 0:
            return rows, length < 0 and _ended(edu)
        rows.append(row)
        size += length
    return rows, False


def _ended(edu: Connection) -> bool:
    """True, when all rows have come."""
    (result, *_) = edu.wait(fetch_many(edu.pgconn))
    if result.status != ExecStatus.COMMAND_OK:
        raise errors.error_from_result(result)
    return True
