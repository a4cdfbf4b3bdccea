-- Grain: one row per edu teachers row
select
    id as legacy_teacher_id,
    person_id as legacy_person_id,
    user_id as legacy_user_id,
    position_id as legacy_position_id,
    contract_type_id as legacy_contract_type_id,
    in_action_date as raw_in_action_date,
    out_action_date as raw_out_action_date,
    {{ parse_date('in_action_date') }} as in_action_date,
    {{ parse_date('out_action_date') }} as out_action_date,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'teachers') }}
