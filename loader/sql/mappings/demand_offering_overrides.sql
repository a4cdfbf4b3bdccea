-- Live offerings that only an analyst's line decides, or nothing yet.
select
    live_id::text as live_offering_id,
    1 as row_count,
    1 as all_rows,
    'offerings' as unit
from migration.int_course_offerings_classified
where match_method = 'override' and live_id is not null
union
select
    candidates.course_offering_id::text,
    1,
    1,
    'offerings'
from migration.int_offering_candidates_scored as candidates
left join migration.int_course_offerings_matched as matched on candidates.course_offering_id = matched.live_id
where matched.live_id is null
union
select
    overrides.live_offering_id,
    1,
    1,
    'offerings'
from migration.offering_overrides as overrides
inner join migration.stg_lms__course_offerings as offerings on overrides.live_offering_id = offerings.course_offering_id::text
where overrides.legacy_course_id is null
order by 1
