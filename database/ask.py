"""One statement, one answer, one deadline: for looking at a connection without leaving a trace in it."""

from __future__ import annotations

from psycopg import errors, generators, waiting
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

Rows = list[list[str | None]]
_INTERVAL = 0.1  # seconds between looks for Ctrl-C


def ask(pgconn: PGconn, statement: bytes, timeout: float) -> Rows:
    """Send one statement outside of any transaction and wait for its rows, as text.

    Args:
        pgconn: an idle connection.
        statement: an empty one is a round trip and nothing else.
        timeout: seconds; a server that is silent so long raises.

    Raises:
        psycopg.Error: the connection is broken, the server silent, or the statement refused.
    """
    pgconn.send_query(statement)
    return _rows(waiting.wait(generators.execute(pgconn), pgconn.socket, interval=_INTERVAL, timeout=timeout))


async def aask(pgconn: PGconn, statement: bytes, timeout: float) -> Rows:
    """The same for an event loop."""
    pgconn.send_query(statement)
    return _rows(await waiting.wait_async(generators.execute(pgconn), pgconn.socket, interval=_INTERVAL, timeout=timeout))


def _rows(results: list[PGresult]) -> Rows:
    rows: Rows = []
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(result)
        for row in range(result.ntuples):
            values = (result.get_value(row, column) for column in range(result.nfields))
            rows.append([None if value is None else value.decode() for value in values])
    return rows
