"""`verify` derives the rare cases, too, and agrees: dbt, the oracle and verify are three opinions on one university."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import strategies
from hypothesis import assume, given
from laboratory import Laboratory
from smallest import ENDLESS, FALL, SPRING, live_student, person
from strategies import moment
from test_universities import few
from university import Row, University
from verified import differences


@pytest.fixture
def agree(laboratory: Laboratory, tmp_path: Path) -> Callable[[University], None]:
    """Migrates a university and asks everybody."""

    def ask(university: University) -> None:
        assert not laboratory.complaints(university)
        assert not differences(laboratory.migration, university, tmp_path / "verify")

    return ask


def student(made: University, number: int = 1, **columns: object) -> None:
    """A person with a login who is a student and sits in the section."""
    person(made, number)
    made.add("students", **({"id": number, "person_id": number, "user_id": number} | columns))
    made.add("journal", id=number, course_id=7, student_id=number)


def live_offering(made: University, code: str = "SUBJ12345", **term: object) -> Row:
    """An offering of the application, in a course and a term of its own."""
    course = made.add_live("courses", code=code, name={"az": "F"}, credit_hours=3)
    made.add_live("academic_terms", **({"start_date": date(2024, 9, 15), "end_date": date(2025, 1, 31)} | FALL | term))
    return made.add_live(
        "course_offerings",
        course_id=course["id"],
        academic_term_id=made.lms["academic_terms"][0]["id"],
        section_code="2024/2025_PY_A_1",
        max_enrollment=9,
    )


def test_an_inactive_student_with_a_card_number(agree: Callable[[University], None], small: University) -> None:
    student(small, card_number="C0", active=0, user_id=None)
    live_student(small, "C0")
    agree(small)


def test_an_active_and_an_inactive_student_with_one_card_number(agree: Callable[[University], None], small: University) -> None:
    student(small, 1, card_number="C0", active=0)
    student(small, 2, card_number="C0")
    small.add("students", id=3, person_id=2, card_number="C0", active=0)
    live_student(small, "C0")
    agree(small)


def test_two_students_with_one_card_number_of_whom_one_is_known(agree: Callable[[University], None], small: University) -> None:
    student(small, 1, card_number="C0")
    student(small, 2, card_number="C0")
    live_student(small, "OTHER", metadata={"old_student_id": 1})
    live_student(small, "C0")
    agree(small)


@pytest.mark.parametrize("column", ["education_lang_id", "code"])
def test_a_section_that_is_there_and_could_not_be_made(
    agree: Callable[[University], None], small: University, column: str
) -> None:
    small.edu["course"][0][column] = None if column == "education_lang_id" else f"2024/2025_PY_A_1_{ENDLESS}"
    student(small)
    live_offering(small)["section_code"] = (
        "2024/2025_PY_A_1" if column == "education_lang_id" else "2024/2025_PY_A_1_" + ENDLESS[:3]
    )
    agree(small)


@pytest.mark.parametrize("missing", [None, "semester_id", "education_plan_subject_id", "education_lang_id"])
def test_an_offering_that_an_analyst_has_named(
    agree: Callable[[University], None], small: University, missing: str | None
) -> None:
    student(small)
    small.add("exam", id=1, course_id=7)
    small.add("exam_student", id=1, exam_id=1, student_id=1)
    small.add("teachers", id=1, person_id=1, user_id=1)
    small.add("course_teacher", id=1, course_id=7, teacher_id=1)
    small.edu["course"][0] |= {"code": None} | ({missing: None} if missing else {})
    offering = live_offering(small, code="OTHER", **SPRING, start_date=date(2025, 2, 15), end_date=date(2025, 6, 30))
    small.offering_overrides.append((offering["id"], 7))
    agree(small)


def test_an_analyst_is_asked_after_the_evidence(agree: Callable[[University], None], small: University) -> None:
    named, other = live_offering(small), small.edu["course"][0] | {"id": 8, "code": "2024/2025_PY_A_2"}
    small.add("course", **other)
    small.offering_overrides.append((named["id"], 8))
    agree(small)


def test_a_superseded_row_that_is_inactive(agree: Callable[[University], None], small: University) -> None:
    student(small)
    small.edu["journal"][0]["update_date"] = moment(2)
    small.add("journal", id=1, course_id=7, student_id=1, active=0, update_date=moment(1))
    agree(small)


@pytest.mark.parametrize("length", [2600, 2601, 9000])
@pytest.mark.parametrize("column", ["card_number", "username", "email", "code"])
def test_a_text_that_no_index_holds_and_the_longest_that_it_holds(
    agree: Callable[[University], None], small: University, column: str, length: int
) -> None:
    text = ENDLESS[:length]
    small.add("course", **(small.edu["course"][0] | {"id": 8}))
    for number in (1, 2):
        student(small, number)
        if column == "card_number":
            small.edu["students"][-1]["card_number"] = text
        elif column == "code":
            small.edu["course"][number - 1]["code"] = text
        else:
            small.edu["accounts"][-1][column] = f"{text[7:]}@uni.az" if column == "email" else text
    agree(small)


def test_a_day_that_does_not_exist(agree: Callable[[University], None], small: University) -> None:
    student(small)
    small.edu["persons"][0]["birthdate"] = "29/02/1900"
    agree(small)


def test_an_inactive_login_of_an_inactive_person_who_is_a_student(agree: Callable[[University], None], small: University) -> None:
    student(small)
    small.edu["persons"][0]["active"] = small.edu["users"][0]["active"] = 0
    agree(small)


def test_a_subject_that_the_seed_decides(agree: Callable[[University], None], small: University) -> None:
    student(small)
    small.course_mapping.append((5, "NEW99"))
    agree(small)


def test_an_offering_that_has_its_tracking_id_already(agree: Callable[[University], None], small: University) -> None:
    term = small.add_live("academic_terms", **FALL, start_date=date(2024, 9, 15), end_date=date(2025, 1, 31))
    course = small.add_live("courses", code="SUBJ12345", name={"az": "F"}, credit_hours=3)
    small.add_live(
        "course_offerings",
        course_id=course["id"],
        academic_term_id=term["id"],
        section_code="2024/2025_PY_A_1",
        max_enrollment=9,
        old_course_id=7,
    )
    agree(small)


@few(8)
@given(university=strategies.universities())
def test_random_universities(laboratory: Laboratory, university: University) -> None:
    oracle = laboratory.oracle(university)
    assume(not oracle.unclear())
    assert not laboratory.complaints(university)
    with TemporaryDirectory() as folder:
        assert not differences(laboratory.migration, university, Path(folder))
