-- Grain: one row per term that a section in scope belongs to, as the seed has it (rules, section 3).
select
    calendar.legacy_id,
    calendar.academic_year,
    calendar.term_type,
    case when have.is_made then calendar.term_number end as term_number,
    case when have.is_made then calendar.seed_start end as start_date,
    case when have.is_made then calendar.seed_end end as end_date,
    case when have.is_made then false end as is_current
from calendar
left join have_academic_terms as have on calendar.legacy_id = have.legacy_id
where calendar.legacy_id in (select term_id from sections where is_in_scope)
