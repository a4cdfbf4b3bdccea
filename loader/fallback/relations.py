"""What the fallback offers: its relations, their columns, and where each value comes from.

The one list behind the views, the copies, the equality proof, `lms_compat.column_sources` and the table in docs/fallback.md.
A column of lms that is not named here is not copied: nobody has said that it holds no secret.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Source(StrEnum):
    """Where the value of a column comes from."""

    CROSSWALK = "crosswalk"
    """An id, or the legacy id that it stands for: computed, or that of the application's row that was matched."""
    LIVE = "edu, live"
    """Computed from the legacy row at each reading, for rows whose published value is what edu says."""
    PUBLISHED = "edu, as published"
    """Decided by the migration from edu (or by the application, in a row that was there before); copied from lms."""
    LMS = "lms only"
    """edu has never known it; copied from lms."""
    NONE = "none"
    """Not offered: NULL."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one column comes from. `legacy` says in words which column of edu, or why there is none."""

    source: Source
    legacy: str


@dataclass(frozen=True)
class Beginning:
    """The first 100 characters of a column, to index a text without a limit: a B-tree takes no row of more than 2,700 bytes."""

    column: str


@dataclass(frozen=True)
class Relation:
    """One relation of the fallback, named as the application's table.

    Attributes:
        name: the application's table.
        columns: known columns, in no particular order: lms's catalog has the order.
        indexes: columns of each index beside the one on `id`; a text that lms keeps unique is short enough for one.
        legacy: the legacy table whose rows the columns with `Source.LIVE` follow.
        crosswalk: entities of the ledger's crosswalk whose live rows these are.
    """

    name: str
    columns: dict[str, Origin]
    indexes: tuple[tuple[str | Beginning, ...], ...] = ()
    legacy: str | None = None
    crosswalk: tuple[str, ...] = field(default=())

    @property
    def entities(self) -> tuple[str, ...]:
        """Entities of the crosswalk."""
        return self.crosswalk or (self.name,)

    @property
    def live_columns(self) -> tuple[str, ...]:
        """Columns that are computed from the legacy row at each reading."""
        return tuple(name for name, origin in self.columns.items() if origin.source is Source.LIVE)

    def origin(self, column: str) -> Origin:
        """Where a column comes from; one that nobody has listed comes from nowhere."""
        return self.columns.get(column, Origin(Source.NONE, "not known to the migration"))


def _crosswalk(legacy: str) -> Origin:
    return Origin(Source.CROSSWALK, legacy)


def _live(legacy: str) -> Origin:
    return Origin(Source.LIVE, legacy)


def _edu(legacy: str) -> Origin:
    return Origin(Source.PUBLISHED, legacy)


def _none(why: str) -> Origin:
    return Origin(Source.NONE, why)


_LMS = Origin(Source.LMS, "–")
_STAMPS = {"created_at": _LMS, "updated_at": _LMS}

RELATIONS = (
    Relation(
        "users",
        {
            "id": _crosswalk("users.id"),
            "username": _edu("accounts.username"),
            "email": _edu("accounts.email"),
            "email_verified": _LMS,
            "password_hash": _none("a secret"),
            "is_active": _edu("accounts.active"),
            "is_locked": _edu("users.is_blocked"),
            "last_login_at": _LMS,
            "password_changed_at": _none("about a secret"),
            "deleted_at": _LMS,
            # what else the application keeps there may be a token
            "metadata": _crosswalk("users.id, accounts.id: only the keys that the migration knows"),
            **_STAMPS,
        },
        indexes=(("username",), ("email",)),
        crosswalk=("users", "accounts", "student_logins", "staff_logins"),
    ),
    Relation(
        "persons",
        {
            "id": _crosswalk("persons.id"),
            "user_id": _crosswalk("accounts.person_id"),
            "first_name": _edu("persons.firstname"),
            "last_name": _edu("persons.lastname"),
            "middle_name": _edu("persons.patronymic"),
            "date_of_birth": _edu("persons.birthdate"),
            "gender": _edu("persons.gender_id"),
            "national_id": _edu("persons.pincode"),
            **_STAMPS,
        },
        indexes=(("user_id",), (Beginning("last_name"), Beginning("first_name"))),
    ),
    Relation(
        "students",
        {
            "id": _crosswalk("students.id"),
            "user_id": _crosswalk("students.user_id"),
            "student_number": _edu("students.card_number"),
            "enrollment_date": _edu("students.create_date"),
            "status": _edu("students.active"),
            "study_mode": _edu("students.education_type_id"),
            "funding_type": _edu("students.education_payment_type_id"),
            "gpa": _LMS,
            "total_credits_earned": _LMS,
            "metadata": _crosswalk("students.id"),
            **_STAMPS,
        },
        indexes=(("user_id",), ("student_number",), ("status",)),
    ),
    Relation(
        "staff_members",
        {
            "id": _crosswalk("teachers.id"),
            "user_id": _crosswalk("teachers.user_id"),
            "employee_number": _crosswalk("teachers.id"),
            "organization_unit_id": _LMS,
            "position_title": _edu("teachers.position_id"),
            "employment_type": _edu("teachers.contract_type_id"),
            "hire_date": _edu("teachers.in_action_date, create_date"),
            "contract_end_date": _edu("teachers.out_action_date"),
            "is_active": _edu("teachers.active, out_action_date"),
            **_STAMPS,
        },
        indexes=(("user_id",), ("employee_number",)),
    ),
    Relation(
        "academic_terms",
        {
            "id": _crosswalk("edu_years.id, semester"),
            "academic_year": _edu("edu_years.name"),
            "term_type": _edu("course.semester_id"),
            "term_number": _edu("course.semester_id"),
            "start_date": _edu("seeds/academic_terms.csv"),
            "end_date": _edu("seeds/academic_terms.csv"),
            "is_current": _LMS,
            **_STAMPS,
        },
    ),
    Relation(
        "courses",
        {
            "id": _crosswalk("subject_catalog.id"),
            "code": _crosswalk("subject_catalog.id"),
            "name": _edu("dictionaries.name_az, name_en, name_ru"),
            "credit_hours": _LMS,
            "course_level": _LMS,
            "is_active": _LMS,
            **_STAMPS,
        },
        indexes=(("code",),),
    ),
    Relation(
        "course_offerings",
        {
            "id": _crosswalk("course.id"),
            "course_id": _crosswalk("course.education_plan_subject_id"),
            "academic_term_id": _crosswalk("course.education_year_id, semester_id"),
            "section_code": _edu("course.code"),
            "language_of_instruction": _edu("course.education_lang_id"),
            "max_enrollment": _edu("course.student_count"),
            "current_enrollment": _edu("journal"),
            "waitlist_capacity": _LMS,
            "delivery_mode": _LMS,
            "is_published": _LMS,
            "enrollment_status": _LMS,
            "old_course_id": _crosswalk("course.id"),
            **_STAMPS,
        },
        indexes=(("course_id",), ("academic_term_id",), ("old_course_id",)),
    ),
    Relation(
        "course_instructors",
        {
            "id": _crosswalk("course_teacher.id"),
            "course_offering_id": _crosswalk("course_teacher.course_id"),
            "instructor_id": _crosswalk("course_teacher.teacher_id"),
            "role": _edu("course_teacher.lesson_type_id"),
            "assigned_date": _edu("course_teacher.create_date"),
            **_STAMPS,
        },
        indexes=(("course_offering_id",), ("instructor_id",)),
    ),
    Relation(
        "course_enrollments",
        {
            "id": _crosswalk("journal.id"),
            "course_offering_id": _crosswalk("journal.course_id"),
            "student_id": _crosswalk("journal.student_id"),
            "enrollment_date": _live("journal.create_date"),
            "enrollment_status": _live("journal.active; else as published"),
            "status_changed_date": _LMS,
            "grade": _live("journal.point"),
            "grade_points": _LMS,
            "attendance_percentage": _LMS,
            "is_retake": _edu("journal, course"),
            "notes": _LMS,
            "old_journal_id": _crosswalk("journal.id"),
            **_STAMPS,
        },
        indexes=(("course_offering_id",), ("student_id",), ("old_journal_id",)),
        legacy="journal",
    ),
    Relation(
        "assessments",
        {
            "id": _crosswalk("exam.id"),
            "course_offering_id": _crosswalk("exam.course_id"),
            "title": _LMS,
            "assessment_type": _LMS,
            "weight_percentage": _LMS,
            "total_marks": _LMS,
            "passing_marks": _live("exam.passing_grade"),
            "due_date": _live("exam.start_date, start_time"),
            "duration_minutes": _live("exam.duration"),
            "rubric": _crosswalk("exam.id"),
            **_STAMPS,
        },
        indexes=(("course_offering_id",),),
        legacy="exam",
    ),
    Relation(
        "assessment_submissions",
        {
            "id": _crosswalk("exam_student.id"),
            "assessment_id": _crosswalk("exam_student.exam_id"),
            "student_id": _crosswalk("exam_student.student_id"),
            "attempt_number": _edu("exam_student.create_date, id"),
            "submission_date": _live("exam_student.create_date"),
            "status": _live("exam_student.finish_status"),
            **_STAMPS,
        },
        indexes=(("assessment_id",), ("student_id",)),
        legacy="exam_student",
    ),
)

# In these only the named keys are copied.
KNOWN_KEYS = {("users", "metadata"): ("old_user_id", "old_account_id", "password_reset_required")}

NAMES = tuple(relation.name for relation in RELATIONS)
