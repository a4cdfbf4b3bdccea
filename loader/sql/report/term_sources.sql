-- What named the term of the class sections in scope: the section's own columns, its code, or nothing.
select
    coalesce(offerings.term_source, 'none') as term_source,
    count(*) as sections,
    count(*) filter (where terms.is_contradicted) as contradicted
from migration.int_course_offerings_classified as offerings
left join migration.int_terms_mapped as terms on offerings.legacy_id = terms.legacy_section_id
where offerings.outcome <> 'out_of_scope'
group by offerings.term_source
order by sections desc, term_source asc
