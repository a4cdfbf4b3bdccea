-- Promise: the shapes of the data are plausible (seeds/finding_limits.csv).
-- If it fails: counts may agree and the meaning be wrong: five journal rows per student and section are marks, not enrollments.
-- Who acts: analyst: read models/reconciliation/distribution_findings, then decide (for example enrollment_grain).
{{ config(severity='warn') }}

select * from {{ ref('distribution_findings') }} where is_implausible
