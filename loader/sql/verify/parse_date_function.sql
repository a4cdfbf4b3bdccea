-- A day from text DD/MM/YYYY; NULL where there is no such day. Lives and ends with the session.
-- A CASE, not a WHERE: the planner knows the text, and make_date() of a day that does not exist would raise while it plans.
create or replace function pg_temp.day_of(written text) returns date
language sql
immutable
as $$
    select
        case
            when m between 1 and 12
                and d >= 1
                -- centuries in which people and terms can be
                and y between 1800 and 2099
                and d <= case
                    when m = 2 then 28 + (y % 4 = 0 and (y % 100 <> 0 or y % 400 = 0))::integer
                    when m in (4, 6, 9, 11) then 30
                    else 31
                end
                then make_date(y, m, d)
        end
    from (
        select parts[1]::integer as d, parts[2]::integer as m, parts[3]::integer as y
        from regexp_match(btrim(written), '^([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})$') as parts
    ) as given
$$
