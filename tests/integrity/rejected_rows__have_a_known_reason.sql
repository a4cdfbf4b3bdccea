-- Promise: every rejected row has a code of reject_reasons, a detail where there is one to give, and a repair.
-- If it fails: nobody would know who repairs the row.
-- Who acts: developer.
select rejected_rows.*
from {{ ref('rejected_rows') }} as rejected_rows
left join {{ ref('reject_reasons') }} as reasons on rejected_rows.reason = reasons.reason
where reasons.reason is null
