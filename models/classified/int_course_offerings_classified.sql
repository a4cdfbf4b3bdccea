-- Grain: one row per edu course row
with sections as (
    select * from {{ ref('int_sections_mapped') }}
),

matched as (
    select * from {{ ref('int_course_offerings_matched') }}
),

ledger as (
    select legacy_id, live_id, method, score, evidence
    from {{ ref('int_crosswalk_checked') }}
    where entity = 'course_offerings'
),

live_offerings as (
    select * from {{ ref('stg_lms__course_offerings') }}
),

live_terms as (
    select academic_term_id, start_date, end_date from {{ ref('stg_lms__academic_terms') }}
),

linked as (
    select
        sections.*,
        ledger.method as ledger_method,
        coalesce(ledger.live_id, matched.live_id) as matched_id,
        coalesce(ledger.method, matched.match_method, 'inserted') as match_method,
        coalesce(ledger.score, matched.score) as match_score,
        coalesce(ledger.evidence, matched.evidence) as evidence,
        coalesce(matched.is_ambiguous and ledger.live_id is null, false) as is_ambiguous
    from sections
    left join ledger on sections.legacy_section_id = ledger.legacy_id and sections.version_place = 1
    left join matched on sections.legacy_section_id = matched.legacy_id and sections.version_place = 1
),

partnered as (
    select
        *,
        coalesce(needs_partner and matched_id is not null and ledger_method is distinct from 'inserted', false) as is_partnered
    from linked
),

joined as (
    select
        partnered.legacy_section_id,
        partnered.version_place,
        partnered.section_code,
        partnered.student_count,
        partnered.term_source,
        partnered.ledger_method,
        partnered.matched_id,
        partnered.match_method,
        partnered.match_score,
        partnered.evidence,
        partnered.is_ambiguous,
        -- what only a new offering needs is no reason where one is there already
        case when not partnered.is_partnered then partnered.outcome end as outcome,
        case when not partnered.is_partnered then partnered.reason end as reason,
        case when not partnered.is_partnered then partnered.detail end as detail,
        -- the offering that an analyst has named may stand elsewhere than edu says
        case when partnered.match_method = 'override' then live_offerings.course_id else partnered.course_id end as course_id,
        case
            when partnered.match_method = 'override' then live_offerings.academic_term_id else partnered.academic_term_id
        end as academic_term_id,
        case
            when partnered.match_method = 'override' then live_terms.start_date
            else coalesce(partnered.term_start_date, live_terms.start_date)
        end as term_start_date,
        case
            when partnered.match_method = 'override' then live_terms.end_date
            else coalesce(partnered.term_end_date, live_terms.end_date)
        end as term_end_date,
        coalesce(partnered.language, live_offerings.language_of_instruction) as language,
        live_offerings.section_code as live_section_code,
        -- a row that the migration made follows edu: another code, course or term there is a new name here
        coalesce(
            partnered.ledger_method is distinct from 'inserted'
            or (
                live_offerings.course_id = partnered.course_id
                and live_offerings.academic_term_id = partnered.academic_term_id
                and regexp_replace(live_offerings.section_code, '#[0-9]+$', '') in (
                    coalesce(partnered.section_code, 'SEC-' || partnered.legacy_section_id),
                    regexp_replace(partnered.section_code, '#[0-9]+$', '')
                )
            ),
            false
        ) as is_code_kept
    from partnered
    left join live_offerings on partnered.matched_id = live_offerings.course_offering_id
    left join live_terms on live_offerings.academic_term_id = live_terms.academic_term_id
),

wanted as (
    select
        concat_ws('/', course_id, academic_term_id) as scope,
        coalesce(section_code, 'SEC-' || legacy_section_id) as name,
        legacy_section_id as legacy_id
    from joined
    where outcome is null and not is_ambiguous and (matched_id is null or not is_code_kept)
),

taken as (
    select concat_ws('/', course_id, academic_term_id) as scope, section_code as name from live_offerings
),

named as (
    {{ number_repeats('wanted', 'taken', '#') | indent(4) }}
),

final as (
    select
        joined.legacy_section_id as legacy_id,
        case
            when joined.outcome is not null then joined.outcome
            when joined.is_ambiguous then 'rejected'
            when joined.ledger_method = 'inserted' or joined.matched_id is null then 'inserted'
            else 'matched'
        end as outcome,
        case when joined.outcome is null and joined.is_ambiguous then 'ambiguous_match' else joined.reason end as reason,
        case when joined.outcome is null and joined.is_ambiguous then joined.evidence else joined.detail end as detail,
        case
            when joined.outcome is null and not joined.is_ambiguous
                then
                    coalesce(joined.matched_id, {{ legacy_uuid('course_offerings', 'joined.legacy_section_id') | indent(20) }})
        end as live_id,
        joined.match_method,
        joined.match_score,
        joined.evidence,
        joined.course_id,
        joined.academic_term_id,
        joined.term_source,
        joined.term_start_date,
        joined.term_end_date,
        joined.language as language_of_instruction,
        joined.student_count,
        joined.section_code as legacy_section_code,
        coalesce(case when joined.is_code_kept then joined.live_section_code end, named.given_name) as section_code
    from joined
    left join named on joined.legacy_section_id = named.legacy_id and joined.version_place = 1
)

select * from final
