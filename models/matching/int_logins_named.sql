-- Grain: one row per login that has to be made
with logins as (
    select
        *,
        {{ legacy_uuid_of_login() }} as user_id
    from {{ ref('int_logins_decided') }}
    where live_id is null
),

accounts as (
    select distinct on (legacy_account_id) * from {{ ref('stg_edu__accounts') }}
    order by legacy_account_id asc, updated_at desc nulls last
),

live_users as (
    select username, email from {{ ref('stg_lms__users') }}
),

wanted as (
    select
        'all' as scope,
        case when length(accounts.username) >= 3 then accounts.username else 'user' || logins.legacy_account_id end as name,
        -- an account's own login comes before the additional ones
        row_number() over (order by logins.is_own_login, logins.login_legacy_id, logins.login_entity) as legacy_id,
        logins.login_entity,
        logins.login_legacy_id
    from logins
    inner join accounts on logins.legacy_account_id = accounts.legacy_account_id
),

taken as (
    select 'all' as scope, username as name from live_users
),

named as (
    {{ number_repeats('wanted', 'taken', '-') | indent(4) }}
),

live_emails as (
    select distinct lower(btrim(email)) as email from live_users
),

emails as (
    select
        logins.login_entity,
        logins.login_legacy_id,
        lower(accounts.email) as email,
        lower(accounts.email) ~ '^[a-z0-9._%+-]+@[a-z0-9-]+([.][a-z0-9-]+)*[.][a-z]{2,}$' as is_valid,
        row_number() over (
            partition by lower(accounts.email) order by logins.is_own_login, logins.login_legacy_id, logins.login_entity
        ) as place
    from logins
    inner join accounts on logins.legacy_account_id = accounts.legacy_account_id
    where accounts.email is not null
),

domain as (
    select value as name from {{ ref('defaults') }} where setting = 'placeholder_email_domain'
),

final as (
    select
        logins.login_entity,
        logins.login_legacy_id,
        logins.legacy_account_id,
        logins.is_own_login,
        logins.user_id,
        named.given_name as username,
        wanted.name as wanted_username,
        accounts.email as legacy_email,
        case
            when emails.is_valid and emails.place = 1 and live_emails.email is null then emails.email
            -- a user name that cannot stand before the @ gives way to the id
            when named.given_name ~ '^[A-Za-z0-9._%+-]+$' then named.given_name || '@' || domain.name
            else 'user' || logins.login_legacy_id || '@' || domain.name
        end as email,
        case
            when accounts.email is null then null
            when not emails.is_valid then 'malformed'
            when emails.place > 1 or live_emails.email is not null then 'taken'
        end as email_problem
    from logins
    inner join accounts on logins.legacy_account_id = accounts.legacy_account_id
    inner join wanted on logins.login_entity = wanted.login_entity and logins.login_legacy_id = wanted.login_legacy_id
    inner join named on wanted.legacy_id = named.legacy_id
    left join emails on logins.login_entity = emails.login_entity and logins.login_legacy_id = emails.login_legacy_id
    left join live_emails on emails.email = live_emails.email
    cross join domain
)

select * from final
