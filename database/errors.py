"""What the application sees when a database does not do what was asked.

All of them are `psycopg.OperationalError`: except clauses that are there already go on working. `fix` is the sentence that
says what to do, `retry_after` (seconds) is for the HTTP header of that name where waiting helps.
"""

from __future__ import annotations

from typing import ClassVar

import psycopg
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import PoolTimeout


class ConfigurationError(ValueError):
    """A setting is missing or wrong; the message names it and never holds a password."""


class DatabaseError(psycopg.OperationalError):
    """Base of the errors that the connection manager raises itself."""

    fix: ClassVar[str] = ""

    def __init__(self, message: str, *, sqlstate: str | None = None, retry_after: int | None = None) -> None:
        """Keep what the server said.

        Args:
            message: what happened; the fix is appended.
            sqlstate: the code of the server's error, when it sent one.
            retry_after: seconds after which trying again makes sense.
        """
        super().__init__(f"{message}. {self.fix}" if self.fix else message)
        self.sqlstate = sqlstate
        self.retry_after = retry_after


class TransactionLost(DatabaseError):
    """The connection broke before COMMIT was sent: nothing of the transaction is in the database."""

    fix = "Nothing was committed: take a new connection and repeat the whole transaction."


class OutcomeUnknown(DatabaseError):
    """The connection broke while COMMIT (or a statement that commits itself) was under way: it may have happened or not."""

    fix = "It may be committed or not: look for its effect before repeating it."


class ReadOnlyFallbackError(DatabaseError):
    """A write was tried while the application reads from the fallback, which refuses all writes."""

    http_status: ClassVar[int] = 503
    fix = "Wait until lms is back, or queue the write; over HTTP answer 503 with Retry-After."


class NoDatabaseError(DatabaseError):
    """Neither lms nor the fallback answered within the caller's budget: both are out, or it is not known yet that one is."""

    http_status: ClassVar[int] = 503
    fix = "Both are probed in the background; try again later (503 with Retry-After)."


class PoolExhausted(DatabaseError, PoolTimeout):
    """All connections were in use for the caller's whole budget, or the server had no place for more: this never switches."""

    http_status: ClassVar[int] = 503
    fix = "Return connections sooner, or raise pool_max (and max_connections of the server)."


class LoginRefused(DatabaseError):
    """The server answers but does not let the application in: password, rights, missing database. Never an outage."""

    fix = "Correct the login (password, CONNECT right, database name, pg_hba.conf): switching would only hide it."


class ReadOnlyPrimary(DatabaseError, ReadOnlySqlTransaction):
    """The primary has become a standby, or read-only, and refuses a write: the manager looks into it, and mostly switches."""

    http_status: ClassVar[int] = 503
    fix = "Nothing was written: repeat the transaction later; over HTTP answer 503 with Retry-After."


class FallbackNotPublished(DatabaseError):
    """The fallback's schema is missing, incomplete, or not readable by its role."""

    fix = "Publish it: edu2lms fallback publish."
