-- The kinds of changes that a batch made in rows that were there, with the columns they set.
select
    case when entity in ('accounts', 'student_logins', 'staff_logins') then 'users' else entity end as live_table,
    kind,
    array(select jsonb_object_keys(before) order by 1) as columns
from ledger.changes
where batch_id = %(batch)s
group by 1, 2, 3
order by 1, 2
