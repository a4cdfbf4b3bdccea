-- Promise: every term starts before it ends, lies in its academic year, and overlaps no other term of the year.
-- If it fails: enrollments would be called enrolled or completed by a wrong date.
-- Who acts: analyst: correct the line in seeds/academic_terms.csv.
with terms as (
    select academic_year, term_type, start_date::date as start_date, end_date::date as end_date
    from {{ ref('academic_terms') }}
)

select terms.academic_year, terms.term_type, 'starts after it ends' as problem
from terms
where terms.start_date >= terms.end_date
union all
select terms.academic_year, terms.term_type, 'outside its year'
from terms
where
    terms.start_date < make_date(left(terms.academic_year, 4)::integer, 8, 1)
    or terms.end_date > make_date(right(terms.academic_year, 4)::integer, 9, 30)
union all
select terms.academic_year, terms.term_type, 'overlaps ' || other_terms.term_type
from terms
inner join terms as other_terms
    on
        terms.academic_year = other_terms.academic_year
        and terms.term_type <> other_terms.term_type
        and daterange(terms.start_date, terms.end_date, '[]') && daterange(other_terms.start_date, other_terms.end_date, '[]')
