-- Grain: one row per legacy teacher with a live counterpart
with teachers as (
    select distinct legacy_teacher_id from {{ ref('stg_edu__teachers') }}
),

live_staff as (
    select * from {{ ref('stg_lms__staff_members') }}
),

ledger as (
    select legacy_id, live_id, method
    from {{ ref('int_crosswalk_checked') }}
    where entity = 'staff_members' and is_deleted is not true
),

final as (
    select
        teachers.legacy_teacher_id as legacy_id,
        coalesce(ledger.live_id, live_staff.staff_member_id) as live_id,
        coalesce(ledger.method, 'employee_number') as match_method,
        'employee_number = ' || live_staff.employee_number as evidence
    from teachers
    left join ledger on teachers.legacy_teacher_id = ledger.legacy_id
    left join live_staff on live_staff.employee_number = 'TCH' || teachers.legacy_teacher_id
    where ledger.live_id is not null or live_staff.staff_member_id is not null
)

select * from final
