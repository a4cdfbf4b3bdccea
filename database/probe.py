"""The look at a database that decides: a connection of its own, used once, never one of a user's."""

from __future__ import annotations

from dataclasses import dataclass, replace

import psycopg
from psycopg import errors

from database import publication, queries
from database.ask import ask
from database.errors import FallbackNotPublished
from database.half_open import is_silence, let_go
from database.outage import GOOD, Health, Reason, Verdict, out
from database.publication import Publication
from database.server import Server, Source

_TAKES_WRITES = queries.read("takes_writes").encode()
_MAY_BE_CHANCE = (Reason.RESET, Reason.STARTING)
_READ_ONLY = out(Reason.READ_ONLY, "a standby, or default_transaction_read_only")
# Said after the login, where only text is handed out; in another language it counts as a refused login.
_FULL = ("connection slots", "too many connections", "too many clients")


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict, and for the fallback what it says about its own age."""

    verdict: Verdict
    publication: Publication | FallbackNotPublished | None = None


def probe(server: Server) -> Finding:
    """Look at a server; takes at most about twice its connect_timeout, mostly a few milliseconds.

    What may have hit this one connection only (a reset, an administrator who ends sessions) is looked at once more.
    """
    finding = _probe(server)
    return _probe(server) if finding.verdict.reason in _MAY_BE_CHANCE else finding


def _probe(server: Server) -> Finding:
    try:
        connection = psycopg.Connection.connect(server.conninfo_of_probe(), autocommit=True)
    except psycopg.Error as error:
        let_go(error)
        return Finding(_of_failed_connect(server, error))
    try:
        return _look(server, connection)
    except errors.OperationalError as error:
        return Finding(out(_reason_of(error), error))
    finally:
        connection.pgconn.finish()


def _look(server: Server, connection: psycopg.Connection) -> Finding:
    if server.source is Source.LMS:
        takes_writes = ask(connection.pgconn, _TAKES_WRITES, server.connect_timeout) == [["t"]]
        return Finding(GOOD if takes_writes else _READ_ONLY)
    ask(connection.pgconn, b"", server.connect_timeout)
    try:
        return Finding(GOOD, publication.understand(ask(connection.pgconn, publication.STATEMENT, server.connect_timeout)))
    except (errors.ProgrammingError, errors.DataError) as error:
        return Finding(GOOD, publication.missing(error))


def _of_failed_connect(server: Server, error: psycopg.Error) -> Verdict:
    if is_silence(error):
        return out(Reason.TIMEOUT, f"no connection within {server.connect_timeout} s")
    knocked = server.knock()
    if knocked.health is not Health.GOOD:
        return knocked
    text = str(error)
    if any(words in text for words in _FULL):
        return Verdict(Health.BUSY, None, text, "53300")
    return _again(server) or replace(knocked, health=Health.DENIED, detail=text)


def _again(server: Server) -> Verdict | None:
    """A second look at a server that answers, content with one that takes no writes; None: it does not let us in."""
    try:
        connection = psycopg.Connection.connect(server.conninfo_of_probe(target="any"), autocommit=True)
    except psycopg.Error as error:
        let_go(error)
        return None
    try:
        return _look(server, connection).verdict
    except errors.OperationalError as error:
        return out(_reason_of(error), error)
    finally:
        connection.pgconn.finish()


def _reason_of(error: psycopg.Error) -> Reason:
    """Why a connection that was just made is no good."""
    if error.sqlstate in ("57P01", "57P02", "57P03"):
        return Reason.STARTING
    return Reason.TIMEOUT if isinstance(error, errors._WaitTimeout) else Reason.RESET
