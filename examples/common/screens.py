"""The five screens: where they are, which SQL they read, which columns they show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SQL = Path(__file__).parents[1] / "sql"
ACT_AS = "select set_config('app.current_user_id', %s, true)"
"""For whom the rest of the transaction reads and writes: row-level security shows what that user may see."""


def sql(name: str) -> bytes:
    """A statement of examples/sql; bytes, because psycopg takes them as they are."""
    return (SQL / f"{name}.sql").read_bytes()


@dataclass(frozen=True)
class Screen:
    """One screen.

    Attributes:
        name: of its file in examples/sql.
        title: above the table.
        rows: name of the list in the JSON answer.
        columns: name in the SQL → heading.
        links: text → path with names of columns, for each row.
    """

    name: str
    title: str
    rows: str
    columns: dict[str, str]
    links: dict[str, str]

    @property
    def statement(self) -> bytes:
        """Its SQL."""
        return STATEMENTS[self.name]


_ALL = (
    Screen(
        "students_list",
        "Students",
        "students",
        {
            "student_number": "Number", "last_name": "Last name", "first_name": "First name", "middle_name": "Middle name",
            "status": "Status", "study_mode": "Mode", "funding_type": "Funding", "enrollment_date": "Since",
        },
        {"Courses": "/students/{id}/courses", "Examinations": "/students/{id}/submissions"},
    ),
    Screen(
        "student_courses",
        "A student's courses",
        "courses",
        {
            "academic_year": "Year", "term_type": "Term", "code": "Code", "name": "Course", "section_code": "Section",
            "enrollment_status": "Status", "grade": "Grade", "is_retake": "Retake",
        },
        {"Roster": "/sections/{course_offering_id}/roster"},
    ),
    Screen(
        "teacher_courses",
        "A teacher's courses",
        "courses",
        {
            "academic_year": "Year", "term_type": "Term", "code": "Code", "name": "Course", "section_code": "Section",
            "role": "Role", "current_enrollment": "Enrolled", "enrollment_status": "Status",
        },
        {"Roster": "/sections/{id}/roster"},
    ),
    Screen(
        "section_roster",
        "A section's roster",
        "roster",
        {
            "student_number": "Number", "last_name": "Last name", "first_name": "First name",
            "enrollment_status": "Status", "enrollment_date": "Since", "grade": "Grade",
        },
        {"Courses": "/students/{student_id}/courses"},
    ),
    Screen(
        "student_submissions",
        "A student's examinations",
        "submissions",
        {
            "title": "Examination", "code": "Code", "section_code": "Section", "due_date": "Date",
            "attempt_number": "Attempt", "submission_date": "Handed in", "status": "Status",
        },
        {},
    ),
)  # fmt: skip

SCREENS = {screen.name: screen for screen in _ALL}
STATEMENTS = {screen.name: sql(screen.name) for screen in _ALL}
ENROLLMENT = sql("single/enrollment")
USER_BY_NAME = sql("single/user_by_name")
WRITE_NOTES = sql("writes/enrollment_notes")
