-- Promise: every foreign key of the application's schema holds, row by row.
-- If it fails: the foreign key checks were suspended during the publication, and the set-wise proof missed something.
-- Who acts: operator: stop; developer.
-- depends_on: {{ ref('lms_publish') }}

{%- set foreign_keys %}
    select
        constraints.conname,
        constraints.conrelid::regclass::text,
        constraints.confrelid::regclass::text,
        string_agg(format('child.%I = parent.%I', child.attname, parent.attname), ' and '),
        string_agg(format('child.%I is not null', child.attname), ' and ')
    from pg_constraint as constraints
    cross join lateral unnest(constraints.conkey, constraints.confkey) as pairs (child_number, parent_number)
    inner join pg_attribute as child on constraints.conrelid = child.attrelid and pairs.child_number = child.attnum
    inner join pg_attribute as parent on constraints.confrelid = parent.attrelid and pairs.parent_number = parent.attnum
    where
        constraints.contype = 'f'
        and constraints.connamespace = 'public'::regnamespace
        and has_table_privilege(constraints.conrelid, 'select')
        and has_table_privilege(constraints.confrelid, 'select')
    group by 1, 2, 3
    order by 1
{%- endset %}
select null::text as foreign_key, 0 as orphans
where false
{%- if execute %}
{%- for row in run_query(foreign_keys).rows %}
union all
select '{{ row[0] }}', count(*)
from {{ row[1] }} as child  -- noqa: AL05
where {{ row[4] }} and not exists (select 1 from {{ row[2] }} as parent where {{ row[3] }})  -- noqa: AL05
having count(*) > 0
{%- endfor %}
{%- endif %}
