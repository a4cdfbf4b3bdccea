-- Promise: every line of term_mapping.csv is used by a section.
-- If it fails: nothing; a line that no row uses is often a typing error.
-- Who acts: analyst: check the line.
{{ config(severity='warn') }}

select term_mapping.*
from {{ ref('term_mapping') }} as term_mapping
left join {{ ref('int_terms_mapped') }} as terms
    on term_mapping.legacy_education_year = terms.education_year
        and term_mapping.legacy_semester_id = terms.legacy_semester_id::text
where terms.legacy_section_id is null
