-- Promise: the two queries of the mission answer with the number of sections and of enrollments in scope.
-- If it fails: sections or enrollments have no legacy id.
-- Who acts: operator: stop.
{{ config(enabled=var('publish') and var('courses') | int == 0) }}
-- depends_on: {{ ref('lms_publish') }}

with answers as (
    select
        (select count(*) from {{ source('lms', 'course_offerings') }} where old_course_id is not null) as offerings,
        (select count(*) from {{ source('lms', 'course_enrollments') }} where old_journal_id is not null) as enrollments
),

expected as (
    select
        sum(row_count) filter (where entity = 'course_offerings') as offerings,
        sum(row_count) filter (where entity = 'course_enrollments') as enrollments
    from {{ ref('accounting') }}
    where outcome in ('matched', 'inserted')
)

select answers.*, expected.offerings as expected_offerings, expected.enrollments as expected_enrollments
from answers
cross join expected
where answers.offerings <> expected.offerings or answers.enrollments <> expected.enrollments
