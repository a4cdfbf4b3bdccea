-- Makes: demo.sizes, one row holding how many rows of each kind this scale has.
-- Each count is round(base * scale), at scale 1 exactly the table of the documentation. Small scales have floors,
-- so that every kind of damage is still there at least once.
create table demo.sizes as
with
scale as (
    select
        current_setting('demo.scale')::numeric as s,
        current_setting('demo.damaged')::boolean as damaged
),

base as (
    select
        s as scale,
        damaged,
        round(6507 * greatest(s, 0.1))::integer as students,
        round(6344 * greatest(s, 0.1))::integer as students_active,
        round(5959 * greatest(s, 0.1))::integer as students_live,
        round(464 * greatest(s, 0.1))::integer as teachers,
        round(424 * greatest(s, 0.1))::integer as teachers_active,
        round(350 * greatest(s, 0.1))::integer as staff_live,
        greatest(round(516 * s), 50)::integer as shared_accounts,
        greatest(round(54 * s), 30)::integer as accounts_without_users,
        greatest(round(114 * s), 48)::integer as bad_emails,
        greatest(round(150 * s), 30)::integer as other_live_logins,
        12 as own_users,
        19 as students_without_key,
        round(883 * greatest(s, 0.07))::integer as subjects_active,
        3 as subjects_inactive_used,
        greatest(round(12 * s), 5)::integer as subjects_inactive,
        greatest(round(1581 * s), 40)::integer as offerings_live,
        12 as offerings_without_roster,
        greatest(round(6064 * s), 130)::integer as sections_in_scope,
        greatest(round(44 * s), 4)::integer as sections_inactive_used,
        greatest(round(2327 * s), 30)::integer as sections_unused,
        greatest(round(94558 * s), 1700)::integer as enrollments_live,
        greatest(round(510269 * s), 11000)::integer as journal_active,
        greatest(round(81216 * s), 600)::integer as journal_inactive,
        greatest(round(5500 * s), 110)::integer as exams_live,
        greatest(round(219 * s), 15)::integer as exams_new,
        3 as exams_inactive_used,
        greatest(round(111 * s), 8)::integer as exams_unused,
        greatest(round(63781 * s), 1270)::integer as attempts_live,
        greatest(round(2556 * s), 120)::integer as attempts_new,
        greatest(round(2028 * s), 40)::integer as attempts_inactive,
        greatest(round(101000 * s), 2000)::integer as course_students_active,
        greatest(round(430 * s), 12)::integer as course_students_uncovered,
        greatest(round(20323 * s), 100)::integer as course_students_inactive,
        greatest(round(11693 * s), 260)::integer as course_teachers_active,
        greatest(round(1912 * s), 40)::integer as course_teachers_inactive,
        greatest(round(2143 * s), 40)::integer as instructors_live,
        60 as organizations,
        56 as organizations_active
    from scale
)

select
    *,
    students + teachers as accounts,
    students + teachers - accounts_without_users + shared_accounts as users,
    students + teachers - 2 as persons,
    students_live + staff_live + other_live_logins + own_users as users_live,
    subjects_active + subjects_inactive as subjects,
    greatest(round(3006 * scale), 3 * (subjects_active + subjects_inactive) + 10)::integer as plan_subjects,
    greatest(round(1180 * scale), subjects_active + subjects_inactive + 160)::integer as dictionaries,
    sections_in_scope - sections_inactive_used as sections_active,
    sections_in_scope + sections_unused as sections,
    journal_active + journal_inactive as journal,
    exams_live + exams_new as exams_active,
    exams_live + exams_new + exams_inactive_used + exams_unused as exams,
    attempts_live + attempts_new as attempts_active,
    attempts_live + attempts_new + attempts_inactive as attempts,
    course_students_active + course_students_inactive as course_students,
    course_teachers_active + course_teachers_inactive as course_teachers
from base;

analyze demo.sizes;
