-- Grain: one row per legacy row that this batch publishes
{{ config(post_hook='analyze {{ this }}') }}
{%- set courses = var('courses') | int %}

with ledger as (
    select entity, legacy_id from {{ ref('stg_ledger__crosswalk') }}
),

{%- if courses > 0 %}
sections as (
    select legacy_id, live_id, course_id, academic_term_id
    from {{ ref('int_course_offerings_classified') }}
    where outcome in ('matched', 'inserted')
),

-- a small batch: the first sections that no batch has published, and what they need
batch_sections as (
    select sections.*
    from sections
    left join ledger on ledger.entity = 'course_offerings' and sections.legacy_id = ledger.legacy_id
    where ledger.legacy_id is null
    order by sections.legacy_id
    limit {{ courses }}
),

batch_enrollments as (
    select legacy_id, legacy_student_id
    from {{ ref('int_course_enrollments_classified') }}
    where legacy_section_id in (select legacy_id from batch_sections) and live_id is not null
),

batch_instructors as (
    select legacy_id, legacy_teacher_id
    from {{ ref('int_course_instructors_classified') }}
    where legacy_section_id in (select legacy_id from batch_sections) and live_id is not null
),

batch_assessments as (
    select legacy_id
    from {{ ref('int_assessments_classified') }}
    where legacy_section_id in (select legacy_id from batch_sections) and live_id is not null
),

batch_submissions as (
    select legacy_id, legacy_student_id
    from {{ ref('int_assessment_submissions_classified') }}
    where legacy_exam_id in (select legacy_id from batch_assessments) and live_id is not null
),

batch_students as (
    select legacy_id, user_id, legacy_person_id
    from {{ ref('int_students_classified') }}
    where
        live_id is not null
        and legacy_id in (
            select legacy_student_id from batch_enrollments
            union
            select legacy_student_id from batch_submissions
        )
),

batch_staff as (
    select legacy_id, user_id, legacy_person_id
    from {{ ref('int_staff_members_classified') }}
    where live_id is not null and legacy_id in (select legacy_teacher_id from batch_instructors)
),

batch_persons as (
    select legacy_id, user_id
    from {{ ref('int_persons_classified') }}
    where
        live_id is not null
        and legacy_id in (
            select legacy_person_id from batch_students
            union
            select legacy_person_id from batch_staff
        )
),

batch_users as (  -- noqa: ST03
    select user_id from batch_students
    union
    select user_id from batch_staff
    union
    select user_id from batch_persons
),
{%- endif %}

logins as (
    -- logins that no users row bears have crosswalk entries of their own
    select login_entity, login_legacy_id, id, outcome, match_method from {{ ref('users') }} where login_entity <> 'users'
),

candidates as (
    {%- for entity in entities() %}
    select
        '{{ entity.entity }}' as entity,
        legacy_id,
        live_id,
        outcome,
        match_method,
        {{ 'match_score' if entity.entity == 'course_offerings' else 'null::numeric' }} as match_score,
        {{ 'evidence' if entity.entity in ('students', 'staff_members', 'course_offerings') else 'null::text' }} as evidence
    from {{ ref(entity.classified) }}
    where
        outcome in ('matched', 'inserted', 'folded')
    {%- if courses > 0 %}
        {%- if entity.entity == 'users' %}
        and live_id in (select user_id from batch_users)
        {%- elif entity.entity == 'courses' %}
        and live_id in (select course_id from batch_sections)
        {%- elif entity.entity == 'academic_terms' %}
        and live_id in (select academic_term_id from batch_sections)
        {%- else %}
        {%- set batch = {
            'persons': 'batch_persons', 'students': 'batch_students', 'staff_members': 'batch_staff',
            'course_offerings': 'batch_sections', 'course_instructors': 'batch_instructors',
            'course_enrollments': 'batch_enrollments', 'assessments': 'batch_assessments',
            'assessment_submissions': 'batch_submissions',
        }[entity.entity] %}
        and legacy_id in (select legacy_id from {{ batch }})
        {%- endif %}
        {%- endif %}
    union all
    {%- endfor %}
    select
        login_entity,
        login_legacy_id,
        id,
        outcome,
        match_method,
        null,
        null
    from logins
    {%- if courses > 0 %}
    where id in (select user_id from batch_users)
    {%- endif %}
),

final as (
    select candidates.*
    from candidates
    left join ledger on candidates.entity = ledger.entity and candidates.legacy_id = ledger.legacy_id
    where ledger.legacy_id is null
)

select * from final
