-- Promise: in each of the five promised entities, lms holds as many legacy rows as edu has in scope, less the named rejects.
-- Who acts: operator: stop; compare with the per-section and per-student tests.
{{ config(enabled=var('publish') and var('courses') | int == 0) }}
-- depends_on: {{ ref('lms_publish') }}

with legacy as (
    select 'students' as entity, count(*) as row_count
    from {{ edu_latest('students', ['id', 'active']) | indent(4) }} as students
    where
        active = 1
        or id in (select student_id from {{ edu_table('journal') }} where active = 1)
        or id in (select student_id from {{ edu_table('exam_student') }} where active = 1)
    union all
    select 'course_enrollments', count(*)
    from {{ edu_latest('journal', ['id', 'active']) | indent(4) }} as journal
    where active = 1
    union all
    select 'assessment_submissions', count(*)
    from {{ edu_latest('exam_student', ['id', 'active']) | indent(4) }} as attempts
    where active = 1
    union all
    select 'course_offerings', count(*)
    from {{ edu_latest('course', ['id', 'active']) | indent(4) }} as sections
    where
        active = 1
        or id in (select course_id from {{ edu_table('journal') }} where active = 1)
        or id in (
            select course_id
            from {{ edu_table('exam') }}
            where active = 1 or id in (select exam_id from {{ edu_table('exam_student') }} where active = 1)
        )
    union all
    select 'staff_members', count(*)
    from {{ edu_latest('teachers', ['id', 'active']) | indent(4) }} as teachers
    where
        active = 1
        or id in (
            select section_teachers.teacher_id
            from {{ edu_table('course_teacher') }} as section_teachers
            inner join {{ ref('int_sections_scoped') }} as sections
                on section_teachers.course_id = sections.legacy_section_id and sections.is_in_scope
            where section_teachers.active = 1
        )
),

excused as (
    select entity, sum(row_count) as row_count
    from {{ ref('accounting') }}
    where (outcome = 'rejected' and reason <> 'duplicate_legacy_id') or reason in ('before_cutoff', 'deleted_in_lms')
    group by entity
),

-- folded rows share a live row: they count through the crosswalk, whose live row must exist
live as (
    {%- for entity in ['students', 'staff_members', 'course_offerings', 'course_enrollments', 'assessment_submissions'] %}
    select '{{ entity }}' as entity, count(*) as row_count
    from {{ source('ledger', 'crosswalk') }} as crosswalk
    inner join {{ source('lms', entity) }} as live on crosswalk.live_id = live.id
    where crosswalk.entity = '{{ entity }}' and {{ live_not_exempt(entity, 'live.id') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- accepted rows that may differ from edu count on neither side
exempt as (
    select exempt_rows.entity, count(*) as row_count
    from {{ ref('exempt_rows') }} as exempt_rows
    inner join (
        {%- for entity in ['students', 'staff_members', 'course_offerings', 'course_enrollments', 'assessment_submissions'] %}
        select '{{ entity }}' as entity, legacy_id
        from {{ ref('int_' ~ entity ~ '_classified') }}
        where live_id is not null
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ) as accepted on exempt_rows.entity = accepted.entity and exempt_rows.legacy_id = accepted.legacy_id
    group by exempt_rows.entity
)

select
    legacy.entity,
    legacy.row_count as edu_rows,
    excused.row_count as excused_rows,
    exempt.row_count as exempt_rows,
    live.row_count as live_rows
from legacy
left join excused on legacy.entity = excused.entity
left join exempt on legacy.entity = exempt.entity
left join live on legacy.entity = live.entity
where legacy.row_count - coalesce(excused.row_count, 0) - coalesce(exempt.row_count, 0) <> coalesce(live.row_count, 0)
