-- Grain: one row per teacher in scope (rules, sections 9 and 11).
select
    teachers.id as legacy_id,
    'TCH' || teachers.id as employee_number,
    case
        when not walk.is_made then null
        when logins.live_user_id is null and live.user_id = any(logins.candidates) then live.user_id
        else logins.live_user_id
    end as user_id,
    null::uuid as organization_unit_id,
    case
        when walk.is_made
            and coalesce(btrim(positions.name_az), '')
            || coalesce(btrim(positions.name_en), '')
            || coalesce(btrim(positions.name_ru), '')
            = ''
            then jsonb_build_object(
                    'az', defaults.position_title_az, 'en', defaults.position_title_en, 'ru', defaults.position_title_ru
                )
        when walk.is_made then jsonb_strip_nulls(jsonb_build_object(
                'az',
                coalesce(
                    nullif(btrim(positions.name_az), ''),
                    nullif(btrim(positions.name_en), ''),
                    nullif(btrim(positions.name_ru), '')
                ),
                'en', nullif(btrim(positions.name_en), ''),
                'ru', nullif(btrim(positions.name_ru), '')
            ))
    end as position_title,
    case when walk.is_made then coalesce(contracts.employment_type, contract_default.employment_type) end as employment_type,
    case
        when walk.is_made then coalesce(
                pg_temp.day_of(teachers.in_action_date),
                (teachers.create_date at time zone settings.time_zone)::date,
                defaults.staff_hire_date
            )
    end as hire_date,
    case when walk.is_made then pg_temp.day_of(teachers.out_action_date) end as contract_end_date,
    case
        when walk.is_made
            then coalesce(teachers.active = 1, false)
                and not coalesce(pg_temp.day_of(teachers.out_action_date) < walk.last_date, false)
    end as is_active
from teacher_scope as teachers
cross join defaults
cross join settings
left join walk on walk.entity = 'staff_members' and teachers.id = walk.legacy_id
left join public.staff_members as live on walk.live_id = live.id
left join teacher_logins as logins on teachers.id = logins.legacy_id
left join raw_dictionaries as positions on teachers.position_id = positions.id
left join seed_employment_type_mapping as contracts on teachers.contract_type_id::text = contracts.legacy_contract_type_id
left join seed_employment_type_mapping as contract_default on contract_default.legacy_contract_type_id = '*'
