-- Promise: every line of offering_overrides.csv is followed: the section's live row is the offering that the line names.
-- If it fails: the section stays behind, or something stronger (tracking id, unique natural key, roster) has decided otherwise.
-- Who acts: analyst: correct or remove the line.
{{ config(severity='warn') }}

select
    overrides.live_offering_id,
    overrides.legacy_course_id,
    sections.outcome,
    sections.reason,
    sections.live_id as decided_live_id,
    sections.match_method
from {{ ref('offering_overrides') }} as overrides
left join {{ ref('int_course_offerings_classified') }} as sections
    on overrides.legacy_course_id = sections.legacy_id::text and sections.reason is distinct from 'duplicate_legacy_id'
where
    overrides.legacy_course_id is not null
    and sections.live_id is distinct from overrides.live_offering_id::uuid
