"""Writing events into lms: one transaction for a batch, one statement for each table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from pydantic_core import to_json

from database import queries
from database.audit.config import AuditConfig
from database.audit.events import Event, Kind, log, merged
from database.connection_manager import DatabaseConnectionManager
from database.errors import ConfigurationError

# data exception, integrity constraint, limit exceeded (an index row), raised by a trigger: it is the event, not the server
_REFUSES = ("22", "23", "54", "P0")
# a missing right, table, column or function: it is the schema, and waiting does not heal it
_UNFIT = ("42", "3F")
_TIMEOUT = 2.0  # seconds for a connection: nobody but the writer waits


class AwayError(Exception):
    """The events cannot be written now: the database is away, or takes no writes."""


class UnfitError(AwayError):
    """The database is there and can take no events as it is: a right, a table or a column is missing. Somebody must mend it."""


class Sink:
    """The way into the database."""

    def __init__(self, manager: Callable[[], DatabaseConnectionManager], config: AuditConfig) -> None:
        """Nothing is opened; the manager is asked for at each write."""
        self._manager = manager
        self._idle_seconds = config.idle_minutes * 60

    def write(self, events: Sequence[Event]) -> list[tuple[Event, psycopg.Error]]:
        """Write cleaned events, each once, however often it is called with them.

        Returns:
            those that the database refuses, each with the reason; all others are committed.

        Raises:
            AwayError: the database is away, or takes not even a plain event: then it is not these.
            UnfitError: a right, a table or a column is missing.
        """
        refused: list[tuple[Event, psycopg.Error]] = []
        self._write_or_halve(events, refused, 0)
        return refused

    def _write_or_halve(self, events: Sequence[Event], refused: list[tuple[Event, psycopg.Error]], taken: int) -> int:
        """One that is refused is found by halving: the others of its batch are written."""
        try:
            self._write(events)
        except psycopg.Error as error:
            if not _is_refusal(error):
                raise _why(error) from error
            if len(events) == 1:
                refused.append((events[0], error))
                if len(refused) == 1 and not taken:
                    self._try_a_plain_event()
                return taken
            middle = len(events) // 2
            taken = self._write_or_halve(events[:middle], refused, taken)
            return self._write_or_halve(events[middle:], refused, taken)
        except (RuntimeError, OSError) as error:  # no thread for the pool while the interpreter shuts down
            raise AwayError(str(error)) from error
        return taken + len(events)

    def _try_a_plain_event(self) -> None:
        event = log("audit_dropped").cleaned()
        try:
            self._in_lms([(queries.read("audit/logs"), {"rows": encoded([event.values])})], commit=False)
        except psycopg.Error as error:
            raise AwayError(f"lms refuses all events: {error}") from error

    def _write(self, events: Sequence[Event]) -> None:
        of: dict[Kind, list[Event]] = {kind: [] for kind in Kind}
        for event in events:
            of[event.kind].append(event)
        rows: dict[str, Sequence[Mapping[str, Any]]] = {
            "logs": [event.values for event in of[Kind.LOG]],
            "views": merged(of[Kind.VIEW]),
            "sessions": merged(of[Kind.SESSION]),
        }
        self._in_lms([(queries.read(f"audit/{name}"), {"rows": encoded(each)}) for name, each in rows.items() if each])

    def close_idle_sessions(self) -> None:
        """Close the sessions that nobody uses any more; of several processes that try at once, one does it.

        Raises:
            AwayError: the database is away.
        """
        try:
            self._in_lms([(queries.read("audit/close_idle_sessions"), {"seconds": self._idle_seconds})])
        except psycopg.Error as error:
            raise AwayError(str(error)) from error

    def _in_lms(self, statements: Sequence[tuple[str, dict[str, Any]]], *, commit: bool = True) -> None:
        try:
            manager = self._manager()
            core = manager.core
        except ConfigurationError as error:
            raise AwayError(str(error)) from error
        if core.current is not core.primary:
            raise AwayError("lms is out: the fallback takes no writes")
        with manager.get_connection(timeout=_TIMEOUT) as connection:
            if connection.source != "lms":
                raise AwayError("lms is out: the fallback takes no writes")
            for statement, parameters in statements:
                connection.execute(statement.encode(), parameters)
            if commit:
                connection.commit()


def encoded(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as JSON in ASCII, whatever the connection's encoding is: by pydantic's encoder, which takes a third of the time."""
    try:
        made = to_json(rows)
    except ValueError:  # a lone surrogate, which the database will refuse
        return json.dumps(rows)
    return made.decode() if made.isascii() else json.dumps(rows)


def _why(error: psycopg.Error) -> AwayError:
    return (UnfitError if (error.sqlstate or "").startswith(_UNFIT) else AwayError)(str(error))


def _is_refusal(error: psycopg.Error) -> bool:
    if error.sqlstate is None:
        return isinstance(error, psycopg.DataError)
    return error.sqlstate.startswith(_REFUSES)
