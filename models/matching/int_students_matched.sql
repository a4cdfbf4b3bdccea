-- Grain: one row per legacy student with a live counterpart
with students as (
    select
        *,
        {{ version_place('legacy_student_id') }} as version_place
    from {{ ref('stg_edu__students') }}
),

live_students as (
    select * from {{ ref('stg_lms__students') }}
),

holders as (
    select * from {{ ref('int_account_holders_mapped') }} where kind = 'students'
),

live_logins as (
    select * from {{ ref('int_account_logins_matched') }}
),

ledger as (
    select legacy_id, live_id, method
    from {{ ref('int_crosswalk_checked') }}
    where entity = 'students' and is_deleted is not true
),

-- every piece of evidence, the strongest first
evidence as (
    select legacy_id, live_id, method, 1 as strength, 'published before' as evidence, null::boolean as has_number
    from ledger
    union all
    select
        students.legacy_student_id,
        live_students.student_id,
        'old_student_id',
        2,
        'metadata.old_student_id = ' || live_students.old_student_id,
        null
    from students
    inner join live_students on students.legacy_student_id::text = live_students.old_student_id
    where students.version_place = 1
    union all
    select
        holders.legacy_id,
        live_students.student_id,
        'user',
        3,
        'same login, account ' || holders.legacy_account_id,
        coalesce(live_students.student_number in (students.card_number, 'STU' || holders.legacy_id), false)
    from holders
    inner join students on holders.legacy_id = students.legacy_student_id and students.version_place = 1
    inner join live_logins on holders.legacy_account_id = live_logins.legacy_account_id
    inner join live_students on live_logins.user_id = live_students.user_id
    where live_students.old_student_id is null
    union all
    select
        students.legacy_student_id,
        live_students.student_id,
        'student_number',
        4,
        'student_number = ' || live_students.student_number,
        null
    from students
    inner join live_students on 'STU' || students.legacy_student_id = live_students.student_number
    where students.version_place = 1 and live_students.old_student_id is null
),

-- Evidence speaks only where nothing stronger has spoken, for either row: a live row claimed by a student who has another one is
-- free for the next. Of several students on one login the one whose number agrees is the live one, else the oldest.
decided_0 as (
    select
        legacy_id,
        live_id,
        method,
        evidence,
        0::bigint as live_rows,
        0::bigint as legacy_rows
    from evidence
    where false
),

{% for strength in range(1, 5) -%}
open_{{ strength }} as (
    select
        evidence.*,
        row_number() over (
            partition by evidence.live_id
            order by evidence.has_number desc, evidence.legacy_id asc
        ) as place
    from evidence
    left join decided_{{ strength - 1 }} as by_legacy on evidence.legacy_id = by_legacy.legacy_id
    left join decided_{{ strength - 1 }} as by_live on evidence.live_id = by_live.live_id
    where evidence.strength = {{ strength }} and by_legacy.legacy_id is null and by_live.live_id is null
),

decided_{{ strength }} as (
    select * from decided_{{ strength - 1 }}
    union all
    select
        legacy_id,
        live_id,
        method,
        evidence,
        count(*) over (partition by legacy_id) as live_rows,
        count(*) over (partition by live_id) as legacy_rows
    from open_{{ strength }}
    where has_number is null or place = 1
),

{% endfor -%}
counted as (
    select * from decided_4
),

recognised as (
    select
        legacy_id,
        -- several live rows answer to one legacy row, or the other way round
        bool_or(live_rows > 1 or legacy_rows > 1) as is_ambiguous,
        min(live_id::text)::uuid as live_id,
        min(method) as match_method,
        string_agg(evidence, '; ' order by live_id) as evidence
    from counted
    group by legacy_id
),

-- the card number speaks where nothing stronger does; of those in scope who carry it, active students come first
carriers as (
    select
        students.legacy_student_id,
        students.card_number,
        recognised.legacy_id is not null as is_published,
        rank() over (partition by students.card_number order by students.is_active desc) as place,
        count(*) over (partition by students.card_number, students.is_active) as equals
    from students
    inner join holders on students.legacy_student_id = holders.legacy_id
    left join recognised on students.legacy_student_id = recognised.legacy_id
    -- a carrier does not cease to be one because it has been inserted since: a second run must find what the first one found
    where students.version_place = 1 and (recognised.legacy_id is null or recognised.match_method = 'inserted')
),

final as (
    select * from recognised
    union all
    select
        carriers.legacy_student_id,
        false,
        live_students.student_id,
        'card_number',
        'student_number = card_number ' || carriers.card_number
    from carriers
    inner join live_students on carriers.card_number = live_students.student_number
    left join counted on live_students.student_id = counted.live_id
    where
        live_students.old_student_id is null
        and counted.live_id is null
        -- a number that several of them carry is no evidence
        and carriers.place = 1
        and carriers.equals = 1
        and not carriers.is_published
)

select * from final
