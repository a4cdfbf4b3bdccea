-- Grain: one row per edu subject_catalog row
select
    id as legacy_subject_id,
    subject_name_id as legacy_dictionary_id,
    organization_id as legacy_organization_id,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'subject_catalog') }}
