"""A migration as it is often written: Python reads the legacy rows, looks each one up, and inserts what is missing in batches.

Written for the comparison, and as well as its kind allows: server-side cursors, dictionaries for everything that fits in
memory, one existence query per row on an indexed column, batches of 1,000 rows sent in one pipeline (`executemany`), one
commit per batch. It moves students, offerings and enrollments, not the other eight tables; it proves nothing and can only be
run once more from the beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg

BATCH = 1000

_STUDENTS = """
select id, coalesce(nullif(trim(card_number), ''), 'STU' || id), create_date from students
where active = 1 or id in (select student_id from journal where active = 1)
"""
_SECTIONS = """
select course.id, course.code, subject.subject_id, years.name, course.semester_id, course.education_lang_id,
    course.student_count
from course
left join education_plan_subject as subject on course.education_plan_subject_id = subject.id
left join edu_years as years on course.education_year_id = years.id
where course.active = 1 or course.id in (select course_id from journal where active = 1)
"""
_JOURNAL = "select id, course_id, student_id, point, create_date from journal where active = 1"

_YEARS = "select name from edu_years where active = 1"

_ADD_TERM = """
insert into academic_terms (academic_year, term_type, term_number, start_date, end_date) values (%s, %s, %s, %s, %s)
on conflict do nothing
"""
_FIND_STUDENT = "select id from students where student_number = %s"
_ADD_STUDENT = """
insert into students (id, student_number, enrollment_date, status) values (%s, %s, coalesce(%s, '2015-09-15')::date, 'active')
"""
_FIND_OFFERING = """
select id from course_offerings where course_id = %s and academic_term_id = %s and section_code in (%s, left(%s, 20))
    and old_course_id is null
limit 1
"""
_TRACK_OFFERING = "update course_offerings set old_course_id = %s where id = %s"
_ADD_OFFERING = """
insert into course_offerings (
    id, course_id, academic_term_id, section_code, language_of_instruction, max_enrollment, old_course_id
)
values (%s, %s, %s, %s, %s, greatest(%s, 1), %s)
on conflict do nothing
"""
_FIND_ENROLLMENT = "select id, old_journal_id from course_enrollments where course_offering_id = %s and student_id = %s"
_TRACK_ENROLLMENT = "update course_enrollments set old_journal_id = %s where id = %s"
_ADD_ENROLLMENT = """
insert into course_enrollments (course_offering_id, student_id, enrollment_date, enrollment_status, grade, old_journal_id)
values (%s, %s, %s::date, 'completed', %s, %s)
"""
_LANGUAGES = {110000065: "az", 110000066: "en", 110000067: "ru"}
_SEASONS = {"PY": "fall", "YZ": "spring"}
_SEMESTERS = {110000135: "fall", 110000136: "spring"}


@dataclass
class Moved:
    """Rows read and seconds, by kind of row."""

    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class RowWise:
    """The migration, one kind of row after the other."""

    def __init__(self, edu: str, lms: str) -> None:
        self.edu: psycopg.Connection[Any] = psycopg.connect(edu)
        self.lms: psycopg.Connection[Any] = psycopg.connect(lms)
        self.students: dict[int, UUID] = {}
        self.offerings: dict[int, UUID] = {}
        self.moved = Moved()

    def close(self) -> None:
        """Give the connections back."""
        self.edu.close()
        self.lms.close()

    def run(self, sample: int = 0) -> Moved:
        """Move everything, or the students, the offerings, and only so many journal rows."""
        for kind, work in (
            ("students", self._students),
            ("offerings", self._sections),
            ("enrollments", lambda: self._journal(sample)),
        ):
            started = time.perf_counter()
            self.moved.rows[kind] = work()
            self.moved.seconds[kind] = time.perf_counter() - started
        return self.moved

    def _students(self) -> int:
        taken: set[str] = set()  # several students bear one card number

        def one(row: Sequence[Any]) -> Sequence[Any] | None:
            legacy_id, number, created = row
            number = f"STU{legacy_id}" if number in taken else number
            taken.add(number)
            found = self.lms.execute(_FIND_STUDENT, (number,)).fetchone()
            self.students[legacy_id] = found[0] if found else uuid4()
            return None if found else (self.students[legacy_id], number, created)

        return self._in_batches(_STUDENTS, one, _ADD_STUDENT)

    def _terms(self) -> None:
        for (name,) in self.edu.execute(_YEARS):
            first, second = name.split("/")
            year = f"{first}-{second}"
            self.lms.execute(_ADD_TERM, (year, "fall", 1, f"{first}-09-15", f"{second}-01-31"))
            self.lms.execute(_ADD_TERM, (year, "spring", 2, f"{second}-02-15", f"{second}-06-30"))
        self.edu.rollback()

    def _sections(self) -> int:
        self._terms()
        courses = dict(self.lms.execute("select code, id from courses").fetchall())
        terms = {
            (year, kind): id_ for year, kind, id_ in self.lms.execute("select academic_year, term_type, id from academic_terms")
        }
        tracked = dict(
            self.lms.execute("select old_course_id, id from course_offerings where old_course_id is not null").fetchall()
        )

        def one(row: Sequence[Any]) -> Sequence[Any] | None:
            legacy_id, code, subject, year, semester, language, planned = row
            course = courses.get(f"SUBJ{(subject or 0) % 100000:05d}")
            # where the columns are empty, the code tells: 2020/2021_PY_…
            year_of_code, season_of_code, *_ = f"{code or ''}__".split("_")
            season = _SEMESTERS.get(semester) or _SEASONS.get(season_of_code, "")
            term = terms.get(((year or year_of_code).replace("/", "-"), season))
            if course is None or term is None:
                return None  # left for later, as such scripts do
            code = code or f"SEC-{legacy_id}"
            if legacy_id in tracked:
                self.offerings[legacy_id] = tracked[legacy_id]
                return None
            found = self.lms.execute(_FIND_OFFERING, (course, term, code, code)).fetchone()
            if found:
                self.offerings[legacy_id] = found[0]
                self.lms.execute(_TRACK_OFFERING, (legacy_id, found[0]))
                return None
            self.offerings[legacy_id] = uuid4()
            return self.offerings[legacy_id], course, term, code, _LANGUAGES.get(language, "az"), planned or 1, legacy_id

        rows = self._in_batches(_SECTIONS, one, _ADD_OFFERING)
        # a second section with the code of another one was not inserted
        self.offerings = dict(
            self.lms.execute("select old_course_id, id from course_offerings where old_course_id is not null").fetchall()
        )
        return rows

    def _journal(self, sample: int) -> int:
        def one(row: Sequence[Any]) -> Sequence[Any] | None:
            legacy_id, section, student, point, created = row
            offering, holder = self.offerings.get(section), self.students.get(student)
            if offering is None or holder is None:
                return None
            found = self.lms.execute(_FIND_ENROLLMENT, (offering, holder)).fetchall()
            if any(tracked == legacy_id for _, tracked in found):
                return None
            if free := [live for live, tracked in found if tracked is None]:
                self.lms.execute(_TRACK_ENROLLMENT, (legacy_id, free[0]))
                return None
            return offering, holder, created, point, legacy_id

        return self._in_batches(_JOURNAL + (f" limit {sample}" if sample else ""), one, _ADD_ENROLLMENT)

    def _in_batches(self, select: str, one: Callable[[Sequence[Any]], Sequence[Any] | None], insert: str) -> int:
        rows = 0
        for batch in self._batches(select):
            rows += len(batch)
            missing = [values for row in batch if (values := one(row)) is not None]
            if missing:
                with self.lms.cursor() as cursor:
                    cursor.executemany(insert.encode(), missing)
            self.lms.commit()
        return rows

    def _batches(self, select: str) -> Iterator[list[tuple[Any, ...]]]:
        with self.edu.cursor("legacy_rows") as cursor:
            cursor.itersize = BATCH
            cursor.execute(select.encode())
            while batch := cursor.fetchmany(BATCH):
                yield batch
        self.edu.rollback()
