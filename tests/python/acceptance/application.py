"""A simulated application: it keeps reading and writing live rows, as its own role, while the migration works."""

from __future__ import annotations

import random
import threading
import time
from types import TracebackType
from typing import Any, Self

import psycopg

# What its pages do. Every write leaves the row as it was but for updated_at and the audit trail.
_STUDENTS = """
select students.user_id::text, enrollments.id::text, enrollments.course_offering_id::text, students.id::text
from public.course_enrollments as enrollments
inner join public.students on enrollments.student_id = students.id
where students.user_id is not null
order by enrollments.id
limit 500
"""
_READ = """
select offerings.section_code, enrollments.grade
from public.course_enrollments as enrollments
inner join public.course_offerings as offerings on enrollments.course_offering_id = offerings.id
where enrollments.student_id = %s
"""
_EDIT = "update public.course_enrollments set notes = notes where id = %s"
_LOGIN = "update public.users set last_login_at = last_login_at where id = %s"
_SEAT = "update public.course_offerings set waitlist_capacity = waitlist_capacity where id = %s"
_ENTER = "insert into public.grades (student_id, course_offering_id, grade_value) values (%s, %s, 50) returning id"
_WITHDRAW = "delete from public.grades where id = %s"


class Application:
    """`with Application(owner, application) as app:` works until the block ends; then `app.errors` and `app.waits` tell.

    Attributes:
        errors: what went wrong, one text per failed statement.
        waits: seconds that each statement took, by kind.
    """

    def __init__(self, owner: str, application: str, *, workers: int = 2) -> None:
        """Take two connection strings: of a role that sees all rows, and of the application's role."""
        self.application = application
        with psycopg.connect(owner, autocommit=True) as connection:
            self.people = connection.execute(_STUDENTS).fetchall()
        self.errors: list[str] = []
        self.waits: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(workers)]

    def __enter__(self) -> Self:
        """Begin to work."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop working."""
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    @property
    def longest(self) -> float:
        """The longest that any statement took, in seconds."""
        return max((max(times) for times in self.waits.values()), default=0.0)

    @property
    def statements(self) -> int:
        """How many statements were run."""
        return sum(len(times) for times in self.waits.values())

    def _work(self, number: int) -> None:
        chance = random.Random(number)
        with psycopg.connect(self.application, autocommit=True) as connection:
            while not self._ended.wait(0.02):  # a visitor's pause
                user, enrollment, offering, student = chance.choice(self.people)
                with connection.transaction():
                    self._do(connection, "session", "select set_config('app.current_user_id', %s, true)", user)
                    self._do(connection, "read", _READ, student)
                    self._do(connection, "edit", _EDIT, enrollment)
                    self._do(connection, "login", _LOGIN, user)
                    self._do(connection, "seat", _SEAT, offering)
                    entered = self._do(connection, "enter", _ENTER, student, offering)
                    if entered:
                        self._do(connection, "withdraw", _WITHDRAW, entered[0][0])

    def _do(self, connection: psycopg.Connection[Any], kind: str, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        started = time.monotonic()
        try:
            with connection.transaction():
                cursor = connection.execute(statement.encode(), parameters)
                return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            with self._lock:
                self.errors.append(f"{kind}: {error}")
            return []
        finally:
            with self._lock:
                self.waits.setdefault(kind, []).append(time.monotonic() - started)
