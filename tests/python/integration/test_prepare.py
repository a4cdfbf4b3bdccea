from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
import pytest
from demo_servers import DemoServers

from loader.check import check
from loader.cli import main
from loader.config import Settings
from loader.console import Progress
from loader.errors import (
    ConflictingObjectError,
    DuplicateTrackingIdError,
    LockNotAvailableError,
    NotPreparedError,
    SourceChangedError,
    SuperuserNeededError,
    UnsafeRoleError,
)
from loader.load import load
from loader.plan import SCHEMAS
from loader.prepare import prepare
from loader.project import SourceTable
from loader.results import PrepareResult

Tables = tuple[SourceTable, ...]
SNAPSHOT = """
select class.oid::regclass::text, class.relacl::text, class.relkind::text from pg_class as class
where relnamespace::regnamespace::text not like 'pg\\_%%' and relnamespace::regnamespace::text <> 'information_schema'
union all select nspname, nspacl::text, 'schema' from pg_namespace where nspname not like 'pg\\_%%'
union all select rolname, '', 'role' from pg_roles
union all select srvname, srvacl::text, 'server' from pg_foreign_server
union all select attrelid::regclass::text, attname, atttypid::text from pg_attribute
where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r') and attnum > 0
order by 1, 2, 3
"""


def run(
    demo: DemoServers, tables: Tables, *, dry_run: bool = False, said: list[str] | None = None, **changes: Any
) -> PrepareResult:
    settings = demo.settings.model_copy(update=changes)
    return prepare(settings, tables, dry_run=dry_run, report=(said if said is not None else []).append)


def test_everything_is_there_afterwards_and_the_second_run_does_nothing(
    demo_copy: DemoServers, source_tables: Tables, query: Any
) -> None:
    assert run(demo_copy, source_tables).steps
    found, reached = check(demo_copy.settings, source_tables)
    assert reached
    assert [finding for finding in found.findings if finding.verdict != "ok"] == []
    before = query(demo_copy.lms_admin, SNAPSHOT)
    assert run(demo_copy, source_tables).steps == ()
    assert query(demo_copy.lms_admin, SNAPSHOT) == before


def test_the_second_run_takes_no_lock_on_live_tables(demo_copy: DemoServers, source_tables: Tables) -> None:
    run(demo_copy, source_tables)
    with psycopg.connect(demo_copy.lms_admin) as blocker:
        blocker.execute("lock table public.course_enrollments, public.course_offerings, public.users in access exclusive mode")
        started = time.monotonic()
        assert run(demo_copy, source_tables, lock_attempts=1).steps == ()
        assert time.monotonic() - started < 5


def test_a_dry_run_changes_nothing_and_prints_a_script_without_passwords(
    in_demo: DemoServers, query: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before = query(in_demo.lms_admin, SNAPSHOT), query(in_demo.edu_admin, SNAPSHOT)
    assert main(["prepare", "--dry-run"]) == 0
    text = capsys.readouterr().out
    assert (query(in_demo.lms_admin, SNAPSHOT), query(in_demo.edu_admin, SNAPSHOT)) == before
    for name, value in in_demo.env.items():
        assert not ("PASSWORD" in name and value in text), name
    assert "SCRAM" not in text
    assert "'***'" in text
    assert "create unique index concurrently" in text
    assert 'alter table "public"."course_offerings" add column "old_course_id" bigint;' in text


def test_the_script_of_a_dry_run_is_what_the_real_run_does(demo_copy: DemoServers, source_tables: Tables) -> None:
    dry = run(demo_copy, source_tables, dry_run=True)
    assert dry.dry_run
    assert [step.name for step in dry.steps] == [step.name for step in run(demo_copy, source_tables).steps]


def test_the_role_owns_nothing_in_public_and_cannot_drop_or_delete(
    demo_copy: DemoServers, source_tables: Tables, query: Any
) -> None:
    run(demo_copy, source_tables)
    lms = demo_copy.settings.lms
    for statement in (
        "drop table public.course_enrollments",
        "alter table public.users add column x int",
        "truncate public.users cascade",
        "delete from public.course_enrollments",
        "update public.users set password_hash = 'x'",
        "create table public.mine (id int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(lms, statement)
    assert query(lms, "select count(*) from public.course_enrollments")[0][0] > 0  # row-level security hides nothing
    query(lms, "set session_replication_role = replica")
    query(lms, "select id from public.users limit 1 for key share")
    query(lms, "select ledger.analyze_live()")
    owners = query(
        demo_copy.lms_admin,
        "select nspname, pg_get_userbyid(nspowner) from pg_namespace where nspname = any(%s)",
        list(SCHEMAS),
    )
    assert {owner for _, owner in owners} == {demo_copy.settings.lms_user}
    assert len(owners) == len(SCHEMAS)


def test_the_application_cannot_call_the_owners_function(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    run(demo_copy, source_tables)
    allowed = query(
        demo_copy.lms_admin,
        "select has_function_privilege(%s, 'ledger.analyze_live()', 'EXECUTE')",
        demo_copy.env["LMS_APP_USER"],
    )
    assert allowed == [(False,)]


def test_the_reader_reads_only_what_is_declared(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    run(demo_copy, source_tables)
    edu = demo_copy.settings.edu
    for statement in (
        "select password from public.accounts",
        "select * from public.accounts",
        "select other_password from accounts",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(edu, statement)
    for statement in (
        "delete from journal",
        "update journal set point = '1'",
        "insert into journal (id) values (1)",
        "create table x ()",
    ):
        with pytest.raises((psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege)):
            query(edu, statement)
        with psycopg.connect(edu, autocommit=True) as connection:
            connection.execute("set default_transaction_read_only = off")  # any client can; rights stay missing
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    columns = query(
        demo_copy.lms_admin,
        "select attname from pg_attribute where attrelid = 'edu_fdw.accounts'::regclass and attnum > 0 and not attisdropped",
    )
    assert "username" in {name for (name,) in columns}
    assert not [name for (name,) in columns if "password" in name]


def test_rights_that_are_too_many_are_taken_back(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    run(demo_copy, source_tables)
    reader = demo_copy.settings.edu_user
    query(demo_copy.edu_admin, f"grant select, insert on accounts to {reader}")
    found, _ = check(demo_copy.settings, source_tables)
    failed = {finding.name: finding for finding in found.findings if finding.verdict == "failed"}
    assert set(failed) == {"edu: reader cannot write", "edu: reader reads nothing else"}
    assert "accounts.password" in failed["edu: reader reads nothing else"].detail
    assert [step.name for step in run(demo_copy, source_tables).steps] == [
        "edu: the reader loses every other right",
        "edu: the reader may read the declared columns",
    ]
    assert check(demo_copy.settings, source_tables)[0].ok
    assert run(demo_copy, source_tables).steps == ()


def test_a_long_transaction_delays_the_column_and_never_the_writers(demo_copy: DemoServers, source_tables: Tables) -> None:
    longest, stop = 0.0, threading.Event()

    def write() -> None:
        nonlocal longest
        with psycopg.connect(demo_copy.lms_admin, autocommit=True) as writer:
            while not stop.is_set():
                started = time.monotonic()
                writer.execute(
                    "update public.course_offerings set updated_at = now() "
                    "where id = (select min(id::text)::uuid from public.course_offerings)"
                )
                longest = max(longest, time.monotonic() - started)
                time.sleep(0.01)  # an application thinks between its writes

    thread = threading.Thread(target=write)
    thread.start()
    said: list[str] = []
    holder = psycopg.connect(demo_copy.lms_admin, application_name="long report")
    try:
        holder.execute("select count(*) from public.course_offerings")
        timer = threading.Timer(2.5, holder.rollback)
        timer.start()
        run(demo_copy, source_tables, said=said, lock_timeout=0.5, lock_attempts=20)
        timer.join()
    finally:
        stop.set()
        thread.join()
        holder.close()
    waited = [line for line in said if "attempt" in line]
    assert waited
    assert "long report" in waited[0]
    assert longest < 1.0, "writers waited longer than the lock time-out"
    assert check(demo_copy.settings, source_tables)[0].ok


def test_a_lock_that_never_comes_is_refused_and_prepare_can_go_on_later(demo_copy: DemoServers, source_tables: Tables) -> None:
    with psycopg.connect(demo_copy.lms_admin, application_name="endless") as holder:
        holder.execute("select count(*) from public.course_offerings")
        with pytest.raises(LockNotAvailableError, match=r"public.course_offerings .* 2 attempts .*endless") as caught:
            run(demo_copy, source_tables, lock_timeout=0.1, lock_attempts=2)
        assert caught.value.exit_code == 4
    assert run(demo_copy, source_tables).steps[0].name == "lms: course_offerings.old_course_id"


def test_an_invalid_index_is_built_again(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    admin = demo_copy.lms_admin
    query(admin, "alter table public.course_offerings add column old_course_id bigint")
    query(admin, "update public.course_offerings set old_course_id = 7")
    with pytest.raises(psycopg.errors.UniqueViolation):
        query(
            admin,
            "create unique index concurrently course_offerings_old_course_id_key on public.course_offerings (old_course_id)",
        )
    found, _ = check(demo_copy.settings, source_tables)
    assert any("is invalid" in finding.detail for finding in found.findings)
    with pytest.raises(DuplicateTrackingIdError, match=r"course_offerings_old_course_id_key .*\(old_course_id\)=\(7\)"):
        run(demo_copy, source_tables)
    query(admin, "update public.course_offerings set old_course_id = null")
    done = run(demo_copy, source_tables)
    (step,) = [step for step in done.steps if "was invalid" in step.name]
    assert [statement.split()[0] for statement in step.statements] == ["drop", "create"]
    assert check(demo_copy.settings, source_tables)[0].ok


def test_a_total_index_is_built_again_as_a_partial_one(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    query(demo_copy.lms_admin, "alter table public.course_offerings add column old_course_id bigint")
    query(
        demo_copy.lms_admin, "create unique index course_offerings_old_course_id_key on public.course_offerings (old_course_id)"
    )
    assert any("was total" in step.name for step in run(demo_copy, source_tables).steps)
    assert run(demo_copy, source_tables).steps == ()


def test_giving_a_tracking_id_does_not_block_the_applications_enrollments(
    demo_copy: DemoServers, source_tables: Tables, query: Any
) -> None:
    run(demo_copy, source_tables)
    with psycopg.connect(demo_copy.lms_admin) as migration:
        (offering,) = migration.execute(
            "update course_offerings set old_course_id = 1 where id = (select min(id::text)::uuid"
            " from course_offerings) returning id"
        ).fetchone() or (None,)
        query(
            demo_copy.lms_admin,
            "with patience as (select set_config('lock_timeout', '2s', false)) insert into course_enrollments"
            " (course_offering_id, student_id, enrollment_status)"
            " select %s, students.id, 'completed' from students, patience limit 1",
            offering,
        )
        migration.rollback()


def test_an_index_of_the_name_that_is_something_else_is_not_touched(
    demo_copy: DemoServers, source_tables: Tables, query: Any
) -> None:
    query(demo_copy.lms_admin, "create index course_offerings_old_course_id_key on public.course_offerings (section_code)")
    with pytest.raises(ConflictingObjectError, match="not a unique index"):
        run(demo_copy, source_tables)


def test_a_tracking_column_of_another_type_is_not_touched(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    query(demo_copy.lms_admin, "alter table public.course_offerings add column old_course_id text")
    with pytest.raises(ConflictingObjectError, match="its type is text"):
        run(demo_copy, source_tables)


def test_a_changed_address_and_password_reach_the_foreign_server(
    demo_copy: DemoServers, source_tables: Tables, query: Any
) -> None:
    run(demo_copy, source_tables)
    query(demo_copy.lms_admin, "alter server edu options (set port '1', drop fetch_size, add use_remote_estimate 'true')")
    query(demo_copy.lms_admin, f"alter user mapping for {demo_copy.settings.lms_user} server edu options (set password 'old')")
    names = [step.name for step in run(demo_copy, source_tables).steps]
    assert names == ["lms: foreign server edu", "lms: user mapping of the role"]
    assert run(demo_copy, source_tables).steps == ()
    changed = demo_copy.settings.model_copy(update={"edu_password": Settings(edu_password="next").edu_password})
    names = [step.name for step in prepare(changed, source_tables, dry_run=False, report=lambda _: None).steps]
    assert names == [f"edu: password of role {changed.edu_user}", "lms: user mapping of the role"]
    assert load(changed, source_tables, progress=Progress(quiet=True)).rows > 0


def test_a_shorter_list_drops_the_undeclared_columns(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    run(demo_copy, source_tables)
    shorter = (SourceTable(source_tables[0].name, source_tables[0].columns[:3]), *source_tables[1:-1])
    names = [step.name for step in run(demo_copy, shorter).steps]
    assert "lms: foreign tables with the declared columns" in names
    with pytest.raises(psycopg.errors.UndefinedColumn):
        query(demo_copy.settings.lms, "select email from edu_fdw.accounts")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(demo_copy.settings.edu, "select email from public.accounts")
    assert run(demo_copy, shorter).steps == ()
    with pytest.raises(NotPreparedError, match=r"edu_fdw\.accounts"):
        load(demo_copy.settings, source_tables, progress=Progress(quiet=True))


def test_what_edu_has_not_got_is_named(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    query(demo_copy.edu_admin, "alter table journal rename column point to mark")
    with pytest.raises(SourceChangedError, match=r"journal\.point: declared as text, does not exist in edu"):
        run(demo_copy, source_tables)


def test_roles_that_could_do_harm_are_refused(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    with pytest.raises(UnsafeRoleError, match="are the same"):
        run(demo_copy, source_tables, lms_user=demo_copy.env["LMS_ADMIN_USER"])
    user = demo_copy.settings.lms_user
    query(demo_copy.lms_admin, f"create role {user} superuser login")
    with pytest.raises(UnsafeRoleError, match="superuser"):
        run(demo_copy, source_tables)
    query(demo_copy.lms_admin, f"alter role {user} nosuperuser")
    query(demo_copy.lms_admin, f"alter table public.persons owner to {user}")
    with pytest.raises(UnsafeRoleError, match=r"it owns public\.persons") as caught:
        run(demo_copy, source_tables)
    assert caught.value.exit_code == 4


def test_without_a_superuser_the_exact_sql_is_given_and_works(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    """The way of a managed database: somebody else is the superuser, the owner of the schema does the rest."""
    owner, settings = f"{demo_copy.settings.lms_user}_owner", demo_copy.settings
    query(demo_copy.lms_admin, f"create role {owner} login password 'own' nosuperuser")
    query(demo_copy.lms_admin, f"alter schema public owner to {owner}")
    for (table,) in query(
        demo_copy.lms_admin,
        "select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')",
    ):
        query(demo_copy.lms_admin, f"alter table {table} owner to {owner}")
    changes = {"lms_admin_user": owner, "lms_admin_password": Settings(lms_admin_password="own").lms_admin_password}
    with pytest.raises(SuperuserNeededError) as caught:
        run(demo_copy, source_tables, **changes)
    assert caught.value.exit_code == 4
    statements = str(caught.value.values["statements"]).splitlines()
    assert f'create role "{settings.lms_user}" login bypassrls;' in statements
    assert "create extension postgres_fdw;" in statements
    assert query(demo_copy.lms_admin, "select 1 from pg_namespace where nspname = 'ledger'") == [], "nothing was done"
    for statement in statements:
        if statement.startswith("\\password"):
            password = demo_copy.env["LMS_PASSWORD"]
            query(demo_copy.lms_admin, f"alter role {settings.lms_user} password '{password}'")
        elif "session_replication_role" not in statement:
            query(demo_copy.lms_admin, statement)
    done = run(demo_copy, source_tables, **changes)
    assert done.steps
    assert "session_replication_role" in done.notes[0]
    again = run(demo_copy, source_tables, **changes)
    assert again.steps == ()
    found, _ = check(settings.model_copy(update=changes), source_tables)
    assert found.ok
    assert [finding.name for finding in found.findings if finding.verdict == "warning"] == ["lms: role may suspend triggers"]
    assert load(settings.model_copy(update=changes), source_tables, progress=Progress(quiet=True)).rows > 0


def test_the_fingerprint_sees_ddl_and_not_data(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    run(demo_copy, source_tables)
    lms, admin = demo_copy.settings.lms, demo_copy.lms_admin
    seen = [query(lms, "select ledger.live_fingerprint()")]
    query(admin, "update public.users set updated_at = now()")
    query(admin, "analyze public.users")
    assert query(lms, "select ledger.live_fingerprint()") == seen[0]
    for statement in (
        "alter table public.users alter column username set default 'x'",
        "alter table public.users disable trigger user",
        "grant select on public.users to public",
        "create index on public.users (updated_at)",
        "alter table public.students disable row level security",
        "create view public.someone as select id from public.users",
        "alter table public.persons add check (first_name <> 'x') not valid",
        "alter table public.persons alter column last_name drop not null",
    ):
        query(admin, statement)
        seen.append(query(lms, "select ledger.live_fingerprint()"))
        assert seen[-1] not in seen[:-1], statement


def test_passwords_do_not_reach_the_servers_log(demo_copy: DemoServers, source_tables: Tables, query: Any) -> None:
    for database, admin in (("EDU", demo_copy.edu_admin), ("LMS", demo_copy.lms_admin)):
        owner, name = demo_copy.env[f"{database}_ADMIN_USER"], demo_copy.env[f"{database}_DBNAME"]
        query(admin, f"alter role {owner} in database {name} set log_statement = 'all'")
    run(demo_copy, source_tables)
    for database in ("edu", "lms"):
        log = (demo_copy.dir / f"{database}.log").read_text()
        assert "grant select" in log if database == "edu" else "create server edu" in log, "the log is being written"
        assert "SCRAM-SHA-256" not in log
        for name, value in demo_copy.env.items():
            assert not ("PASSWORD" in name and value in log), name
