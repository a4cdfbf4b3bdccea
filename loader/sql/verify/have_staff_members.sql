-- Grain: one row per published teacher, as the staff member stands in lms.
select
    walk.legacy_id,
    walk.live_id,
    walk.is_made,
    walk.is_withdrawn,
    live.employee_number,
    case when walk.is_made then live.user_id end as user_id,
    case when walk.is_made then live.organization_unit_id end as organization_unit_id,
    case when walk.is_made then live.position_title end as position_title,
    case when walk.is_made then live.employment_type end as employment_type,
    case when walk.is_made then live.hire_date end as hire_date,
    case when walk.is_made then live.contract_end_date end as contract_end_date,
    case when walk.is_made then live.is_active end as is_active
from walk
inner join public.staff_members as live on walk.live_id = live.id
where walk.entity = 'staff_members'
