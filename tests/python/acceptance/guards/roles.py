"""Which role may do what: the table, as data. Every line is tried for real, the forbidden ones as well as the allowed ones."""

from __future__ import annotations

from dataclasses import dataclass, field

READER, MIGRATION, APPLICATION, OWNER = "edu_reader", "edu2lms", "lms_app", "owner"
EDU, LMS = "edu", "lms"


@dataclass(frozen=True)
class Right:
    """One thing that a role may do or not.

    Attributes:
        role: see above; the owner of edu or of lms.
        database: in which.
        what: in words, for the table.
        sql: tries it; rolled back.
        allowed: or not.
        says: a part of the refusal.
    """

    role: str
    database: str
    what: str
    sql: str = field(repr=False)
    allowed: bool = False
    says: str = "permission denied"


def may(role: str, database: str, what: str, sql: str) -> Right:
    """A right."""
    return Right(role, database, what, sql, allowed=True)


def may_not(role: str, database: str, what: str, sql: str, says: str = "permission denied") -> Right:
    """No right."""
    return Right(role, database, what, sql, says=says)


WRITABLE = "set transaction read write; "
STUDENT = "insert into public.students (student_number, enrollment_date, status) values ('S-guards', current_date, 'active')"
LOG = (
    "create temporary table mine (id int); create trigger mine after insert on mine referencing new table as new_rows"
    " for each statement execute function public.audit_capture('id', 'x'); insert into mine values (1)"
)
# a cast to json that a role has made is called where a row becomes a document
CAST = (
    "create type pg_temp.thing as (n int);"
    " create function pg_temp.evil(pg_temp.thing) returns json language plpgsql as"
    " 'begin alter table public.users add column x int; return null; end';"
    " create cast (pg_temp.thing as json) with function pg_temp.evil(pg_temp.thing);"
    " create temporary table mine (id int, thing pg_temp.thing); create trigger mine after insert on mine"
    " referencing new table as new_rows for each statement execute function public.audit_capture('id', 'x');"
    " insert into mine values (1, row(1))"
)
# a temporary type is found before one of the catalog, unless a function says otherwise; the column tells whether it was
TYPE = (
    "create function pg_temp.evil(pg_catalog.jsonb) returns boolean language plpgsql as"
    " 'begin alter table public.users add column evil int; return true; end';"
    " create domain pg_temp.jsonb as pg_catalog.jsonb check (pg_temp.evil(value));"
    " select ledger.delete_migrated('users', '{}'); select evil from public.users"
)

RIGHTS = [
    # edu, the reader
    may(READER, EDU, "read a declared column", "select id, username from public.accounts"),
    may(READER, EDU, "read every declared table", "select count(id) from public.journal"),
    may_not(READER, EDU, "read passwords", "select password from public.accounts"),
    may_not(READER, EDU, "read the other passwords", "select other_password from public.accounts"),
    may_not(READER, EDU, "read a whole row with a password in it", "select * from public.accounts"),
    may_not(READER, EDU, "read a table that is not declared", "select * from demo.demo_answer_key"),
    may_not(READER, EDU, "insert", WRITABLE + "insert into public.journal (id) values (1)"),
    may_not(READER, EDU, "update", WRITABLE + "update public.journal set point = '1'"),
    may_not(READER, EDU, "delete", WRITABLE + "delete from public.journal"),
    may_not(READER, EDU, "truncate", WRITABLE + "truncate public.journal"),
    may_not(READER, EDU, "lock a row", WRITABLE + "select id from public.journal for update"),
    may_not(READER, EDU, "change a table", WRITABLE + "alter table public.journal add column x int", "must be owner"),
    may_not(READER, EDU, "drop a table", WRITABLE + "drop table public.journal", "must be owner"),
    may_not(READER, EDU, "create in the schema", WRITABLE + "create table public.mine (id int)"),
    may_not(READER, EDU, "write without saying so", "insert into public.journal (id) values (1)", ""),
    may_not(READER, EDU, "read files of the server", "select pg_read_file('postgresql.conf')"),
    may_not(READER, EDU, "run programs", WRITABLE + "copy public.journal (id) to program 'true'", "permission denied"),
    # lms, the migration
    may(MIGRATION, LMS, "read the live tables, every row", "select 1 / count(*) from public.students"),
    may(MIGRATION, LMS, "insert a live row", STUDENT),
    may(MIGRATION, LMS, "set a tracking id", "update public.course_offerings set old_course_id = old_course_id"),
    may(MIGRATION, LMS, "set the counts of an offering",
        "update public.course_offerings set current_enrollment = current_enrollment, max_enrollment = max_enrollment"),
    may(MIGRATION, LMS, "set the status of an enrollment",
        "update public.course_enrollments set enrollment_status = enrollment_status, status_changed_date = null"),
    may(MIGRATION, LMS, "lock a parent row for its key", "select id from public.users limit 1 for key share"),
    may(MIGRATION, LMS, "write an audit row", "insert into public.audit_logs (action, resource_type) values ('x', 'y')"),
    may(MIGRATION, LMS, "read who did what and when, for the analytics",
        "select user_id, action_type, action_timestamp, response_status from public.audit_logs;"
        " select page_path, time_on_page_seconds from public.page_views; select browser, end_reason from public.user_sessions"),
    may_not(MIGRATION, LMS, "read whole audit rows", "select * from public.audit_logs"),
    may_not(MIGRATION, LMS, "read values, addresses and browsers in audit rows",
            "select old_values, new_values, action_details, ip_address, user_agent from public.audit_logs"),
    may_not(MIGRATION, LMS, "read addresses of sessions", "select ip_address from public.user_sessions"),
    may_not(MIGRATION, LMS, "change an audit row", "update public.audit_logs set user_id = 'x'"),
    may_not(MIGRATION, LMS, "delete audit rows", "delete from public.audit_logs"),
    may_not(MIGRATION, LMS, "log through a temporary table", LOG),
    may_not(MIGRATION, LMS, "run code as the owner through a temporary table that is logged", CAST),
    may_not(MIGRATION, LMS, "drop old partitions", "select public.maintain_audit_partitions('1 day')"),
    may_not(MIGRATION, LMS, "read grades, which it does not migrate", "select * from public.grades"),
    may(MIGRATION, LMS, "bring published rows up to date (names, dates, marks, status)",
        "update public.course_enrollments set grade = grade; update public.persons set last_name = last_name"),
    may_not(MIGRATION, LMS, "update what the application keeps for itself", "update public.users set metadata = '{}'"),
    may_not(MIGRATION, LMS, "update an id", "update public.users set id = gen_random_uuid()"),
    may_not(MIGRATION, LMS, "set a password", "update public.users set password_hash = 'x'"),
    may_not(MIGRATION, LMS, "update notes and attendance", "update public.course_enrollments set attendance_percentage = 1"),
    may_not(MIGRATION, LMS, "delete a live row", "delete from public.course_enrollments"),
    may_not(MIGRATION, LMS, "truncate a live table", "truncate public.course_enrollments"),
    may_not(MIGRATION, LMS, "change a live table", "alter table public.users add column x int", "must be owner"),
    may_not(MIGRATION, LMS, "drop a live table", "drop table public.course_enrollments", "must be owner"),
    may_not(MIGRATION, LMS, "disable a trigger", "alter table public.users disable trigger user", "must be owner"),
    may_not(MIGRATION, LMS, "create a trigger",
            "create trigger mine before insert on public.users for each row execute function public.set_updated_at()"),
    may_not(MIGRATION, LMS, "change a function of the application",
            "create or replace function public.set_updated_at() returns trigger language plpgsql as 'begin return new; end'"),
    may_not(MIGRATION, LMS, "create in the application's schema", "create table public.mine (id int)"),
    may_not(MIGRATION, LMS, "lock a live table", "lock table public.users in access exclusive mode"),
    may_not(MIGRATION, LMS, "create a schema", "create schema mine"),
    may_not(MIGRATION, LMS, "become the owner", "set role lms_owner"),
    may_not(MIGRATION, LMS, "become the application", "set role lms_app"),
    may(MIGRATION, LMS, "suspend triggers in its own transaction", "set local session_replication_role = replica"),
    may_not(MIGRATION, LMS, "delete with triggers suspended",
            "set local session_replication_role = replica; delete from public.users"),
    may(MIGRATION, LMS, "build in migration and staging",
        "create table migration.mine (id int); create table staging.mine (id int)"),
    may(MIGRATION, LMS, "write the ledger", "insert into ledger.dbt_invocations (invocation_id, command) values ('x', 'y')"),
    may(MIGRATION, LMS, "analyse the live tables, by the owner's function", "select ledger.analyze_live()"),
    may(MIGRATION, LMS, "take back rows that it made, by the owner's function", "select ledger.delete_migrated('users', '{}')"),
    may_not(MIGRATION, LMS, "delete from other tables by the owner's function", "select ledger.delete_migrated('grades', '{}')",
            "The migration writes no rows into grades"),
    may_not(MIGRATION, LMS, "run code as the owner through a type of its own", TYPE, "does not exist"),
    may(MIGRATION, LMS, "read edu through the foreign tables", "select count(*) from edu_fdw.organizations"),
    may_not(MIGRATION, LMS, "read edu's passwords through a foreign table", "select password from edu_fdw.accounts",
            "does not exist"),
    may_not(MIGRATION, LMS, "read edu's passwords through a foreign table of its own",
            "create foreign table edu_fdw.mine (password text) server edu options (schema_name 'public', table_name 'accounts');"
            " select * from edu_fdw.mine", "permission denied for table accounts"),
    may_not(MIGRATION, LMS, "write edu through a foreign table", "delete from edu_fdw.journal", ""),
    may_not(MIGRATION, LMS, "move the foreign server", "alter server edu options (set port '1')", "must be owner"),
    may_not(MIGRATION, LMS, "read files of the server", "select pg_read_file('postgresql.conf')"),
    may_not(MIGRATION, LMS, "run programs", "copy public.users (id) to program 'true'", "permission denied"),
    # lms, the application
    may(APPLICATION, LMS, "go on as before", "insert into public.audit_logs (action, resource_type) values ('x', 'y')"),
    may(APPLICATION, LMS, "delete its own rows", "delete from public.course_instructors"),
    may(APPLICATION, LMS, "log what happens, and keep its sessions",
        "select public.log_user_action('u', 'login'); insert into public.page_views (page_path) values ('/');"
        " update public.page_views set time_on_page_seconds = 1;"
        " insert into public.user_sessions (session_id) values ('s'); select public.close_user_session('s')"),
    may_not(APPLICATION, LMS, "log through a temporary table", LOG),
    may_not(APPLICATION, LMS, "run code as the owner through a temporary table that is logged", CAST),
    may_not(APPLICATION, LMS, "drop old partitions", "select public.maintain_audit_partitions('1 day')"),
    may_not(APPLICATION, LMS, "read the ledger", "select * from ledger.crosswalk"),
    may_not(APPLICATION, LMS, "read the raw copies", "select * from staging.persons"),
    may_not(APPLICATION, LMS, "read what dbt built", "select * from migration.crosswalk"),
    may_not(APPLICATION, LMS, "read edu", "select * from edu_fdw.persons"),
    may_not(APPLICATION, LMS, "use the foreign server", "create foreign table public.mine (id bigint) server edu"),
    may_not(APPLICATION, LMS, "call the owner's function", "select ledger.analyze_live()"),
    may_not(APPLICATION, LMS, "take back rows of the migration", "select ledger.delete_migrated('users', '{}')"),
    may_not(APPLICATION, LMS, "read the mapping's password",
            "select 1 / count(umoptions) from pg_user_mappings where srvname = 'edu'", "division by zero"),
    may_not(APPLICATION, LMS, "suspend triggers", "set session_replication_role = replica"),
    may_not(APPLICATION, LMS, "see students of others", "select 1 / count(*) from public.students", "division by zero"),
    # the administrators, who need not be used after prepare
    may(OWNER, LMS, "everything in lms", "alter table public.users add column x int; drop table public.grades"),
    may(OWNER, EDU, "everything in edu", "select password from public.accounts; delete from public.journal"),
]  # fmt: skip
