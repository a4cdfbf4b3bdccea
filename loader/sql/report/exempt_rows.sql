-- Published rows whose live row may differ from edu by now, because the application has the last word there.
select entity, exemption, count(*) as row_count
from migration.exempt_rows
group by entity, exemption
order by row_count desc, entity asc, exemption asc
