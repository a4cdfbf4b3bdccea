-- What edu says about an attempt at this moment, as models/marts/assessment_submissions.sql has it.
select
    true as is_there,
    legacy.create_date as submission_date,
    coalesce(
        (
            select statuses.submission_status
            from {schema}.submission_statuses as statuses
            where statuses.finish_status = legacy.finish_status::text
        ),
        (
            select statuses.submission_status
            from {schema}.submission_statuses as statuses
            where statuses.finish_status = '*'
        )
    ) as status
from public.exam_student as legacy
where published.legacy_id = legacy.id
