-- Grain: one row per student in scope (rules, sections 9 and 11).
with cards as (
    select
        student_scope.id,
        -- one that no index can hold is no number
        case
            when octet_length(btrim(student_scope.card_number, e' \t\r\n\u00a0')) <= defaults.unique_text_bytes
                then nullif(btrim(student_scope.card_number, e' \t\r\n\u00a0'), '')
        end as card,
        walk.is_made,
        walk.batch_place,
        walk.live_id
    from student_scope
    cross join defaults
    left join walk on walk.entity = 'students' and student_scope.id = walk.legacy_id
),

-- whom each number of a live student belongs to: the application (NULL), or the legacy row whose substitute it is
owners as (
    select
        other.student_number as card,
        array_agg(walk.legacy_id) as legacy_ids
    from public.students as other
    left join walk on walk.entity = 'students' and walk.is_made and other.id = walk.live_id
    where walk.legacy_id is null or other.student_number = 'STU' || walk.legacy_id
    group by other.student_number
),

-- A card belongs to the live student that has it, be it that it looks like the substitute that this one got in an earlier batch,
-- else to the lowest legacy id.
holders as (
    select
        cards.id,
        row_number() over (partition by cards.card order by cards.batch_place, cards.id) = 1
        and (owners.card is null or owners.legacy_ids = array[cards.id]) as gets_card
    from cards
    left join owners on cards.card = owners.card
    where cards.is_made and cards.card is not null
)

select
    students.id as legacy_id,
    'tracked' as recognised,
    case
        when not walk.is_made then null
        when logins.live_user_id is null and live.user_id = any(logins.candidates) then live.user_id
        else logins.live_user_id
    end as user_id,
    case
        when not walk.is_made then null
        when holders.gets_card then btrim(students.card_number, e' \t\r\n\u00a0')
        -- a substitute that somebody else has as a card number carries a number
        when
            namesakes.id is not null and live.student_number ~ ('^STU' || students.id || '-[1-9][0-9]*$')
            then live.student_number
        else 'STU' || students.id
    end as student_number,
    case
        when walk.is_made
            then coalesce((students.create_date at time zone settings.time_zone)::date, defaults.student_enrollment_date)
    end as enrollment_date,
    case when walk.is_made then case when students.active = 1 then 'active' else 'inactive' end end as status,
    case when walk.is_made then coalesce(modes.study_mode, mode_default.study_mode) end as study_mode,
    case when walk.is_made then coalesce(fundings.funding_type, funding_default.funding_type) end as funding_type,
    null::numeric(3, 2) as gpa,
    case when walk.is_made then 0 end as total_credits_earned,
    case when walk.is_made then jsonb_build_object('old_student_id', students.id::text) end as metadata
from student_scope as students
cross join defaults
cross join settings
left join walk on walk.entity = 'students' and students.id = walk.legacy_id
left join public.students as live on walk.live_id = live.id
left join student_logins as logins on students.id = logins.legacy_id
left join holders on students.id = holders.id
left join public.students as namesakes on 'STU' || students.id = namesakes.student_number and walk.live_id <> namesakes.id
left join seed_study_mode_mapping as modes on students.education_type_id::text = modes.legacy_education_type_id
left join seed_study_mode_mapping as mode_default on mode_default.legacy_education_type_id = '*'
left join seed_funding_type_mapping as fundings on students.education_payment_type_id::text = fundings.legacy_payment_type_id
left join seed_funding_type_mapping as funding_default on funding_default.legacy_payment_type_id = '*'
