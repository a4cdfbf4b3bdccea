-- Grain: one row per live staff_members row
select
    id as staff_member_id,
    user_id,
    employee_number
from {{ source('lms', 'staff_members') }}
