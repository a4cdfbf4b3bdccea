-- Grain: one row per live academic_terms row
select
    id as academic_term_id,
    academic_year,
    term_type,
    term_number,
    start_date,
    end_date
from {{ source('lms', 'academic_terms') }}
