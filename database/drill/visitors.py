"""Who visits during a drill and what they do: they look at screens, and while on the fallback they try to write.

Nothing they do can change a row. Everything happens in a transaction that is rolled back; a write is tried only over a
connection to edu, where the role must refuse it, and its condition is `false`, so that it would find no row even if it were
allowed.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import psycopg

from database import queries
from database.connections import ManagedConnection
from database.errors import ReadOnlyFallbackError
from database.server import Source

PAGE = 50
NUMBER = 200
"""How many students and how many teachers are drawn."""
WRITE_EVERY = 10
_FURTHER_ON = 0.5
_BEFORE_ALL = UUID(int=0)
WRITES = tuple(queries.read(f"drill/write_{name}").encode() for name in ("update", "insert", "delete"))
_ACT_AS = queries.read("drill/act_as").encode()
Written = Literal["refused", "through"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in, and what screens ask about."""

    user_id: UUID
    student_id: UUID | None = None
    course_offering_id: UUID | None = None
    names: tuple[str | None, str | None] = ("", "")
    """Last and first name of a student, after whom a page of the list may begin."""

    def parameters(self, chance: random.Random) -> dict[str, Any]:
        """What the screens' SQL may name: the list's first page as often as any other."""
        last_name, first_name = self.names if chance.random() < _FURTHER_ON else ("", "")
        return {
            "user_id": self.user_id,
            "student_id": self.student_id,
            "course_offering_id": self.course_offering_id,
            "limit": PAGE,
            "last_name": last_name,
            "first_name": first_name,
            "id": _BEFORE_ALL,
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was answered: by whom, with how many rows, and what became of a write."""

    source: Source
    rows: int
    written: Written | None = None


def draw(connection: psycopg.Connection[Any]) -> list[Visitor]:
    """Students and teachers, as the application's role sees them: under row-level security each sees its own."""
    students = []
    for (user,) in connection.execute(queries.read("drill/users").encode(), {"number": NUMBER}).fetchall():
        connection.execute(_ACT_AS, {"user_id": user})
        for student, *names in connection.execute(queries.read("drill/student_of_user").encode(), {"user_id": user}):
            students.append((user, student, tuple(names)))
    teachers = connection.execute(queries.read("drill/teachers").encode(), {"number": NUMBER}).fetchall()
    connection.rollback()
    sections = itertools.cycle(section for _, section in teachers) if teachers else itertools.repeat(None)
    visitors = [Visitor(user, student, next(sections), names) for user, student, names in students]
    known = itertools.cycle([(student, names) for _, student, names in students] or [(None, ("", ""))])
    for user, section in teachers:
        student, names = next(known)
        visitors.append(Visitor(user, student, section, names))
    return visitors


def look(connection: psycopg.Connection[Any], visitor: Visitor, screen: str, parameters: Mapping[str, Any]) -> int:
    """Ask for one screen; returns the number of rows."""
    connection.execute(_ACT_AS, {"user_id": visitor.user_id})
    found = len(connection.execute(screen.encode(), parameters).fetchall())
    connection.rollback()
    return found


def try_to_write(connection: ManagedConnection[Any], statement: bytes) -> Written:
    """Try to write to edu, without the courtesy of a read-only session: the role alone has to refuse it."""
    if connection.source is not Source.EDU:
        raise ValueError("a drill tries to write on the fallback only")
    try:
        connection.read_only = False  # as any client may
        connection.execute(statement)
    except ReadOnlyFallbackError:
        return "refused"
    finally:
        connection.rollback()
    return "through"
