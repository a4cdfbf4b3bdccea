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

-- of several students on one login the one whose number agrees is the live one, else the oldest
by_user as (
    select
        holders.legacy_id,
        holders.legacy_account_id,
        live_students.student_id,
        row_number() over (
            partition by live_students.student_id
            order by
                live_students.student_number in (students.card_number, 'STU' || holders.legacy_id) desc nulls last,
                holders.legacy_id
        ) as place
    from holders
    inner join students on holders.legacy_id = students.legacy_student_id and students.version_place = 1
    inner join live_logins on holders.legacy_account_id = live_logins.legacy_account_id
    inner join live_students on live_logins.user_id = live_students.user_id
    where live_students.old_student_id is null
),

-- every piece of evidence, the strongest first
evidence as (
    select legacy_id, live_id, method, 1 as strength, 'published before' as evidence from ledger
    union all
    select
        students.legacy_student_id,
        live_students.student_id,
        'old_student_id',
        2,
        'metadata.old_student_id = ' || live_students.old_student_id
    from students
    inner join live_students on students.legacy_student_id::text = live_students.old_student_id
    where students.version_place = 1
    union all
    select legacy_id, student_id, 'user', 3, 'same login, account ' || legacy_account_id from by_user where place = 1
    union all
    select
        students.legacy_student_id,
        live_students.student_id,
        'student_number',
        4,
        'student_number = ' || live_students.student_number
    from students
    inner join live_students on 'STU' || students.legacy_student_id = live_students.student_number
    where students.version_place = 1 and live_students.old_student_id is null
),

-- a live row belongs to its strongest evidence only, and so does a legacy row; equal evidence names no winner
strongest as (
    select
        *,
        min(strength) over (partition by legacy_id) as legacy_best,
        min(strength) over (partition by live_id) as live_best
    from evidence
),

counted as (
    select
        legacy_id,
        live_id,
        method,
        evidence,
        count(*) over (partition by legacy_id) as live_rows,
        count(*) over (partition by live_id) as legacy_rows
    from strongest
    where strength = legacy_best and strength = live_best
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
