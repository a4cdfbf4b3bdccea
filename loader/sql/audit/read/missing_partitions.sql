-- Months from the last one to some ahead for which audit_logs or page_views has no partition.
select
    parent.name,
    month.first_moment
from unnest(array['audit_logs', 'page_views']) as parent (name)
cross join
    lateral generate_series(
        date_trunc('month', now(), 'UTC') - interval '1 month',
        date_trunc('month', now(), 'UTC') + make_interval(months => %(ahead)s),
        interval '1 month'
    ) as month (first_moment)
where not exists (
        select
        from pg_catalog.pg_inherits as inherits
        inner join pg_catalog.pg_class as child on inherits.inhrelid = child.oid
        cross join lateral pg_get_expr(child.relpartbound, child.oid) as bound (expression)
        where inherits.inhparent = to_regclass('public.' || parent.name)
            and month.first_moment + interval '1 day' < substring(bound.expression from 'TO \(''([^'']+)''\)')::timestamptz
            and month.first_moment + interval '1 day'
            >= coalesce(substring(bound.expression from 'FROM \(''([^'']+)''\)')::timestamptz, '-infinity')
    )
