"""The smallest universities that showed a defect."""

from __future__ import annotations

from datetime import date

import pytest
from judge import Snapshot, nothing_written
from laboratory import Laboratory
from smallest import ENDLESS, FALL, SPRING, live_student, person
from strategies import SMALLEST, moment
from university import University


def test_the_smallest_university_is_in_order(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, user_id=1, card_number="C1")
    small.add("journal", id=1, course_id=7, student_id=1, point="85,5")
    assert not laboratory.complaints(small)


@pytest.mark.parametrize("table", ["journal", "students", "accounts", "dictionaries"])
def test_a_row_without_id_stops_everything_and_the_table_is_named(laboratory: Laboratory, small: University, table: str) -> None:
    small.add(table, id=None)
    laboratory.migration.fill(small)
    laboratory.migration.load()
    before = Snapshot(laboratory.migration)
    outcome = laboratory.build(small, "journal", max_rejected=1000)
    assert not outcome.is_published
    assert [name for name in outcome.failed if name.endswith("id_not_null")], outcome.failed
    assert not nothing_written(before, Snapshot(laboratory.migration))


def test_texts_without_end_are_kept_where_nothing_has_to_be_unique(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.edu["persons"][0] |= {"firstname": ENDLESS, "lastname": ENDLESS, "pincode": ENDLESS}
    small.edu["dictionaries"][0]["name_az"] = ENDLESS
    assert not laboratory.complaints(small)


@pytest.mark.parametrize("subject", [-7, SMALLEST])
def test_a_subject_with_a_negative_id_has_the_code_of_the_formula(
    laboratory: Laboratory, small: University, subject: int
) -> None:
    small.edu["subject_catalog"][0]["id"] = small.edu["education_plan_subject"][0]["subject_id"] = subject
    assert not laboratory.complaints(small)


def test_section_codes_that_look_numbered_stay_unique(laboratory: Laboratory, small: University) -> None:
    section, code = small.edu["course"][0], "2024/2025_PY_A_1"
    for number, wanted in enumerate(
        (code, f"{code}#2", f"{code}#02", f"{code}#2#2", f"{code}#99999999999999999", "SEC-14", None), 8
    ):
        small.add("course", **(section | {"id": number, "code": wanted}))
    assert not laboratory.complaints(small)


def test_user_names_that_look_numbered_stay_unique(laboratory: Laboratory, small: University) -> None:
    for number, name in enumerate(("ali", "ali", "ali-2", "Ali", "ali-99999999999999999999", " ali ", "al", ""), 1):
        person(small, number, username=name)
    assert not laboratory.complaints(small)


def test_addresses_that_are_not_quite_valid_stay_unique(laboratory: Laboratory, small: University) -> None:
    addresses = (
        "A@uni.az",
        "a@UNI.az",
        "a@b",
        "x@y.z1",
        "a b@uni.az",
        "ə@uni.az",
        "<a@uni.az>",
        "a@uni..az",
        " b@uni.az\n",
        "b@uni.az",
    )
    for number, address in enumerate(addresses, 1):
        person(small, number, email=address)
    assert not laboratory.complaints(small)


def test_a_course_that_only_the_seed_names_is_created(laboratory: Laboratory, small: University) -> None:
    small.course_mapping.append((5, "NEW99"))
    assert not laboratory.complaints(small)


def test_the_latest_of_rows_with_one_id_decides_even_when_it_is_inactive(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, user_id=1)
    small.add("journal", id=1, course_id=7, student_id=1, update_date=moment(1))
    small.add("journal", id=1, course_id=7, student_id=1, active=0, update_date=moment(2))
    assert not laboratory.complaints(small)


def test_an_inactive_student_in_scope_is_found_by_its_card_number(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, card_number="C0", active=0)
    small.add("journal", id=1, course_id=7, student_id=1)
    live_student(small, "C0")
    assert not laboratory.complaints(small)


def test_a_section_with_a_live_partner_needs_no_language(laboratory: Laboratory, small: University) -> None:
    small.edu["course"][0]["education_lang_id"] = None
    term = small.add_live("academic_terms", **FALL, start_date=date(2024, 9, 15), end_date=date(2025, 1, 31))
    course = small.add_live("courses", code="SUBJ12345", name={"az": "F"}, credit_hours=3)
    small.add_live(
        "course_offerings", course_id=course["id"], academic_term_id=term["id"], section_code="2024/2025_PY_A_1", max_enrollment=9
    )
    assert not laboratory.complaints(small)


def test_an_analyst_decides_an_offering_that_stands_in_another_term(laboratory: Laboratory, small: University) -> None:
    term = small.add_live("academic_terms", **SPRING, start_date=date(2025, 2, 15), end_date=date(2025, 6, 30))
    course = small.add_live("courses", code="SUBJ12345", name={"az": "F"}, credit_hours=3)
    offering = small.add_live(
        "course_offerings", course_id=course["id"], academic_term_id=term["id"], section_code="2024/2025_PY_A_1", max_enrollment=9
    )
    small.offering_overrides.append((offering["id"], 7))
    assert not laboratory.complaints(small)


def test_an_inactive_row_that_is_superseded_does_not_alarm(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, user_id=1)
    small.add("journal", id=1, course_id=7, student_id=1, active=0, update_date=moment(1))
    small.add("journal", id=1, course_id=7, student_id=1, update_date=moment(2))
    assert not laboratory.complaints(small)


@pytest.mark.parametrize("column", ["card_number", "username", "email", "code"])
def test_texts_without_end_break_nothing_where_they_have_to_be_unique(
    laboratory: Laboratory, small: University, column: str
) -> None:
    person(
        small, 1, **({column: ENDLESS} if column == "username" else {"email": f"{ENDLESS}@uni.az"} if column == "email" else {})
    )
    small.add("students", id=1, person_id=1, user_id=1, card_number=ENDLESS if column == "card_number" else None)
    if column == "code":
        small.edu["course"][0]["code"] = ENDLESS
    assert not laboratory.complaints(small)


def test_a_live_student_without_login_leaves_the_login_to_the_new_one_on_its_account(
    laboratory: Laboratory, small: University
) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, card_number="C0")
    small.add("students", id=2, person_id=1)
    live_student(small, "C0")
    assert not laboratory.complaints(small)


def test_a_new_teacher_whose_live_user_has_a_seat_gets_a_login_of_its_own(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("users", id=0, account_id=1)
    small.add("teachers", id=1, person_id=1, user_id=1)
    user = small.add_live(
        "users", username="live", email="live@uni.az", password_hash="x", metadata={"old_user_id": 1, "old_account_id": 1}
    )
    small.add_live(
        "staff_members", user_id=user["id"], employee_number="TCH99", position_title={"az": "M"}, hire_date=date(2015, 9, 15)
    )
    assert not laboratory.complaints(small)


def test_a_second_student_on_an_inactive_account_is_written_once(laboratory: Laboratory, small: University) -> None:
    person(small, 1, active=0)
    small.add("students", id=1, person_id=1)
    small.add("students", id=2, person_id=1)
    assert not laboratory.complaints(small)


@pytest.mark.parametrize("carrier", [1, 2])
def test_a_card_number_may_look_like_the_substitute_of_another_student(
    laboratory: Laboratory, small: University, carrier: int
) -> None:
    for number in (1, 2):
        person(small, number)
        small.add(
            "students",
            id=number,
            person_id=number,
            user_id=number,
            card_number=f"STU{3 - carrier}" if number == carrier else None,
        )
    assert not laboratory.complaints(small)


def test_a_live_teacher_without_login_teaches_on_the_login_of_its_account(laboratory: Laboratory, small: University) -> None:
    small.add("persons", id=1, firstname="Əli", lastname="Vəli")
    small.add("accounts", id=1, person_id=1, username="user1")
    small.add("teachers", id=1, person_id=1)
    small.add("course_teacher", id=1, course_id=7, teacher_id=1)
    small.add_live("staff_members", employee_number="TCH1", position_title={"az": "M"}, hire_date=date(2015, 9, 15))
    assert not laboratory.complaints(small)


def test_a_live_teacher_without_login_leaves_the_seat_to_the_new_one_on_its_account(
    laboratory: Laboratory, small: University
) -> None:
    person(small, 1)
    for teacher in (1, 2):
        small.add("teachers", id=teacher, person_id=1)
        small.add("course_teacher", id=teacher, course_id=7, teacher_id=teacher)
    small.add_live("staff_members", employee_number="TCH1", position_title={"az": "M"}, hire_date=date(2015, 9, 15))
    assert not laboratory.complaints(small)


def test_a_live_teacher_without_account_teaches_on_its_own_login(laboratory: Laboratory, small: University) -> None:
    small.add("teachers", id=1)
    small.add("course_teacher", id=1, course_id=7, teacher_id=1)
    user = small.add_live("users", username="live", email="live@uni.az", password_hash="x", metadata={})
    small.add_live(
        "staff_members", user_id=user["id"], employee_number="TCH1", position_title={"az": "M"}, hire_date=date(2015, 9, 15)
    )
    assert not laboratory.complaints(small)


def test_a_student_who_cannot_move_leaves_the_login_to_the_next_one(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=2, user_id=1)
    small.add("students", id=2, person_id=1, user_id=1)
    small.add_live("users", username="live", email="live@uni.az", password_hash="x", metadata={"old_user_id": 1})
    assert not laboratory.complaints(small)


def test_a_substitute_gives_way_to_a_number_of_the_application(laboratory: Laboratory, small: University) -> None:
    for number in (1, 2):
        person(small, number)
        small.add("students", id=number, person_id=number, user_id=number)
    live_student(small, "STU2", metadata={"old_student_id": 1})
    assert not laboratory.complaints(small)


def test_a_placeholder_gives_way_to_an_address_of_an_account_or_of_the_application(
    laboratory: Laboratory, small: University
) -> None:
    for number, (name, address) in enumerate((("ALI", None), ("other", "ali@placeholder.invalid"), ("Live", None)), 1):
        person(small, number, username=name, email=address)
    small.add_live("users", username="live", email="LIVE@placeholder.invalid", password_hash="x", metadata={})
    assert not laboratory.complaints(small)


def test_verify_says_the_same_of_logins_and_numbers(laboratory: Laboratory, small: University) -> None:
    """`edu2lms verify` derives them anew: of the cases above one each."""
    accounts: tuple[dict[str, object], ...] = (
        {"username": "ali"},
        {"username": "Ali", "email": "live@placeholder.invalid"},
        {"username": "al"},
        {"username": "LIVE"},
        {"username": "ə b"},
        {"email": "a@uni..az"},
        {"active": 0},
        {"active": 0, "username": "ali"},
    )
    for number, account in enumerate(accounts, 1):
        person(small, number, **account)
        small.add("students", id=number, person_id=number, user_id=number, card_number=f"STU{number + 1}" if number < 3 else None)
        small.add("students", id=number + 10, person_id=number)
        small.add("teachers", id=number, person_id=number)
        small.add("teachers", id=number + 10, person_id=number)
        small.add("course_teacher", id=number, course_id=7, teacher_id=number)
    live_student(small, "STU4", metadata={"old_student_id": 5})
    small.add_live("staff_members", employee_number="TCH1", position_title={"az": "M"}, hire_date=date(2015, 9, 15))
    user = small.add_live("users", username="live", email="ALI@placeholder.invalid", password_hash="x", metadata={})
    small.add_live(
        "staff_members", user_id=user["id"], employee_number="TCH2", position_title={"az": "M"}, hire_date=date(2015, 9, 15)
    )
    assert not laboratory.complaints(small)
    document = laboratory.migration.databases.document("verify")
    assert (document["verdict"], document["first"]) == ("match", [])


def test_a_mark_keeps_its_seventh_decimal(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, user_id=1)
    small.add("journal", id=1, course_id=7, student_id=1, point="66.6666667")
    assert not laboratory.complaints(small)


def test_a_contested_card_number_stays_contested_after_one_of_its_carriers_was_inserted(
    laboratory: Laboratory, small: University
) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, card_number="C0")
    small.add("students", id=2, card_number="C0")
    live_student(small, "C0")
    assert not laboratory.complaints(small)


def test_an_offering_that_holds_the_whole_code_is_found(laboratory: Laboratory, small: University) -> None:
    code = "2024/2025_PY_a code of more than twenty characters"
    small.edu["course"][0]["code"] = code
    term = small.add_live("academic_terms", **FALL, start_date=date(2024, 9, 15), end_date=date(2025, 1, 31))
    course = small.add_live("courses", code="SUBJ12345", name={"az": "F"}, credit_hours=3)
    small.add_live("course_offerings", course_id=course["id"], academic_term_id=term["id"], section_code=code, max_enrollment=9)
    assert not laboratory.complaints(small)


def test_a_live_student_claimed_by_one_who_has_another_is_free_for_the_next(laboratory: Laboratory, small: University) -> None:
    person(small, 1)
    small.add("students", id=1, person_id=1, user_id=1)
    small.add("students", id=2)
    login = small.add_live("users", username="live", email="live@uni.example", password_hash="x", metadata={"old_account_id": 1})
    live_student(small, "STU1", metadata={"old_student_id": "1"})
    live_student(small, "STU2", user_id=login["id"])
    assert not laboratory.complaints(small)
