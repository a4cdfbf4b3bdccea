-- Grain: one row per class section of edu: its term (rules, section 3) and its course (section 4); where an analyst has named its
-- offering (section 5), those of the offering.
with coded as (
    select
        course.*,
        edu_years.name as column_year,
        plan.subject_id,
        decided.course_code as decided_code,
        -- year and semester as the code repeats them: <YYYY/YYYY>_<PY|YZ>_…
        substring(btrim(split_part(course.code, '_', 1), e' \t\r\n\u00a0') from '^[0-9]{4}/[0-9]{4}$') as code_year,
        semester_codes.legacy_semester_id::bigint as code_semester
    from raw_course as course
    left join raw_edu_years as edu_years on course.education_year_id = edu_years.id
    left join raw_education_plan_subject as plan on course.education_plan_subject_id = plan.id
    left join seed_course_mapping as decided on course.education_plan_subject_id = decided.legacy_plan_subject_id::bigint
    left join seed_semester_codes as semester_codes
        on semester_codes.code_semester = upper(btrim(split_part(course.code, '_', 2), e' \t\r\n\u00a0'))
),

placed as (
    select
        coded.*,
        term_mapping.academic_year,
        term_mapping.term_type
    from coded
    left join seed_term_mapping as term_mapping
        on coalesce(btrim(coded.column_year), coded.code_year) = term_mapping.legacy_education_year
            and coalesce(coded.semester_id, coded.code_semester) = term_mapping.legacy_semester_id::bigint
),

-- what the analyst's line says counts where the section was published by it
decided as (
    select
        walk.legacy_id,
        live.course_id as live_course_id,
        live.academic_term_id as live_term_id,
        terms.start_date,
        terms.end_date,
        courses.code as course_code
    from seed_offering_overrides as line
    inner join walk
        on walk.entity = 'course_offerings' and walk.method = 'override'
            and line.legacy_course_id::bigint = walk.legacy_id and line.live_offering_id::uuid = walk.live_id
    inner join public.course_offerings as live on walk.live_id = live.id
    inner join public.academic_terms as terms on live.academic_term_id = terms.id
    inner join public.courses on live.course_id = courses.id
),

referred as (
    select course_id from raw_journal where active = 1
    union
    select exam.course_id
    from raw_exam as exam
    where exam.active = 1 or exam.id in (select exam_id from raw_exam_student where active = 1)
)

select
    placed.id,
    placed.code,
    placed.subject_id,
    placed.education_lang_id,
    placed.student_count,
    placed.create_date,
    placed.update_date,
    calendar.legacy_id as term_id,
    coalesce(decided.live_term_id, calendar.live_id) as live_term_id,
    coalesce(decided.start_date, calendar.start_date) as term_start,
    coalesce(decided.end_date, calendar.end_date) as term_end,
    coalesce(decided.course_code, placed.decided_code, 'SUBJ' || lpad((subject.id % 100000)::text, 5, '0')) as course_code,
    coalesce(
        decided.live_course_id, case when placed.decided_code is null then walk_course.live_id else live_course.id end
    ) as live_course_id,
    walk.live_id as live_id,
    coalesce(calendar.end_date < settings.cutoff_date, false) as is_before_cutoff,
    (coalesce(placed.active = 1, false) or referred.course_id is not null)
    and not coalesce(calendar.end_date < settings.cutoff_date, false) as is_in_scope
from placed
cross join settings
left join calendar on placed.academic_year = calendar.academic_year and placed.term_type = calendar.term_type
left join raw_subject_catalog as subject on placed.subject_id = subject.id
left join walk as walk_course on walk_course.entity = 'courses' and placed.subject_id = walk_course.legacy_id
left join public.courses as live_course on placed.decided_code = live_course.code
left join walk on walk.entity = 'course_offerings' and placed.id = walk.legacy_id
left join decided on placed.id = decided.legacy_id
left join referred on placed.id = referred.course_id
