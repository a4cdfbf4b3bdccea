-- Grain: one row: the values for required columns that edu does not hold.
select
    max(value) filter (where setting = 'person_first_name') as person_first_name,
    max(value) filter (where setting = 'person_last_name') as person_last_name,
    max(value) filter (where setting = 'student_enrollment_date')::date as student_enrollment_date,
    max(value) filter (where setting = 'staff_hire_date')::date as staff_hire_date,
    max(value) filter (where setting = 'course_credit_hours')::integer as course_credit_hours,
    max(value) filter (where setting = 'course_level') as course_level,
    max(value) filter (where setting = 'course_name') as course_name,
    max(value) filter (where setting = 'position_title_az') as position_title_az,
    max(value) filter (where setting = 'position_title_en') as position_title_en,
    max(value) filter (where setting = 'position_title_ru') as position_title_ru,
    max(value) filter (where setting = 'offering_delivery_mode') as offering_delivery_mode,
    max(value) filter (where setting = 'assessment_title_az') as assessment_title_az,
    max(value) filter (where setting = 'assessment_title_en') as assessment_title_en,
    max(value) filter (where setting = 'assessment_title_ru') as assessment_title_ru,
    max(value) filter (where setting = 'assessment_total_marks')::numeric as assessment_total_marks,
    max(value) filter (where setting = 'assessment_weight_percentage')::numeric as assessment_weight_percentage,
    max(value) filter (where setting = 'placeholder_email_domain') as placeholder_email_domain,
    max(value) filter (where setting = 'unique_text_bytes')::integer as unique_text_bytes
from seed_defaults
