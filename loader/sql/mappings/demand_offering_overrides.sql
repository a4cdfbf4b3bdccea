-- Live offerings that only an analyst's line decides, or nothing yet.
with held_back as (
    select legacy_id as legacy_section_id from migration.int_course_offerings_matched where is_ambiguous
),

asked as (
    select live_id::text as live_offering_id
    from migration.int_course_offerings_classified
    where match_method = 'override' and live_id is not null
    union
    select candidates.course_offering_id::text
    from migration.int_offering_candidates_scored as candidates
    inner join held_back on candidates.legacy_section_id = held_back.legacy_section_id
    left join migration.int_course_offerings_matched as matched on candidates.course_offering_id = matched.live_id
    where matched.live_id is null
    union
    select overrides.live_offering_id
    from migration.offering_overrides as overrides
    inner join migration.stg_lms__course_offerings as offerings on overrides.live_offering_id = offerings.course_offering_id::text
    where overrides.legacy_course_id is null
)

select
    live_offering_id,
    1 as row_count,
    1 as all_rows,
    'offerings' as unit
from asked
order by live_offering_id
