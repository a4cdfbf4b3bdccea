-- Grain: one row per live courses row
select
    id as course_id,
    code,
    name
from {{ source('lms', 'courses') }}
