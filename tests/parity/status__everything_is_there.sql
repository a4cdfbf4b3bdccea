-- Promise: the status table shows full coverage of everything that is not rejected.
-- If it fails: something in scope is not in lms.
-- Who acts: operator: stop.
{{ config(enabled=var('publish') and var('courses') | int == 0) }}
-- depends_on: {{ ref('lms_publish') }}

select entity, in_scope, rejected, coverage
from {{ ref('migration_status') }}
where
    round(coverage * in_scope) + rejected <> in_scope
    {%- if var('parity_source') != 'staging' %}
    or source_total <> in_scope + out_of_scope
    {%- endif %}
