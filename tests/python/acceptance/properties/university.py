"""A small university: the rows of edu and of a partly filled lms, printed so that a person can read them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Row = dict[str, Any]

EDU_TABLES = (
    "accounts", "users", "persons", "students", "teachers", "organizations", "dictionaries", "edu_years",
    "education_plan_subject", "subject_catalog", "course", "course_teacher", "course_student", "journal", "exam", "exam_student",
)  # fmt: skip

# parents first: the foreign keys of lms hold while it is filled
LMS_TABLES = (
    "users", "persons", "students", "organization_units", "staff_members", "academic_terms", "courses", "course_offerings",
    "course_instructors", "course_enrollments", "assessments", "assessment_submissions", "grades",
)  # fmt: skip


@dataclass
class University:
    """Everything that a migration starts from.

    Attributes:
        edu: rows by table; a column that is not named is NULL.
        lms: rows by table; a column that is not named has its default.
        course_mapping: lines (plan subject, course code) of the seed.
        offering_overrides: lines (live offering, section) of the seed.
        as_of_date: the day that decides which terms are over.
    """

    edu: dict[str, list[Row]] = field(default_factory=dict)
    lms: dict[str, list[Row]] = field(default_factory=dict)
    course_mapping: list[tuple[int, str]] = field(default_factory=list)
    offering_overrides: list[tuple[uuid.UUID, int]] = field(default_factory=list)
    as_of_date: date = date(2024, 11, 3)

    def add(self, table: str, **row: Any) -> Row:
        """One more row of edu, active unless it says otherwise."""
        row = {"active": 1, **row}
        self.edu.setdefault(table, []).append(row)
        return row

    def add_live(self, table: str, **row: Any) -> Row:
        """One more row of lms; its id is made from its place, so that it is the same in every run."""
        rows = self.lms.setdefault(table, [])
        row = {"id": live_id(table, len(rows)), **row}
        rows.append(row)
        return row

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002
        """For hypothesis, which would print every column of it: the report holds a smaller one."""
        printer.text(f"<as of {self.as_of_date}, {sum(map(len, self.edu.values()))} rows in edu>")

    def __repr__(self) -> str:
        lines = [f"a university as of {self.as_of_date}"]
        for name, tables in (("edu", self.edu), ("lms", self.lms)):
            for table, rows in tables.items():
                lines += [f"  {name}.{table}: {_readable(row)}" for row in rows]
        lines += [f"  course_mapping: plan subject {plan} → {code!r}" for plan, code in self.course_mapping]
        lines += [f"  offering_overrides: {offering} → section {section}" for offering, section in self.offering_overrides]
        return "\n".join(lines)


def live_id(table: str, number: int) -> uuid.UUID:
    """The id of the application's n-th row of a table: of version 4 in form, the same in every run."""
    return uuid.UUID(int=(0xA0 + LMS_TABLES.index(table)) << 120 | 0x4 << 76 | 0x8 << 60 | number + 1)


def _readable(row: Row) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in row.items() if value is not None)


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, uuid.UUID | date):
        return str(value)
    return repr(value)
