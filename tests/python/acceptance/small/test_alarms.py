"""The parity tests ring when the live tables are wrong: each of them is tried on at least one corruption."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from databases import ROOT, Step, rows
from psycopg import sql

PARITY = sorted(path.stem for path in (ROOT / "tests" / "parity").glob("**/*.sql"))


@dataclass(frozen=True)
class Corruption:
    """A wrong state, and the tests that must notice it.

    Attributes:
        name: what went wrong.
        lms: statement in lms, run with triggers and foreign keys suspended and rolled back afterwards.
        rings: names of parity tests.
        edu: statement in edu, committed, because lms sees only what is.
        undo: takes `edu` back.
    """

    name: str
    rings: frozenset[str]
    lms: str = ""
    edu: str = ""
    undo: str = ""


def corruption(name: str, *rings: str, lms: str = "", edu: str = "", undo: str = "") -> Corruption:
    """One line of the list."""
    return Corruption(name, frozenset(rings), lms, edu, undo)


# Two enrollments of different students and sections; the other rows are any that the migration wrote.
SWAPPED = """
with pair as (
    select first.id as first_id, first.{column} as first_value, second.id as second_id, second.{column} as second_value
    from course_enrollments as first
    cross join course_enrollments as second
    where first.old_journal_id = (select min(old_journal_id) from course_enrollments)
        and second.old_journal_id = (select max(old_journal_id) from course_enrollments)
)

update course_enrollments as live
set {column} = case live.id when first_id then second_value else first_value end
from pair
where live.id in (first_id, second_id)
"""
ENROLLMENT = "(select id from course_enrollments where old_journal_id is not null order by old_journal_id limit 1)"
OFFERING = "(select id from course_offerings where old_course_id is not null order by old_course_id limit 1)"
SUBMISSION = "(select live_id from ledger.crosswalk where entity = 'assessment_submissions' order by legacy_id desc limit 1)"

CORRUPTIONS = [
    corruption(
        "an enrollment is lost",
        "course_enrollments__per_section_equal_edu", "course_enrollments__per_student_equal_edu",
        "course_enrollments__per_term_equal_edu", "totals__equal_edu", "mission__both_queries_answer_in_full",
        "status__everything_is_there", "crosswalk__live_rows_exist",
        lms=f"delete from course_enrollments where id = {ENROLLMENT}",
    ),
    corruption(
        "an enrolled row stands there twice",
        "course_offerings__counts_are_right",
        lms=f"""
            insert into course_enrollments (course_offering_id, student_id, enrollment_status)
            select course_offering_id, (select min(id::text)::uuid from students), 'enrolled'
            from course_enrollments where id = {ENROLLMENT}""",
    ),
    corruption(
        "a second live row claims to come from edu",
        "course_enrollments__per_section_equal_edu", "course_enrollments__per_student_equal_edu",
        "course_enrollments__per_term_equal_edu", "totals__equal_edu", "mission__both_queries_answer_in_full",
        "course_enrollments__lead_back_to_edu",
        lms=f"""
            with doubled as (
                insert into course_enrollments (course_offering_id, student_id, enrollment_status, old_journal_id)
                select course_offering_id, student_id, 'completed', -1 from course_enrollments where id = {ENROLLMENT}
                returning id
            )

            insert into ledger.crosswalk (entity, legacy_id, live_id, method, batch_id)
            select 'course_enrollments', -1, id, 'inserted', 'corrupted' from doubled""",
    ),
    corruption(
        "two enrollments have swapped their students",
        "course_enrollments__lead_back_to_edu",
        lms=SWAPPED.format(column="student_id"),
    ),
    corruption(
        "two enrollments have swapped their offerings",
        "course_enrollments__lead_back_to_edu",
        lms=SWAPPED.format(column="course_offering_id"),
    ),
    corruption(
        "two enrollments have swapped their tracking ids",
        "course_enrollments__lead_back_to_edu", "crosswalk__live_rows_exist",
        lms="""
            create temporary table swapped on commit drop as
            select id, old_journal_id from course_enrollments
            where old_journal_id = (select min(old_journal_id) from course_enrollments)
                or old_journal_id = (select max(old_journal_id) from course_enrollments);
            update course_enrollments set old_journal_id = null where id in (select id from swapped);
            update course_enrollments as live set old_journal_id = other.old_journal_id
            from swapped as mine inner join swapped as other on mine.id <> other.id
            where live.id = mine.id""",
    ),
    corruption(
        "an enrollment belongs to another section",
        "course_enrollments__per_section_equal_edu", "course_enrollments__lead_back_to_edu",
        lms=f"""
            update course_enrollments
            set course_offering_id = (select id from course_offerings order by old_course_id desc nulls last limit 1)
            where id = {ENROLLMENT}""",
    ),
    corruption(
        "an enrollment has lost its tracking id",
        "mission__both_queries_answer_in_full", "crosswalk__live_rows_exist",
        lms=f"update course_enrollments set old_journal_id = null where id = {ENROLLMENT}",
    ),
    corruption(
        "an offering has lost its tracking id",
        "mission__both_queries_answer_in_full", "crosswalk__live_rows_exist", "course_enrollments__per_section_equal_edu",
        lms=f"update course_offerings set old_course_id = null where id = {OFFERING}",
    ),
    corruption(
        "an offering stands in another term",
        "course_offerings__lead_back_to_edu", "course_enrollments__per_term_equal_edu",
        lms=f"""
            update course_offerings
            set academic_term_id = (select id from academic_terms order by academic_year desc, term_type limit 1)
            where id = {OFFERING}""",
    ),
    corruption(
        "an offering belongs to another course",
        "course_offerings__lead_back_to_edu",
        lms=f"""
            update course_offerings as live
            set course_id = (select id from courses where id <> live.course_id order by code limit 1)
            where id = {OFFERING}""",
    ),
    corruption(
        "the number of enrolled students is wrong",
        "course_offerings__counts_are_right",
        lms=f"update course_offerings set current_enrollment = 7 + current_enrollment, max_enrollment = 99 where id = {OFFERING}",
    ),
    corruption(
        "an enrollment's student does not exist",
        "live__foreign_keys_hold", "course_enrollments__lead_back_to_edu", "course_enrollments__per_student_equal_edu",
        lms=f"update course_enrollments set student_id = gen_random_uuid() where id = {ENROLLMENT}",
    ),
    corruption(
        "a user was deleted under a student",
        "live__foreign_keys_hold", "crosswalk__live_rows_exist",
        lms="""
            delete from users where id = (
                select live_id from ledger.crosswalk
                where entity = 'users' and live_id in (select user_id from students) order by legacy_id desc limit 1
            )""",
    ),
    corruption(
        "a student was deleted",
        "live__foreign_keys_hold", "crosswalk__live_rows_exist", "totals__equal_edu", "status__everything_is_there",
        lms=f"delete from students where id = (select student_id from course_enrollments where id = {ENROLLMENT})",
    ),
    corruption(
        "a submission is lost",
        "assessment_submissions__per_student_equal_edu", "assessment_submissions__lead_back_to_edu", "totals__equal_edu",
        "status__everything_is_there", "crosswalk__live_rows_exist",
        lms=f"delete from assessment_submissions where id = {SUBMISSION}",
    ),
    corruption(
        "a submission belongs to another student",
        "assessment_submissions__per_student_equal_edu", "assessment_submissions__lead_back_to_edu",
        lms=f"""
            update assessment_submissions as live set student_id = (
                select live_id from ledger.crosswalk
                where entity = 'students' and live_id <> live.student_id order by legacy_id limit 1
            ), attempt_number = 99
            where id = {SUBMISSION}""",
    ),
    corruption(
        "a submission stands at another assessment",
        "assessment_submissions__lead_back_to_edu",
        lms=f"""
            update assessment_submissions as live
            set attempt_number = 99, assessment_id = (select min(id::text)::uuid from assessments where id <> live.assessment_id)
            where id = {SUBMISSION}""",
    ),
    corruption(
        "the crosswalk has lost an enrollment",
        "crosswalk__live_rows_exist", "totals__equal_edu", "course_enrollments__per_section_equal_edu",
        lms=f"delete from ledger.crosswalk where entity = 'course_enrollments' and live_id = {ENROLLMENT}",
    ),
    corruption(
        "the crosswalk has lost a submission",
        "totals__equal_edu", "assessment_submissions__per_student_equal_edu",
        lms=f"delete from ledger.crosswalk where entity = 'assessment_submissions' and live_id = {SUBMISSION}",
    ),
    corruption(
        "the crosswalk calls an enrollment by another id",
        "crosswalk__live_rows_exist",
        lms=f"update ledger.crosswalk set legacy_id = -1 where entity = 'course_enrollments' and live_id = {ENROLLMENT}",
    ),
    corruption(
        "the crosswalk calls a submission by another id",
        "assessment_submissions__lead_back_to_edu",
        lms=f"update ledger.crosswalk set legacy_id = -1 where entity = 'assessment_submissions' and live_id = {SUBMISSION}",
    ),
    corruption(
        "the crosswalk leads a student to another live row",
        "course_enrollments__lead_back_to_edu", "course_enrollments__per_student_equal_edu",
        lms=f"""
            update ledger.crosswalk set live_id = (select id from students where student_number like 'STU%' order by id limit 1)
            where entity = 'students' and live_id = (select student_id from course_enrollments where id = {ENROLLMENT})""",
    ),
    corruption(
        "edu has an enrollment more",
        "course_enrollments__per_section_equal_edu", "course_enrollments__per_student_equal_edu",
        "course_enrollments__per_term_equal_edu", "totals__equal_edu", "status__everything_is_there",
        edu="""
            insert into journal (id, course_id, student_id, active)
            select -1, course_id, student_id, 1 from journal where active = 1 limit 1""",
        undo="delete from journal where id = -1",
    ),
    corruption(
        "edu has an enrollment less",
        "course_enrollments__per_section_equal_edu", "course_enrollments__per_student_equal_edu", "totals__equal_edu",
        "course_enrollments__per_term_equal_edu", "course_enrollments__lead_back_to_edu",
        edu="update journal set active = 7 where id = (select max(id) from journal where active = 1)",
        undo="update journal set active = 1 where active = 7",
    ),
    corruption(
        "edu has an exam mark more",
        "assessment_submissions__per_student_equal_edu", "totals__equal_edu", "status__everything_is_there",
        edu="""
            insert into exam_student (id, exam_id, student_id, active)
            select -1, exam_id, student_id, 1 from exam_student where active = 1 limit 1""",
        undo="delete from exam_student where id = -1",
    ),
    corruption(
        "edu has a section, a student and a teacher more",
        "totals__equal_edu", "status__everything_is_there",
        edu="""
            insert into course (id, active) values (-1, 1);
            insert into students (id, active) values (-1, 1);
            insert into teachers (id, active) values (-1, 1)""",
        undo="delete from course where id = -1; delete from students where id = -1; delete from teachers where id = -1",
    ),
    corruption(
        "edu has moved a section to another semester",
        "course_enrollments__lead_back_to_edu",
        edu="update journal set course_id = course_id + 1 where id = (select max(id) from journal where active = 1)",
        undo="update journal set course_id = course_id - 1 where id = (select max(id) from journal where active = 1)",
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def compiled(at_once: Step) -> dict[str, str]:
    """The parity tests as dbt ran them."""
    folder = at_once.databases.folder / "target" / "compiled" / "edu2lms" / "tests" / "parity"
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(folder).glob("**/*.sql"))}


@pytest.fixture
def lms(at_once: Step) -> Iterator[psycopg.Connection]:
    """The migrated database, as its administrator, with triggers and foreign keys suspended. Everything is rolled back."""
    with psycopg.connect(at_once.databases.lms) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection
        connection.rollback()


def ringing(connection: psycopg.Connection, role: str, compiled: dict[str, str]) -> set[str]:
    """The tests that return rows to the migration's role (only it may read edu), within the open transaction."""
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
    connection.execute("set local enable_nestloop = off")  # nobody has analyzed the corrupted tables
    found = {
        name
        for name, text in compiled.items()
        if connection.execute(sql.SQL("select 1 from ({}) as found limit 1").format(sql.SQL(text))).fetchone()
    }
    connection.execute("reset role")
    return found


def test_the_run_compiled_every_parity_test(compiled: dict[str, str]) -> None:
    assert sorted(compiled) == PARITY
    assert len(PARITY) >= 13


def test_after_the_migration_no_alarm_rings(lms: psycopg.Connection, at_once: Step, compiled: dict[str, str]) -> None:
    assert ringing(lms, at_once.databases.settings["LMS_USER"], compiled) == set()


@pytest.mark.parametrize("wrong", CORRUPTIONS, ids=[wrong.name.replace(" ", "_") for wrong in CORRUPTIONS])
def test_an_alarm_rings_when(lms: psycopg.Connection, at_once: Step, compiled: dict[str, str], wrong: Corruption) -> None:
    role = at_once.databases.settings["LMS_USER"]
    try:
        if wrong.edu:
            rows(at_once.databases.edu, wrong.edu)
        if wrong.lms:
            assert lms.execute(sql.SQL(wrong.lms)).rowcount != 0, "nothing was corrupted"
        rings = ringing(lms, role, {name: compiled[name] for name in wrong.rings})
    finally:
        lms.rollback()
        if wrong.undo:
            rows(at_once.databases.edu, wrong.undo)
    assert wrong.rings - rings == set(), "silent"


def test_every_parity_test_is_tried() -> None:
    tried = {name for wrong in CORRUPTIONS for name in wrong.rings}
    assert sorted(tried) == PARITY


def test_afterwards_no_alarm_rings_again(lms: psycopg.Connection, at_once: Step, compiled: dict[str, str]) -> None:
    assert ringing(lms, at_once.databases.settings["LMS_USER"], compiled) == set()
