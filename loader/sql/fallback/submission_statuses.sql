-- The analysts' table of submission statuses.
create table {schema}.submission_statuses (
    finish_status text primary key,
    submission_status text not null,
    note text
)
