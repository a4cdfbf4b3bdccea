-- First and last day of the legacy years, as typed there.
select
    name as education_year,
    start_date,
    end_date
from staging.edu_years
