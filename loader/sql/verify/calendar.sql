-- Grain: one row per term of the seed, with its live row's dates where there is one (an existing term is the application's).
select
    seeded.legacy_id,
    seeded.academic_year,
    seeded.term_type,
    seeded.term_number,
    seeded.seed_start,
    seeded.seed_end,
    walk.live_id,
    coalesce(live.start_date, seeded.seed_start) as start_date,
    coalesce(live.end_date, seeded.seed_end) as end_date
from (
    select
        left(academic_year, 4)::bigint * 10 + term_number::bigint as legacy_id,
        academic_year,
        term_type,
        term_number::integer as term_number,
        start_date::date as seed_start,
        end_date::date as seed_end
    from seed_academic_terms
) as seeded
left join walk on walk.entity = 'academic_terms' and seeded.legacy_id = walk.legacy_id
left join public.academic_terms as live on walk.live_id = live.id
