{#-
    The names of new rows where several want the same one, or one wants a name that is taken: the first free of
    name, name<separator>2, name<separator>3 … in the order of the legacy ids. Two CTEs of the calling model are its arguments:
        wanted (scope text, name text, legacy_id bigint)    rows that want a name; within scope it must be unique
        taken  (scope text, name text)                      names that are taken and stay as they are
    Returns (legacy_id, given_name), a row for each wanted one. A name that some row wants as it stands is never given away as a
    numbered one. Set-based: only contended names are worked on.
-#}
{% macro number_repeats(wanted, taken, separator) -%}
    {%- set numbered = "'^(.+)" ~ separator ~ "([1-9][0-9]{0,5})$'" -%}
    with blocked as (
        select scope, name, 1 as n from {{ taken }}
        union
        select scope, (regexp_match(name, {{ numbered }}))[1], (regexp_match(name, {{ numbered }}))[2]::integer
        from {{ taken }}
        where name ~ {{ numbered }}
        union
        select scope, (regexp_match(name, {{ numbered }}))[1], (regexp_match(name, {{ numbered }}))[2]::integer
        from {{ wanted }}
        where name ~ {{ numbered }}
    ),

    blocked_counts as (
        select scope, name, count(*) as blocked_count, bool_or(n = 1) as is_taken from blocked group by scope, name
    ),

    placed as (
        select
            wanted_rows.*,
            row_number() over (partition by wanted_rows.scope, wanted_rows.name order by wanted_rows.legacy_id) as place,
            count(*) over (partition by wanted_rows.scope, wanted_rows.name) as wanted_count
        from {{ wanted }} as wanted_rows
    ),

    contended as (
        select
            placed.scope,
            placed.name,
            max(placed.wanted_count) + coalesce(max(blocked_counts.blocked_count), 0) as highest
        from placed
        left join blocked_counts on placed.scope = blocked_counts.scope and placed.name = blocked_counts.name
        where placed.wanted_count > 1 or blocked_counts.is_taken
        group by placed.scope, placed.name
    ),

    free as (
        select
            contended.scope,
            contended.name,
            numbers.n,
            row_number() over (partition by contended.scope, contended.name order by numbers.n) as place
        from contended
        cross join lateral generate_series(1, contended.highest) as numbers (n)
        left join blocked on contended.scope = blocked.scope and contended.name = blocked.name and numbers.n = blocked.n
        where blocked.n is null
    )

    select
        placed.legacy_id,
        case when coalesce(free.n, 1) = 1 then placed.name else placed.name || '{{ separator }}' || free.n end as given_name
    from placed
    left join free on placed.scope = free.scope and placed.name = free.name and placed.place = free.place
{%- endmacro %}
