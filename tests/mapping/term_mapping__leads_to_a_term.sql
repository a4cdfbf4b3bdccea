-- Promise: every line of term_mapping.csv leads to a line of academic_terms.csv.
-- If it fails: the sections of that term would be rejected (unmapped_term).
-- Who acts: analyst: add the term to seeds/academic_terms.csv or correct the line.
select term_mapping.*
from {{ ref('term_mapping') }} as term_mapping
left join {{ ref('academic_terms') }} as academic_terms
    on term_mapping.academic_year = academic_terms.academic_year and term_mapping.term_type = academic_terms.term_type
where academic_terms.academic_year is null
