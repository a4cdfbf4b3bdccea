-- Promise: the two queries of the mission answer with the number of sections and of enrollments in scope.
-- If it fails: sections or enrollments have no legacy id.
-- Who acts: operator: stop.
{{ config(enabled=var('publish') and var('courses') | int == 0) }}
-- depends_on: {{ ref('lms_publish') }}

with answers as (
    select
        (
            select count(*)
            from {{ source('lms', 'course_offerings') }} as offerings
            where old_course_id is not null and {{ live_not_exempt('course_offerings', 'offerings.id') }}
        ) as offerings,
        (
            select count(*)
            from {{ source('lms', 'course_enrollments') }} as enrollments
            where old_journal_id is not null and {{ live_not_exempt('course_enrollments', 'enrollments.id') }}
        ) as enrollments
),

expected as (
    select
        (
            select count(*)
            from {{ ref('int_course_offerings_classified') }} as offerings
            where outcome in ('matched', 'inserted') and {{ live_not_exempt('course_offerings', 'offerings.live_id') }}
        ) as offerings,
        (
            select count(*)
            from {{ ref('int_course_enrollments_classified') }} as enrollments
            where outcome in ('matched', 'inserted') and {{ live_not_exempt('course_enrollments', 'enrollments.live_id') }}
        ) as enrollments
)

select answers.*, expected.offerings as expected_offerings, expected.enrollments as expected_enrollments
from answers
cross join expected
where answers.offerings <> expected.offerings or answers.enrollments <> expected.enrollments
