-- Grain: one row per live persons row
select
    id as person_id,
    user_id
from {{ source('lms', 'persons') }}
