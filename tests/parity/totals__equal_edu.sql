-- Promise: in each of the five promised entities, lms holds as many legacy rows as edu has in scope, less the named rejects.
-- If it fails: legacy rows are missing in the live tables, or there are too many.
-- Who acts: operator: stop; compare with the per-section and per-student tests.
{{ config(enabled=var('publish') and var('courses') | int == 0) }}
-- depends_on: {{ ref('lms_publish') }}

with legacy as (
    select 'students' as entity, count(*) as row_count
    from {{ source('edu_live', 'students') }}
    where
        active = 1
        or id in (select student_id from {{ source('edu_live', 'journal') }} where active = 1)
        or id in (select student_id from {{ source('edu_live', 'exam_student') }} where active = 1)
    union all
    select 'course_enrollments', count(*) from {{ source('edu_live', 'journal') }} where active = 1
    union all
    select 'assessment_submissions', count(*) from {{ source('edu_live', 'exam_student') }} where active = 1
    union all
    select 'course_offerings', count(*)
    from {{ source('edu_live', 'course') }}
    where
        active = 1
        or id in (select course_id from {{ source('edu_live', 'journal') }} where active = 1)
        or id in (
            select course_id
            from {{ source('edu_live', 'exam') }}
            where active = 1 or id in (select exam_id from {{ source('edu_live', 'exam_student') }} where active = 1)
        )
    union all
    select 'staff_members', count(*)
    from {{ source('edu_live', 'teachers') }}
    where
        active = 1
        or id in (
            select section_teachers.teacher_id
            from {{ source('edu_live', 'course_teacher') }} as section_teachers
            inner join {{ ref('int_sections_scoped') }} as sections
                on section_teachers.course_id = sections.legacy_section_id and sections.is_in_scope
            where section_teachers.active = 1
        )
),

excused as (
    select entity, sum(row_count) as row_count
    from {{ ref('accounting') }}
    where outcome = 'rejected' or reason = 'before_cutoff'
    group by entity
),

-- folded rows share a live row: they count through the crosswalk, whose live row must exist
live as (
    {%- for entity in ['students', 'staff_members', 'course_offerings', 'course_enrollments', 'assessment_submissions'] %}
    select '{{ entity }}' as entity, count(*) as row_count
    from {{ source('ledger', 'crosswalk') }} as crosswalk
    inner join {{ source('lms', entity) }} as live on crosswalk.live_id = live.id
    where crosswalk.entity = '{{ entity }}'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select legacy.entity, legacy.row_count as edu_rows, excused.row_count as excused_rows, live.row_count as live_rows
from legacy
left join excused on legacy.entity = excused.entity
left join live on legacy.entity = live.entity
where legacy.row_count - coalesce(excused.row_count, 0) <> coalesce(live.row_count, 0)
