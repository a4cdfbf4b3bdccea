-- Grain: one row per entry of the crosswalk that other rows refer to. The two large entities, which are nobody's parent, stay in
-- the ledger.
select
    crosswalk.entity,
    crosswalk.legacy_id,
    crosswalk.live_id,
    crosswalk.method,
    crosswalk.method in ('inserted', 'own_login') as is_made,
    crosswalk.is_withdrawn,
    batches.place as batch_place,
    batches.published_at,
    batches.own_date,
    batches.last_date
from ledger.crosswalk
left join batches on crosswalk.batch_id = batches.batch_id
where crosswalk.entity not in ('course_enrollments', 'assessment_submissions')
