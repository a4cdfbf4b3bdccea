"""What sync and async connections have in common: where they come from, and what became of a transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Protocol

import psycopg
from psycopg import errors, sql
from psycopg.abc import PQGen, Query
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.rows import Row

from database import statements
from database.errors import DatabaseError, OutcomeUnknown, ReadOnlyFallbackError, ReadOnlyPrimary, TransactionLost
from database.server import Source

IN_BLOCK = (TransactionStatus.INTRANS, TransactionStatus.INERROR)
# insufficient privilege, read-only transaction; where the target is a view or is not there, the server says that first
_REFUSED = ("42501", "25006", "55000", "42P01", "42809", "3F000")


class Owner(Protocol):
    """What a connection asks of the link that made it."""

    source: Source
    silence: float
    check_timeout: float
    in_use_since: datetime
    retry_seconds: int

    @property
    def stale_since(self) -> datetime | None:
        """See `Managed.stale_since`."""

    @property
    def is_silent(self) -> bool:
        """Whether the server is known to be out without a word."""

    def suspect(self) -> None:
        """Have the server looked at now."""

    def hear_nothing(self, begun: float, error: psycopg.Error) -> None:
        """Take in that a connection attempt, begun at that time of the monotonic clock, got no answer in its time."""


class Managed(psycopg.BaseConnection[Row]):
    """What sync and async connections have in common."""

    owner: Owner
    rested_at: float = 0.0
    """When it was last used or checked, on the monotonic clock."""
    statement: Query | None = None
    dirty: bool = False
    """Whether a statement may have left something in the session."""
    wants_read_only: bool = False
    """Whether its user may have made it read-only."""
    _fate: type[DatabaseError] | None = None
    _commit_queued: bool = False
    """In pipeline mode: whether a statement that may commit was sent, and its answer not yet read."""

    @property
    def source(self) -> Source:
        """`lms` or `edu`."""
        return self.owner.source

    @property
    def since(self) -> datetime:
        """When the application began to use this source."""
        return self.owner.in_use_since

    @property
    def stale_since(self) -> datetime | None:
        """What was written to lms after this instant may be missing here; None: nothing is (lms), or it is not known."""
        return self.owner.stale_since

    @property
    def staleness(self) -> timedelta | None:
        """Age of `stale_since`."""
        return None if self.stale_since is None else datetime.now(UTC) - self.stale_since

    @property
    def is_read_only(self) -> bool:
        """Whether the server has said that it is a standby, or that transactions are read-only by default; it does so unasked."""
        status = self.pgconn.parameter_status
        return b"on" in (status(b"in_hot_standby"), status(b"default_transaction_read_only"))

    def note(self, statement: Query | None) -> None:
        """Remember the statement that is under way."""
        self._under_way(statement)
        if statement is not None:
            text = _text(statement)
            self.dirty = self.dirty or statements.leaves_traces(text)
            self.wants_read_only = self.wants_read_only or statements.speaks_of_read_only(text)

    def _exec_command(self, command: Any, *args: Any, **kwargs: Any) -> PQGen[Any]:
        """Psycopg's own commands: BEGIN, COMMIT, ROLLBACK, savepoints."""
        self._under_way(command)
        return (yield from super()._exec_command(command, *args, **kwargs))

    def _under_way(self, statement: Query | None) -> None:
        self.statement = statement
        if self._pipeline is None or not self._pipeline.result_queue:  # whatever came before has been answered
            self._commit_queued = False
        if self._pipeline is not None and statement is not None and statements.may_commit(_text(statement)):
            self._commit_queued = True

    def forget_prepared(self) -> None:
        """After DISCARD ALL the server has no prepared statements any more.

        psycopg finds that out from the first DISCARD ALL of a connection; of a text that it has met before it does not look at
        the outcome, and would go on asking for statements that are gone (26000).
        """
        self._prepared.clear()
        self._prepared._to_flush.clear()  # nor has it any to give up

    def hear_silence(self) -> None:
        """No answer for a while: a slow statement, or a server that will never answer."""
        if self.owner.is_silent:
            self.pgconn.finish()
            raise errors.OperationalError(f"no answer, and {self.source} is out without a word")
        self.owner.suspect()

    def fail(self, error: psycopg.Error, before: int) -> NoReturn:
        """Raise the error that the application gets.

        Args:
            error: as psycopg raised it.
            before: the state of the transaction when the statement was begun.
        """
        if isinstance(error, DatabaseError):
            raise error
        if self.pgconn.status == ConnStatus.BAD:
            raise self._lost(error, before) from error
        if self.source is Source.EDU and self._refuses_write(error):
            message = f"the application reads from the fallback (edu) since {self.since:%H:%M:%S %Z}, which takes no writes"
            raise ReadOnlyFallbackError(message, sqlstate=error.sqlstate, retry_after=self.owner.retry_seconds) from error
        if self.source is Source.LMS and error.sqlstate == "25006":
            self.owner.suspect()
            if self.is_read_only and not self.wants_read_only:
                message = "lms takes no writes for the moment"
                raise ReadOnlyPrimary(message, sqlstate=error.sqlstate, retry_after=self.owner.retry_seconds) from error
        raise error

    def _lost(self, error: psycopg.Error, before: int) -> DatabaseError:
        if self._fate is None:
            self.owner.suspect()
            self._fate = OutcomeUnknown if self._may_have_committed(before) else TransactionLost
        said = error.diag.message_primary or str(error).strip()
        return self._fate(f"the connection to {self.source} broke: {said}", sqlstate=error.sqlstate)

    def _may_have_committed(self, before: int) -> bool:
        if self.source is Source.EDU:
            return False  # nothing can be written there
        if self._pipeline is not None and self._commit_queued:
            return True
        if before == TransactionStatus.UNKNOWN:
            return False  # nothing was sent
        if self.statement is not None and statements.may_commit(_text(self.statement)):
            return True
        return self.autocommit and before not in IN_BLOCK

    def _refuses_write(self, error: psycopg.Error) -> bool:
        if error.sqlstate == "25006":
            return True
        read = self.statement is not None and statements.only_reads(_text(self.statement))
        return error.sqlstate in _REFUSED and not read


def _text(statement: Query) -> str:
    if isinstance(statement, bytes):
        return statement.decode(errors="replace")
    if isinstance(statement, sql.Composable):
        return statement.as_string(None)
    return statement if isinstance(statement, str) else repr(statement)


class Noting:
    """A cursor that tells its connection the statement; psycopg calls this for all kinds of execution."""

    _conn: Any

    def _start_query(self, query: Query | None = None) -> PQGen[None]:
        yield from super()._start_query(query)  # type: ignore[misc]
        self._conn.note(query)
