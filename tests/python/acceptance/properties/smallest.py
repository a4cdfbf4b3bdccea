"""Pieces of the smallest universities: one section, a person with a login, a student of the application."""

from __future__ import annotations

import random
import string
from datetime import date

from strategies import AZ, PY
from university import University

SPRING = {"academic_year": "2024-2025", "term_type": "spring", "term_number": 2}
FALL = {"academic_year": "2024-2025", "term_type": "fall", "term_number": 1}
# no compression makes it short enough for an index
ENDLESS = "".join(random.Random(1).choices(string.ascii_letters, k=9000))


def one_section() -> University:
    """One subject with one section of the autumn 2024/2025."""
    made = University()
    made.add("edu_years", id=1, name="2024/2025")
    made.add("dictionaries", id=110001000, name_az="Riyaziyyat")
    made.add("subject_catalog", id=12345, subject_name_id=110001000)
    made.add("education_plan_subject", id=5, subject_id=12345)
    made.add(
        "course",
        id=7,
        code="2024/2025_PY_A_1",
        education_plan_subject_id=5,
        semester_id=PY,
        education_year_id=1,
        education_lang_id=AZ,
    )
    return made


def person(made: University, number: int, **account: object) -> None:
    """A person with one account and one user, all of them with this id."""
    made.add("persons", id=number, firstname="Əli", lastname="Vəli")
    made.add("accounts", id=number, person_id=number, **({"username": f"user{number}"} | account))
    made.add("users", id=number, account_id=number)


def live_student(made: University, number: str, **columns: object) -> None:
    """A student of the application."""
    made.add_live(
        "students",
        **({"student_number": number, "enrollment_date": date(2020, 9, 15), "status": "active", "metadata": {}} | columns),
    )
