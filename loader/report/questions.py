"""The questions of the report: each is one SQL file, asked once, and its answer remembers the statement that was executed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from loader import queries
from loader.config import Settings
from loader.connection import Connection, connected, one_line
from loader.errors import NotPreparedError, NotRunError, RemoteConnectError

_RELATION = re.compile(r"\b(?:from|join)\s+((?:migration|ledger|staging|analytics)\.\w+)")
NEEDED = "migration.accounting"
"""Without it no run has got as far as having something to report."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        name: file in `loader/sql/report`; of a question asked for many tables, the file and the tables.
        title: what it answers, from the file's comment.
        statement: the statement that was executed; of one that was not, the one that would have been.
        rows: one dictionary per row.
        seconds: how long it took.
        missing: relations that are not there (a run broke off before them) or are of an older version; then there are no rows.
    """

    name: str
    title: str
    statement: str
    rows: tuple[dict[str, Any], ...]
    seconds: float
    missing: tuple[str, ...] = ()

    @property
    def first(self) -> dict[str, Any]:
        """The first row; empty when there is none."""
        return self.rows[0] if self.rows else {}


class Questions:
    """Asks questions, each once, and keeps the answers in their order."""

    def __init__(self, lms: Connection) -> None:
        """`lms`: a connection inside the transaction of `snapshot`."""
        self._lms = lms
        self.answers: dict[str, Answer] = {}

    def ask(self, name: str) -> Answer:
        """Ask `loader/sql/report/<name>.sql`, or remember what it said."""
        if name not in self.answers:
            self.answers[name] = self._ask(name, queries.read(f"report/{name}"))
        return self.answers[name]

    def ask_of(self, name: str, **identifiers: str) -> Answer:
        """Ask a question whose file names tables or columns in braces."""
        known = f"{name}-{'-'.join(identifiers.values())}"
        if known not in self.answers:
            template = sql.SQL(queries.read(f"report/{name}"))
            statement = template.format(**{key: sql.Identifier(value) for key, value in identifiers.items()})
            self.answers[known] = self._ask(known, statement.as_string(self._lms))
        return self.answers[known]

    def _ask(self, name: str, text: str) -> Answer:
        title, statement = _split(text)
        named = sorted(set(_RELATION.findall(statement)))
        missing = tuple(relation for relation in named if not exists(self._lms, relation))
        if missing:
            return Answer(name, title, statement, (), 0.0, missing)
        started = time.monotonic()
        try:
            with self._lms.transaction(), self._lms.cursor(row_factory=dict_row) as cursor:
                rows = tuple(cursor.execute(statement).fetchall())
        except psycopg.errors.UndefinedColumn:
            if not named:  # of the application's tables all columns are there
                raise
            # an older version has built it: the next run, or build, brings the column
            return Answer(name, title, statement, (), 0.0, tuple(named))
        return Answer(name, title, statement, rows, round(time.monotonic() - started, 3))


def _split(text: str) -> tuple[str, str]:
    """The comment above a statement, and the statement."""
    lines = text.strip().splitlines()
    head = [line[2:].strip() for line in lines if line.startswith("--")]
    return " ".join(head), "\n".join(line for line in lines if not line.startswith("--"))


def exists(lms: Connection, relation: str) -> bool:
    """Is there such a relation?"""
    found = lms.execute("select to_regclass(%s) is not null", (relation,)).fetchone()
    return bool(found and found[0])


@contextmanager
def snapshot(settings: Settings) -> Iterator[Questions]:
    """Questions that all see the same state of both databases, and can write nothing.

    Raises:
        NotPreparedError: the migration's schemas are not there.
        NotRunError: no run has built anything yet.
        RemoteConnectError: edu does not answer.
    """
    with connected(settings, "lms", settings.lms) as lms:
        where = f"lms ({settings.where('lms')})"
        if not exists(lms, "ledger.batches"):
            raise NotPreparedError(what="the ledger", where=where)
        if not exists(lms, NEEDED):
            raise NotRunError(relation=NEEDED.partition(".")[2], where=where)
        with lms.transaction():
            lms.execute("set transaction isolation level repeatable read, read only")
            lms.execute("set local jit = off")
            lms.execute("set local timezone = 'UTC'")
            try:
                yield Questions(lms)
            except psycopg.errors.SqlclientUnableToEstablishSqlconnection as error:
                raise RemoteConnectError(where=settings.where("edu"), reason=settings.mask(one_line(error))) from None
