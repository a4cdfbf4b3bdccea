"""Defects that are known and not repaired yet: universities that show one are left out of the random ones.

Each has its own regression test, which is expected to fail and says so as soon as it does not; then its line here goes, too.
"""

from __future__ import annotations

from collections.abc import Callable

from oracle import Oracle, clean

DEFECTS: dict[str, Callable[[Oracle], bool]] = {}


def defect(check: Callable[[Oracle], bool]) -> Callable[[Oracle], bool]:
    """Registers a defect; the function says whether a university shows it."""
    DEFECTS[check.__name__] = check
    return check


@defect
def inactive_student_with_a_live_card_number(oracle: Oracle) -> bool:
    numbers = {row["student_number"] for row in oracle.live("students")}
    students = oracle.rows("students")
    return any(students[i]["active"] != 1 and clean(students[i].get("card_number")) in numbers for i in oracle.students_in_scope)


@defect
def section_with_a_partner_but_unmapped(oracle: Oracle) -> bool:
    tracked = {row.get("old_course_id") for row in oracle.live("course_offerings")}
    matches, _ = oracle.offering_matches
    return any(oracle.unmapped(oracle.rows("course")[section]) for section in matches if section not in tracked)


@defect
def inactive_row_superseded_by_one_with_its_id(oracle: Oracle) -> bool:
    return any(
        row["active"] != 1 and row is not oracle.rows(table)[row["id"]]
        for table, rows in oracle.university.edu.items()
        for row in rows
    )


def shown(oracle: Oracle) -> list[str]:
    """Names of the known defects that this university shows."""
    return [name for name, check in DEFECTS.items() if check(oracle)]
