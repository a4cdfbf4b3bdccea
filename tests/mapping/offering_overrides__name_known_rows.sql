-- Promise: every line of offering_overrides.csv names a live offering and a section that exist.
-- If it fails: the decision would have no effect.
-- Who acts: analyst: correct the line.
{{ config(severity='warn') }}

select overrides.*
from {{ ref('offering_overrides') }} as overrides
left join {{ ref('stg_lms__course_offerings') }} as live_offerings
    on overrides.live_offering_id = live_offerings.course_offering_id::text
left join {{ ref('stg_edu__sections') }} as sections on overrides.legacy_course_id = sections.legacy_section_id::text
where
    live_offerings.course_offering_id is null
    or (overrides.legacy_course_id is not null and sections.legacy_section_id is null)
