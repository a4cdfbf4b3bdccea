-- Grain: one row per section in scope (rules, sections 3, 4 and 8).
with stems as (
    select
        sections.id,
        sections.live_id,
        coalesce(nullif(btrim(sections.code, e' \t\r\n\u00a0'), ''), 'SEC-' || sections.id) as stem,
        walk.is_made,
        live.section_code,
        -- a code that is there already stays; the new ones follow in id order
        row_number() over (
            partition by
                sections.live_course_id,
                sections.live_term_id,
                coalesce(nullif(btrim(sections.code, e' \t\r\n\u00a0'), ''), 'SEC-' || sections.id)
            order by walk.batch_place, sections.id
        ) as place,
        exists(
            select 1
            from public.course_offerings as other
            where other.course_id = sections.live_course_id
                and other.academic_term_id = sections.live_term_id
                and other.section_code = coalesce(nullif(btrim(sections.code, e' \t\r\n\u00a0'), ''), 'SEC-' || sections.id)
                and other.id not in (select walk.live_id from walk where walk.entity = 'course_offerings' and walk.is_made)
        ) as is_taken
    from sections
    inner join walk on walk.entity = 'course_offerings' and sections.id = walk.legacy_id and walk.is_made
    inner join public.course_offerings as live on walk.live_id = live.id
),

numbered as (
    select
        *,
        place + is_taken::integer as n,
        substring(section_code from length(stem) + 2)::text as suffix
    from stems
)

select
    sections.id as legacy_id,
    sections.id as old_course_id,
    sections.live_course_id as course_id,
    sections.live_term_id as academic_term_id,
    coalesce(seats.enrolled, 0) as current_enrollment,
    case
        when not walk.is_made then null
        when numbered.n = 1 then numbered.stem
        -- a number may have been passed over because some section bears it as its own code
        when numbered.section_code like replace(replace(replace(numbered.stem, '\', '\\'), '_', '\_'), '%', '\%') || '#%'
            and numbered.suffix ~ '^[1-9][0-9]{0,5}$' and numbered.suffix::integer >= numbered.n
            and (numbered.suffix::integer = numbered.n or exists (
                select 1
                from public.course_offerings as other
                where other.course_id = sections.live_course_id
                    and other.academic_term_id = sections.live_term_id
                    and other.section_code = numbered.stem || '#' || numbered.n
                    and other.id <> numbered.live_id
            ))
            then numbered.section_code
        else numbered.stem || '#' || numbered.n
    end as section_code,
    case when walk.is_made then languages.language end as language_of_instruction,
    case
        when not walk.is_made then null
        -- it may only have fallen since: rows that were enrolled, then withdrawn, dropped or completed
        when live.max_enrollment between greatest(sections.student_count, seats.enrolled, 1)
            and greatest(
                sections.student_count,
                case when sections.term_end < walk.own_date then seats.ever_enrolled else seats.students end,
                1
            )
            then live.max_enrollment
        -- written once: what edu says later does not change it
        when
            sections.update_date > walk.published_at and live.max_enrollment >= coalesce(seats.enrolled, 0)
            then live.max_enrollment
        else greatest(sections.student_count, seats.enrolled, 1)
    end as max_enrollment,
    case when walk.is_made then 0 end as waitlist_capacity,
    case when walk.is_made then defaults.offering_delivery_mode end as delivery_mode,
    case when walk.is_made then true end as is_published,
    case when walk.is_made then case when sections.term_end >= walk.own_date then 'open' else 'closed' end end
        as enrollment_status
from sections
cross join defaults
left join walk on walk.entity = 'course_offerings' and sections.id = walk.legacy_id
left join public.course_offerings as live on walk.live_id = live.id
left join numbered on sections.id = numbered.id
left join seats on walk.live_id = seats.course_offering_id
left join seed_language_mapping as languages on sections.education_lang_id = languages.legacy_language_id::bigint
where sections.is_in_scope
