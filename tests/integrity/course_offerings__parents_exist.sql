-- Promise: the course and the term of every offering are live or about to be inserted.
-- If it fails: the publication would break a foreign key.
-- Who acts: developer.
with courses as (
    select id from {{ ref('courses') }}
    union
    select course_id from {{ ref('stg_lms__courses') }}
),

terms as (
    select id from {{ ref('mart_academic_terms') }}
    union
    select academic_term_id from {{ ref('stg_lms__academic_terms') }}
)

select offerings.id, offerings.old_course_id
from {{ ref('course_offerings') }} as offerings
left join courses on offerings.course_id = courses.id
left join terms on offerings.academic_term_id = terms.id
where courses.id is null or terms.id is null
