-- Grain: one row per login that has to be made, or that the migration made
with crosswalk as (
    select entity, legacy_id from {{ ref('int_crosswalk_checked') }} where method in ('inserted', 'own_login')
),

live_users as (
    select user_id, username, email from {{ ref('stg_lms__users') }}
),

-- a login that was there before is the application's; one that the migration made follows its account
logins as (
    select
        decided.login_entity,
        decided.login_legacy_id,
        decided.legacy_account_id,
        decided.is_own_login,
        decided.live_id is null as is_new,
        coalesce(decided.live_id, {{ legacy_uuid_of_login('decided.') | indent(8) }}) as user_id,
        live_users.username as live_username,
        live_users.email as live_email
    from {{ ref('int_logins_decided') }} as decided
    left join crosswalk on decided.login_entity = crosswalk.entity and decided.login_legacy_id = crosswalk.legacy_id
    left join live_users on decided.live_id = live_users.user_id
    where decided.live_id is null or crosswalk.legacy_id is not null
),

accounts as (
    select distinct on (legacy_account_id) * from {{ ref('stg_edu__accounts') }}
    order by legacy_account_id asc, updated_at desc nulls last
),

joined as (
    select
        logins.*,
        lower(accounts.email) as wanted_email,
        accounts.email as legacy_email,
        case
            when length(accounts.username) >= 3 then accounts.username else 'user' || logins.legacy_account_id
        end as wanted_username,
        -- an account's own login comes before the additional ones
        row_number() over (order by logins.is_own_login, logins.login_legacy_id, logins.login_entity) as place
    from logins
    inner join accounts on logins.legacy_account_id = accounts.legacy_account_id
),

wanted as (
    select
        'all' as scope,
        wanted_username as name,
        place as legacy_id
    from joined
    where is_new or (live_username <> wanted_username and regexp_replace(live_username, '-[0-9]+$', '') <> wanted_username)
),

taken as (
    select
        'all' as scope,
        username as name
    from live_users
),

named as (
    {{ number_repeats('wanted', 'taken', '-') | indent(4) }}
),

live_emails as (
    select lower(btrim(email)) as email, array_agg(user_id) as user_ids
    from live_users
    group by lower(btrim(email))
),

emails as (
    select
        joined.place,
        joined.wanted_email ~ '^[a-z0-9._%+-]+@[a-z0-9-]+([.][a-z0-9-]+)*[.][a-z]{2,}$' as is_valid,
        coalesce(live_emails.user_ids <> array[joined.user_id], false) as is_taken,
        row_number() over (partition by joined.wanted_email order by joined.place) as claim
    from joined
    left join live_emails on joined.wanted_email = live_emails.email
    where joined.wanted_email is not null
),

domain as (
    select lower(value) as name from {{ ref('defaults') }} where setting = 'placeholder_email_domain'
),

given as (
    select
        joined.*,
        coalesce(named.given_name, joined.live_username) as username,
        case when emails.is_valid and emails.claim = 1 and not emails.is_taken then joined.wanted_email end as own_email,
        case
            when joined.legacy_email is null then null
            when not emails.is_valid then 'malformed'
            when emails.claim > 1 or emails.is_taken then 'taken'
        end as email_problem
    from joined
    left join named on joined.place = named.legacy_id
    left join emails on joined.place = emails.place
),

-- a user name that cannot stand before the @ gives way to the id
placeholders as (
    select
        place,
        case when username ~ '^[A-Za-z0-9._%+-]+$' then username else 'user' || login_legacy_id end as name
    from given
    where is_new and own_email is null
),

-- user names differ as they stand, addresses have to differ case-folded
wanted_addresses as (
    select 'all' as scope, lower(name) as name, place as legacy_id from placeholders
),

taken_addresses as (
    select
        'all' as scope,
        left(addresses.email, -length('@' || domain.name)) as name
    from (
        select email from live_emails
        union
        select own_email from given where own_email is not null
    ) as addresses
    cross join domain
    where right(addresses.email, length('@' || domain.name)) = '@' || domain.name
),

addressed as (
    {{ number_repeats('wanted_addresses', 'taken_addresses', '-') | indent(4) }}
),

final as (
    select
        given.login_entity,
        given.login_legacy_id,
        given.legacy_account_id,
        given.is_own_login,
        given.user_id,
        given.username,
        given.wanted_username,
        given.legacy_email,
        coalesce(
            given.own_email,
            case when not given.is_new then given.live_email end,
            -- as the user name stands, with the number where it needs one
            placeholders.name || substr(addressed.given_name, length(placeholders.name) + 1) || '@' || domain.name
        ) as email,
        given.email_problem
    from given
    left join placeholders on given.place = placeholders.place
    left join addressed on given.place = addressed.legacy_id
    cross join domain
)

select * from final
