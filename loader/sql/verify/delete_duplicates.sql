-- Rows that share an id: the one that was changed last counts (rules, section 11); the others go.
delete from {relation} as loser
using (
    select
        ctid,
        row_number() over (partition by id order by update_date desc nulls last, ctid) as place
    from {relation}
    where id in (select id from {relation} group by id having count(*) > 1)
) as ranked
where loser.ctid = ranked.ctid and ranked.place > 1
