-- Grain: one row per subject in scope (rules, sections 4 and 11): active, or the subject of a section in scope.
with decided as (
    -- the seed decides about a subject when it does about all its plan subjects that sections use
    select
        plan.subject_id,
        case when bool_and(line.course_code is not null) then min(line.course_code) end as code
    from sections
    inner join raw_course as course on sections.id = course.id
    inner join raw_education_plan_subject as plan on course.education_plan_subject_id = plan.id
    left join seed_course_mapping as line on plan.id = line.legacy_plan_subject_id::bigint
    where sections.is_in_scope
    group by plan.subject_id
)

select
    subject.id as legacy_id,
    coalesce(decided.code, 'SUBJ' || lpad((subject.id % 100000)::text, 5, '0')) as code,
    case
        -- a language that dictionaries lack stays out; az is required
        when have.is_made then jsonb_strip_nulls(jsonb_build_object(
                'az',
                coalesce(
                    nullif(btrim(named.name_az), ''),
                    nullif(btrim(named.name_en), ''),
                    nullif(btrim(named.name_ru), ''),
                    defaults.course_name
                ),
                'en', nullif(btrim(named.name_en), ''),
                'ru', nullif(btrim(named.name_ru), '')
            ))
    end as name,
    case when have.is_made then defaults.course_credit_hours::integer end as credit_hours,
    case when have.is_made then defaults.course_level end as course_level,
    -- also of a subject that is no longer active: a section in scope uses it
    case when have.is_made then true end as is_active
from raw_subject_catalog as subject
cross join defaults
cross join settings
left join raw_dictionaries as named on subject.subject_name_id = named.id
left join decided on subject.id = decided.subject_id
left join have_courses as have on subject.id = have.legacy_id
where (subject.active = 1 or subject.id in (select subject_id from sections where is_in_scope))
    -- without this decision a subject that has no course stays behind
    and (settings.create_missing_courses or have.legacy_id is not null)
