-- Promise: every legacy value moved as it stands.
-- If it fails: nothing is lost: the raw values stand in value_warnings.
-- Who acts: registrar, when there is time.
{{ config(severity='warn') }}

select entity, warning, count(*) as row_count from {{ ref('value_warnings') }} group by entity, warning
