-- Grain: one row per edu organizations row
select
    id as legacy_organization_id,
    parent_id as legacy_parent_id,
    dictionary_name_id as legacy_dictionary_id,
    nod_level as depth,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'organizations') }}
