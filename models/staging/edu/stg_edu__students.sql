-- Grain: one row per edu students row
select
    id as legacy_student_id,
    person_id as legacy_person_id,
    user_id as legacy_user_id,
    org_id as legacy_organization_id,
    education_type_id as legacy_education_type_id,
    education_payment_type_id as legacy_payment_type_id,
    card_number as raw_card_number,
    {{ indexable_text('card_number') }} as card_number,
    coalesce(active = 1, false) as is_active,
    create_date as created_at,
    update_date as updated_at,
    coalesce(update_date, create_date) as last_changed_at
from {{ source('edu', 'students') }}
