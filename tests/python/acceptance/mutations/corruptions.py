"""The ways in which a migrated copy is corrupted, each alone. Every one must be caught by `verify`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Corruption:
    """A wrong state.

    Attributes:
        name: what is wrong.
        entities: where it must be noticed.
        lms: statement in lms, run with triggers and foreign keys suspended and rolled back afterwards.
    """

    name: str
    entities: tuple[str, ...]
    lms: str


def made(entity: str, *, place: int = 0, where: str = "true") -> str:
    """The live id of a row that the migration made."""
    return (
        f"(select crosswalk.live_id from ledger.crosswalk inner join public.{entity} as row on crosswalk.live_id = row.id "
        f"where crosswalk.entity = '{entity}' and crosswalk.method = 'inserted' and {where} "
        f"order by crosswalk.legacy_id limit 1 offset {place})"
    )


def matched(entity: str) -> str:
    """The live id of a row that was there before."""
    return (
        f"(select live_id from ledger.crosswalk where entity = '{entity}' "
        "and method not in ('inserted', 'own_login', 'folded') order by legacy_id limit 1)"
    )


# One wrong value for each mapped column of each entity: of a row that the migration made, for which the old value is another one.
COLUMNS: dict[str, dict[str, str]] = {
    "users": {
        "username": "username || 'x'",
        "email": "'somebody.else@demo.example'",
        "email_verified": "true",
        "password_hash": "'$2b$12$da21862efef4001e3206186415dbc8a3'",
        "is_active": "not is_active",
        "is_locked": "not is_locked",
        "last_login_at": "current_timestamp",
        "password_changed_at": "current_timestamp",
        "deleted_at": "current_timestamp",
        "metadata": "metadata - 'password_reset_required'",
    },
    "persons": {
        "user_id": "gen_random_uuid()",
        "first_name": "last_name",
        "last_name": "upper(last_name)",
        "middle_name": "coalesce(middle_name, '') || ' '",
        "date_of_birth": "date_of_birth + 30",
        "gender": "case gender when 'male' then 'female' else 'male' end",
        "national_id": "case when national_id is null then '' end",
    },
    "students": {
        "user_id": "null",
        "student_number": "'STU0'",
        "enrollment_date": "enrollment_date - 1",
        "status": "'graduated'",
        "study_mode": "'hybrid'",
        "funding_type": "'sponsored'",
        "gpa": "3.5",
        "total_credits_earned": "30",
        "metadata": "jsonb_build_object('old_student_id', (metadata ->> 'old_student_id')::bigint + 1)",
    },
    "staff_members": {
        "user_id": "null",
        "employee_number": "'TCH' || substr(employee_number, 5)",
        "organization_unit_id": "(select id from organization_units order by code limit 1)",
        "position_title": "position_title - 'ru'",
        "employment_type": "'visiting'",
        "hire_date": "hire_date + 1",
        "contract_end_date": "coalesce(contract_end_date, date '2020-01-01') + 1",
        "is_active": "not is_active",
    },
    "academic_terms": {
        "academic_year": "'2009-2010'",
        "term_type": "'summer'",
        "term_number": "term_number + 1",
        "start_date": "start_date - 1",
        "end_date": "end_date + 1",
        "is_current": "true",
    },
    "courses": {
        "code": "code || '0'",
        "name": 'name || \'{"en": "Something else"}\'',
        "credit_hours": "credit_hours + 1",
        "course_level": "'graduate'",
        "is_active": "not is_active",
    },
    "course_offerings": {
        "course_id": "(select id from courses where id <> course_id order by code limit 1)",
        "academic_term_id": "(select id from academic_terms where id <> academic_term_id order by start_date desc limit 1)",
        "section_code": "left(section_code, 20)",
        "language_of_instruction": "case language_of_instruction when 'az' then 'en' else 'az' end",
        "max_enrollment": "max_enrollment + 1",
        "current_enrollment": "current_enrollment + 1",
        "waitlist_capacity": "5",
        "delivery_mode": "'online'",
        "is_published": "not is_published",
        "enrollment_status": "case enrollment_status when 'open' then 'closed' else 'open' end",
        "old_course_id": "old_course_id + 1",
    },
    "course_instructors": {
        "course_offering_id": "(select id from course_offerings order by old_course_id desc nulls last limit 1)",
        "instructor_id": "(select min(id::text)::uuid from users)",
        "role": "'assistant'",
        "assigned_date": "assigned_date - 1",
    },
    "course_enrollments": {
        "course_offering_id": "(select id from course_offerings order by old_course_id desc nulls last limit 1)",
        "student_id": "(select min(id::text)::uuid from students)",
        "enrollment_date": "enrollment_date - 1",
        "enrollment_status": "'dropped'",
        "status_changed_date": "current_date",
        "grade": "coalesce(grade || '0', '0')",
        "grade_points": "4",
        "attendance_percentage": "100",
        "is_retake": "not is_retake",
        "notes": "''",
        "old_journal_id": "-1",
    },
    "assessments": {
        "course_offering_id": "(select id from course_offerings order by old_course_id desc nulls last limit 1)",
        "title": "title - 'en'",
        "assessment_type": "'quiz'",
        "weight_percentage": "10",
        "total_marks": "total_marks + 10",
        "passing_marks": "coalesce(passing_marks, 51) - 1",
        "due_date": "due_date + interval '4 hours'",
        "duration_minutes": "duration_minutes + 1",
        "rubric": "jsonb_build_object('old_exam_id', (rubric ->> 'old_exam_id')::bigint)",
    },
    "assessment_submissions": {
        "assessment_id": "(select id from assessments order by id desc limit 1)",
        "student_id": "(select min(id::text)::uuid from students)",
        "attempt_number": "attempt_number + 1",
        "submission_date": "submission_date - interval '4 hours'",
        "status": "'returned'",
    },
}

# A date of birth has to be there to be wrong.
_NEEDED = {("persons", "date_of_birth"): "row.date_of_birth is not null"}

# What would stop the corruption itself.
_IN_THE_WAY = {
    ("academic_terms", "is_current"): "drop index academic_terms_is_current_key; ",
    ("persons", "user_id"): "alter table persons drop constraint persons_user_id_key; ",
    ("students", "user_id"): "alter table students drop constraint students_user_id_key; ",
    ("assessment_submissions", "student_id"): "alter table assessment_submissions "
    "drop constraint assessment_submissions_assessment_id_student_id_attempt_num_key; ",
    ("assessment_submissions", "assessment_id"): "alter table assessment_submissions "
    "drop constraint assessment_submissions_assessment_id_student_id_attempt_num_key; ",
}


def _column_corruptions() -> list[Corruption]:
    return [
        Corruption(
            f"{entity}.{column} is wrong",
            (entity,),
            f"{_IN_THE_WAY.get((entity, column), '')}update public.{entity} set {column} = {value} "
            f"where id = {made(entity, where=_NEEDED.get((entity, column), 'true'))}",
        )
        for entity, columns in COLUMNS.items()
        for column, value in columns.items()
    ]


def _lost_and_doubled() -> list[Corruption]:
    """For each entity: a made row gone, a matched row gone, a row twice, an entry of the crosswalk gone, …"""
    found = []
    for entity in COLUMNS:
        found += [
            Corruption(
                f"{entity}: a row that was made is gone", (entity,), f"delete from public.{entity} where id = {made(entity)}"
            ),
            Corruption(
                f"{entity}: the crosswalk has lost a row",
                (entity,),
                f"delete from ledger.crosswalk where entity = '{entity}' and live_id = {made(entity)}",
            ),
            Corruption(
                f"{entity}: a row has exchanged its id",
                (entity,),
                f"update public.{entity} set id = gen_random_uuid() where id = {made(entity)}",
            ),
            Corruption(
                f"{entity}: the crosswalk has another legacy id",
                (entity,),
                f"update ledger.crosswalk set legacy_id = legacy_id + 1000000000 "
                f"where entity = '{entity}' and live_id = {made(entity)}",
            ),
            Corruption(
                f"{entity}: a made row is said to have been there before",
                (entity,),
                f"update ledger.crosswalk set method = 'natural_key' where entity = '{entity}' and live_id = {made(entity)}",
            ),
            Corruption(
                f"{entity}: the batch counted one row less",
                (entity,),
                f"update ledger.batch_tables set inserted = inserted - 1 where entity = '{entity}'",
            ),
            Corruption(
                f"{entity}: a row was there before and is gone",
                (entity,),
                f"delete from public.{entity} where id = {matched(entity)}",
            ),
        ]
    return found


def _swapped(entity: str, column: str, *, order: str = "legacy_id") -> str:
    """Two rows that the migration made exchange a value in which they differ."""
    return f"""
        with numbered as (
            select row.id, row.{column} as own, row_number() over (order by crosswalk.{order}) as n
            from ledger.crosswalk
            inner join public.{entity} as row on crosswalk.live_id = row.id
            where crosswalk.entity = '{entity}' and crosswalk.method = 'inserted' and row.{column} is not null
        ),
        pair as (
            select one.id as one_id, one.own as one_own, other.id as other_id, other.own as other_own
            from numbered as one cross join numbered as other
            where one.n = 1 and other.own is distinct from one.own
            order by other.n
            limit 1
        )
        update public.{entity} as live
        set {column} = case live.id when one_id then other_own else one_own end
        from pair where live.id in (one_id, other_id)"""


ENROLLMENT = made("course_enrollments")
PRIMARY = made("course_instructors", where="row.role = 'primary'")
SECONDARY = made("course_instructors", where="row.role = 'secondary'")
RUNNING = made("course_enrollments", where="row.enrollment_status = 'enrolled'")

SWAPPED = [
    Corruption(
        f"two rows of {entity} have exchanged {column}",
        (entity,),
        _IN_THE_WAY.get((entity, column), "") + _swapped(entity, column),
    )
    for entity, column in [
        ("course_enrollments", "student_id"),
        ("course_enrollments", "course_offering_id"),
        ("course_enrollments", "grade"),
        ("course_enrollments", "enrollment_date"),
        ("assessment_submissions", "student_id"),
        ("assessment_submissions", "assessment_id"),
        ("assessment_submissions", "submission_date"),
        ("course_offerings", "course_id"),
        ("course_offerings", "academic_term_id"),
        ("course_instructors", "instructor_id"),
        ("persons", "user_id"),
        ("persons", "first_name"),
        ("students", "user_id"),
        ("staff_members", "position_title"),
        ("assessments", "course_offering_id"),
        ("users", "metadata"),
    ]
]

OTHERS = [
    Corruption(
        "an enrollment stands there twice, once without tracking id, with a computed id",
        ("course_enrollments",),
        f"""insert into course_enrollments (id, course_offering_id, student_id, enrollment_status)
            select (left(id::text, 9) || '0000' || substr(id::text, 14))::uuid, course_offering_id, student_id, 'completed'
            from course_enrollments where id = {ENROLLMENT}""",
    ),
    Corruption(
        "an enrolled row stands there twice",
        ("course_offerings", "course_enrollments"),
        f"""drop index course_enrollments_enrolled_key;
            insert into course_enrollments (course_offering_id, student_id, enrollment_status)
            select course_offering_id, student_id, 'enrolled' from course_enrollments where id = {RUNNING}""",
    ),
    Corruption(
        "a tracking id stands at two rows",
        ("course_enrollments",),
        f"""drop index course_enrollments_old_journal_id_key;
            insert into course_enrollments (course_offering_id, student_id, enrollment_status, old_journal_id)
            select course_offering_id, student_id, 'completed', old_journal_id
            from course_enrollments where id = {ENROLLMENT}""",
    ),
    Corruption(
        "a tracking id of an offering stands at two rows",
        ("course_offerings",),
        f"""drop index course_offerings_old_course_id_key;
            insert into course_offerings (course_id, academic_term_id, section_code, max_enrollment, old_course_id)
            select course_id, academic_term_id, 'twice', 1, old_course_id
            from course_offerings where id = {made("course_offerings")}""",
    ),
    Corruption(
        "an application's row has been given a tracking id",
        ("course_enrollments",),
        "update course_enrollments set old_journal_id = 7 where id = (select id from course_enrollments "
        "where old_journal_id is null order by id limit 1)",
    ),
    Corruption(
        "an enrollment has lost its tracking id",
        ("course_enrollments",),
        f"update course_enrollments set old_journal_id = null where id = {ENROLLMENT}",
    ),
    Corruption(
        "a row that was there before has lost its tracking id",
        ("course_enrollments",),
        f"update course_enrollments set old_journal_id = null where id = {matched('course_enrollments')}",
    ),
    Corruption(
        "an offering that was there before has lost its tracking id",
        ("course_offerings",),
        f"update course_offerings set old_course_id = null where id = {matched('course_offerings')}",
    ),
    Corruption(
        "an offering that was there before stands in another term",
        ("course_offerings",),
        f"""update course_offerings set academic_term_id = (select id from academic_terms order by start_date limit 1)
            where id = {matched("course_offerings")}""",
    ),
    Corruption(
        "the number of enrolled students of an offering that was there before is wrong",
        ("course_offerings",),
        f"update course_offerings set current_enrollment = current_enrollment - 1 where id = {matched('course_offerings')}",
    ),
    Corruption(
        "an enrollment that was there before belongs to another student",
        ("course_enrollments",),
        f"""update course_enrollments set student_id = (select min(id::text)::uuid from students)
            where id = {matched("course_enrollments")}""",
    ),
    Corruption(
        "a submission that was there before stands at another assessment",
        ("assessment_submissions",),
        f"""update assessment_submissions set assessment_id = (select max(id::text)::uuid from assessments)
            where id = {matched("assessment_submissions")}""",
    ),
    Corruption(
        "a student who was there before bears another student's tracking id",
        ("students",),
        f"""update students set metadata = metadata || '{{"old_student_id": "1"}}' where id = {matched("students")}""",
    ),
    Corruption(
        "a staff member who was there before has another number",
        ("staff_members",),
        f"update staff_members set employee_number = 'TCH1' where id = {matched('staff_members')}",
    ),
    Corruption(
        "an assessment that was there before has lost its tracking id",
        ("assessments",),
        f"update assessments set rubric = '{{}}' where id = {matched('assessments')}",
    ),
    Corruption(
        "a user who was there before belongs to another account",
        ("users",),
        f"""update users set metadata = '{{"old_user_id": "1", "old_account_id": "1"}}' where id = {matched("users")}""",
    ),
    Corruption(
        "a person who was there before stands at another login",
        ("persons",),
        _IN_THE_WAY["persons", "user_id"]
        + f"update persons set user_id = (select max(id::text)::uuid from users) where id = {matched('persons')}",
    ),
    Corruption(
        "a course that was there before has another code",
        ("courses",),
        f"update courses set code = 'SUBJ99999' where id = {matched('courses')}",
    ),
    Corruption(
        "all running enrollments are completed",
        ("course_enrollments",),
        "update course_enrollments set enrollment_status = 'completed' "
        "where old_journal_id is not null and enrollment_status = 'enrolled'",
    ),
    Corruption(
        "two students of a running term have exchanged who is enrolled and who has completed",
        ("course_enrollments",),
        f"""
        with pair as (
            select one.id as one_id, other.id as other_id
            from course_enrollments as one
            inner join course_enrollments as other using (course_offering_id, student_id)
            where one.id = {
            made(
                "course_enrollments",
                where='''row.enrollment_status = 'enrolled' and exists (
                select 1 from public.course_enrollments as twin
                where twin.course_offering_id = row.course_offering_id and twin.student_id = row.student_id
                    and twin.enrollment_status = 'completed')''',
            )
        }
                and other.enrollment_status = 'completed'
            limit 1
        ),
        closed as (
            update course_enrollments set enrollment_status = 'completed' where id = (select one_id from pair) returning id
        )
        update course_enrollments set enrollment_status = 'withdrawn' where id = (select other_id from pair)""",
    ),
    Corruption(
        "an older mark of a student stands for the enrollment",
        ("course_enrollments",),
        f"""
        create temporary table pair on commit drop as
        select one.id as one_id, other.id as other_id
        from course_enrollments as one
        inner join course_enrollments as other using (course_offering_id, student_id)
        where one.id = {
            made(
                "course_enrollments",
                where='''row.enrollment_status = 'enrolled' and exists (
            select 1 from public.course_enrollments as twin
            where twin.course_offering_id = row.course_offering_id and twin.student_id = row.student_id
                and twin.enrollment_status = 'completed')''',
            )
        }
            and other.enrollment_status = 'completed'
        limit 1;
        update course_enrollments set enrollment_status = 'completed' where id = (select one_id from pair);
        update course_enrollments set enrollment_status = 'enrolled' where id = (select other_id from pair)""",
    ),
    Corruption(
        "one enrollment's mark is NULL instead of what it was",
        ("course_enrollments",),
        f"update course_enrollments set grade = null where id = {made('course_enrollments', where='row.grade is not null')}",
    ),
    Corruption(
        "a missing mark is empty text instead of NULL",
        ("course_enrollments",),
        f"update course_enrollments set grade = '' where id = {made('course_enrollments', where='row.grade is null')}",
    ),
    Corruption(
        "a mark is another one by a decimal place",
        ("course_enrollments",),
        "update course_enrollments set grade = (grade::numeric / 10)::text where id = "
        + made("course_enrollments", where="row.grade ~ '^[0-9]+$' and row.grade <> '0'"),
    ),
    Corruption(
        "all enrollment dates are a day early, as by a wrong time zone",
        ("course_enrollments",),
        "update course_enrollments set enrollment_date = enrollment_date - 1 where old_journal_id is not null",
    ),
    Corruption(
        "all times of submission are shifted by the time zone",
        ("assessment_submissions",),
        "update assessment_submissions set submission_date = submission_date + interval '4 hours'",
    ),
    Corruption(
        "all new offerings have codes cut to 20 characters",
        ("course_offerings",),
        "update course_offerings set section_code = left(section_code, 20) || '#' || (old_course_id % 1000) "
        "where id::text like 'ed07%'",
    ),
    Corruption(
        "all new offerings stand in one term",
        ("course_offerings",),
        "update course_offerings set academic_term_id = (select id from academic_terms order by start_date desc limit 1), "
        "section_code = section_code || id where id::text like 'ed07%'",
    ),
    Corruption(
        "a repeated section code has lost its number",
        ("course_offerings",),
        "update course_offerings set section_code = section_code || '#7' where id = " + made("course_offerings", place=3),
    ),
    Corruption(
        "an offering is larger than it was",
        ("course_offerings",),
        "update course_offerings set max_enrollment = 2881 where id = " + made("course_offerings", place=5),
    ),
    Corruption(
        "an offering has two primary instructors",
        ("course_instructors",),
        f"update course_instructors set role = 'primary' where id = {SECONDARY}",
    ),
    Corruption(
        "an offering has no primary instructor",
        ("course_instructors",),
        f"update course_instructors set role = 'secondary' where id = {PRIMARY}",
    ),
    Corruption(
        "an enrollment's student does not exist",
        ("course_enrollments",),
        f"update course_enrollments set student_id = gen_random_uuid() where id = {ENROLLMENT}",
    ),
    Corruption(
        "an application's enrollment is an orphan",
        ("course_enrollments",),
        "update course_enrollments set course_offering_id = gen_random_uuid() where id = "
        "(select id from course_enrollments where old_journal_id is null order by id limit 1)",
    ),
    Corruption(
        "a user was deleted under a student",
        ("users", "students"),
        f"delete from users where id = (select user_id from students where id = {made('students')})",
    ),
    Corruption(
        "two accounts' users were merged in the crosswalk",
        ("users",),
        f"update ledger.crosswalk set live_id = {matched('users')}, method = 'folded' "
        f"where entity = 'users' and live_id = {made('users')}",
    ),
    Corruption(
        "two legacy rows claim one live row",
        ("course_enrollments",),
        f"update ledger.crosswalk set live_id = {ENROLLMENT} where entity = 'course_enrollments' "
        f"and live_id = {made('course_enrollments', place=1)}",
    ),
    Corruption(
        "an enrollment is folded although the grain is journal",
        ("course_enrollments",),
        f"""update ledger.crosswalk set method = 'folded', live_id = (
                select other.id from course_enrollments as other
                inner join course_enrollments as one using (course_offering_id, student_id)
                where one.id = {made("course_enrollments", place=2)} and other.id <> one.id limit 1)
            where entity = 'course_enrollments' and live_id = {made("course_enrollments", place=2)}""",
    ),
    Corruption(
        "a lost enrollment is written off as rejected",
        ("course_enrollments",),
        f"""insert into migration.rejected_rows (entity, legacy_id, reason)
            select 'course_enrollments', old_journal_id, 'missing_student' from course_enrollments where id = {ENROLLMENT};
            delete from ledger.crosswalk where entity = 'course_enrollments' and live_id = {ENROLLMENT};
            delete from course_enrollments where id = {ENROLLMENT}""",
    ),
    Corruption(
        "a lost enrollment is written off as withdrawn",
        ("course_enrollments",),
        f"""update ledger.crosswalk set is_withdrawn = true
            where entity = 'course_enrollments' and live_id = {ENROLLMENT};
            update course_enrollments set enrollment_status = 'withdrawn' where id = {ENROLLMENT}""",
    ),
    Corruption(
        "the crosswalk knows a row that edu does not have",
        ("course_enrollments",),
        """with doubled as (
            insert into course_enrollments (id, course_offering_id, student_id, enrollment_status, old_journal_id)
            select 'ed097fff-ffff-8fff-bfff-fc0000000000', course_offering_id, student_id, 'completed', -1
            from course_enrollments where old_journal_id is not null limit 1 returning id)
        insert into ledger.crosswalk (entity, legacy_id, live_id, method, batch_id)
        select 'course_enrollments', -1, doubled.id, 'inserted', (select batch_id from ledger.batches limit 1) from doubled""",
    ),
    Corruption(
        "an entry of the crosswalk belongs to no batch",
        ("students",),
        f"update ledger.crosswalk set batch_id = 'nobody' where entity = 'students' and live_id = {made('students')}",
    ),
    Corruption(
        "the raw value of an unreadable mark is lost",
        ("course_enrollments",),
        "delete from ledger.value_warnings where ctid = (select warnings.ctid from ledger.value_warnings as warnings "
        "inner join ledger.crosswalk using (entity, legacy_id) "
        "where entity = 'course_enrollments' and method = 'inserted' order by legacy_id limit 1)",
    ),
    Corruption(
        "the grain was changed behind the batch's back",
        ("course_enrollments",),
        "delete from course_enrollments as live using course_enrollments as twin "
        "where live.course_offering_id = twin.course_offering_id and live.student_id = twin.student_id "
        "and live.old_journal_id < twin.old_journal_id",
    ),
    Corruption(
        "a term begins after it ends",
        ("academic_terms",),
        "alter table academic_terms drop constraint academic_terms_dates_check; "
        f"update academic_terms set start_date = end_date + 1 where id = {matched('academic_terms')}",
    ),
    Corruption(
        "a placeholder address stands where a free valid one was given",
        ("users",),
        "update users set email = username || '@placeholder.invalid' where id = "
        + made("users", where="row.email not like '%@placeholder.invalid'"),
    ),
    Corruption(
        "a user name has a number although the plain one is free",
        ("users",),
        f"update users set username = username || '-2' where id = {made('users')}",
    ),
    Corruption(
        "a card number belongs to another student",
        ("students",),
        "update students set student_number = 'STU' || (metadata ->> 'old_student_id') where id = "
        + made("students", where="row.student_number not like 'STU%'"),
    ),
]

# Those that are one of a kind, and those that are the same for every table or column.
SINGULAR = [*SWAPPED, *OTHERS]
SERIAL = [*_column_corruptions(), *_lost_and_doubled()]
