"""An lms with the older audit_logs: nothing is lost, who wrote it goes on writing, who read it goes on reading."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from audit_world import SNIPPET, copied, one, prepared
from demo_servers import DemoServers

from loader.audit import plan_audit, without_casts
from loader.check import check
from loader.demo.demo import Pair
from loader.errors import ConflictingObjectError
from loader.guard import guarded, read_facts
from loader.prepare import prepare
from loader.project import Project

CONTENT = "select id::text, user_id::text, action, resource_type, resource_id, old_values, new_values, ip_address, created_at"
OLD_INSERT = "insert into audit_logs (user_id, action, resource_type, resource_id) values (%s, %s, %s, %s) returning id"
# What an application may have built on its log.
DEPENDENTS = """
create view public.recent_actions as
select id, action, resource_type, user_id::text as who, created_at from public.audit_logs where created_at > '2020-01-01';
create view public.recent_logins with (security_barrier = true) as select id from public.recent_actions where action = 'login';
create function public.count_actions(text) returns bigint language sql begin atomic
    select count(*) from public.audit_logs where action = $1;
end;
create function public.shout() returns trigger language plpgsql as
    $$ begin perform pg_notify('audit', new.action); return null; end $$;
create trigger audit_logs_shout after insert on public.audit_logs for each row execute function public.shout();
create function public.never() returns trigger language plpgsql as $$ begin raise 'the log is append-only'; end $$;
create trigger audit_logs_append_only before update or delete on public.audit_logs for each row execute function public.never();
create index audit_logs_action_idx on public.audit_logs (action, created_at desc);
create index audit_logs_user_idx on public.audit_logs (user_id);
create index idx_audit_logs_user_id on public.audit_logs (user_id, created_at);
comment on table public.audit_logs is 'What happened.';
comment on column public.audit_logs.action is 'The verb.';
create role auditor_audit;
grant select (id, action, user_id) on public.audit_logs to auditor_audit;
grant select on public.recent_actions to auditor_audit;
alter table public.audit_logs enable row level security;
create policy own_events on public.audit_logs to lms_app
    using (user_id::text = current_setting('app.current_user_id', true)) with check (true);
insert into public.audit_logs (action, resource_type, created_at) values
    ('login', 'users', '-infinity'), ('login', 'users', '2199-01-01');
"""


@pytest.fixture(scope="module")
def older(demo_pair: Pair) -> Iterator[DemoServers]:
    """The demonstration's lms with more that hangs on its log, prepared under the guard."""
    with copied(demo_pair, "audit_older", setup=DEPENDENTS) as demo:
        with psycopg.connect(demo.lms_admin, autocommit=True) as admin:
            admin.execute(f"create table demo.older as {CONTENT} from public.audit_logs".encode())
            admin.execute("create table demo.older_facts (fact text)")
            for fact in read_facts(admin, lock_timeout=5):
                admin.execute("insert into demo.older_facts values (%s)", (fact,))
        with guarded(demo.settings, "prepare"):
            prepared(demo)
        yield demo
    with psycopg.connect(demo_pair.lms, autocommit=True) as admin:
        admin.execute("drop role auditor_audit")


@pytest.fixture
def owner(older: DemoServers) -> Iterator[psycopg.Connection]:
    """A transaction of the owner, rolled back at the end."""
    with psycopg.connect(older.lms_admin) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def application(older: DemoServers) -> Iterator[psycopg.Connection]:
    """A transaction of the application, rolled back at the end."""
    with psycopg.connect(older.settings.lms_app) as connection:
        connection.execute("select set_config('app.current_user_id', 'u', true)")
        yield connection
        connection.rollback()


# ── what was there ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_old_rows_are_in_the_new_table_word_for_word(owner: psycopg.Connection) -> None:
    assert one(owner, "select count(*) > 400 from demo.older") == (True,)
    for left, right in (("demo.older", "public.audit_logs"), ("public.audit_logs", "demo.older")):
        assert one(owner, f"select count(*) from ({CONTENT} from {left} except {CONTENT} from {right}) as missing") == (0,)


def test_old_rows_have_the_newer_columns(owner: psycopg.Connection) -> None:
    same = (
        "event_id = id and action_type = action and entity_type = resource_type and entity_id is not distinct from resource_id"
        " and action_details = '{}' and (action_timestamp = created_at or created_at > now())"
    )
    assert one(owner, f"select bool_and({same}) from audit_logs") == (True,)
    assert one(owner, "select count(*) filter (where action_timestamp <= now()), count(*) from audit_logs") == (
        one(owner, "select count(*), count(*) from demo.older")
    ), "a time in the future is not an event's time"


def test_the_second_prepare_does_nothing_and_check_is_content(older: DemoServers) -> None:
    assert prepared(older).steps == ()
    assert check(older.settings, Project.find().tables)[0].ok


def test_policies_grants_comments_views_and_triggers_are_the_same_word_by_word(owner: psycopg.Connection) -> None:
    now = set(map(without_casts, read_facts(owner, lock_timeout=5)))
    kept = "'audit_logs: (grant|policy|comment|trigger|row-level|statistics)|recent_|schema public: function (count|shout|never)'"
    before = {without_casts(fact) for (fact,) in owner.execute(f"select fact from demo.older_facts where fact ~ {kept}".encode())}
    assert len(before) > 20
    assert before <= now


# ── who wrote and read ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_applications_triggers_go_on_writing(owner: psycopg.Connection) -> None:
    owner.execute("select set_config('app.current_user_id', %s, true)", (str(uuid.UUID(int=5)),))
    owner.execute("update students set status = 'suspended' where id = (select id from students order by id limit 1)")
    found = one(
        owner,
        "select user_id, action, action_type, resource_type, entity_type, entity_id = resource_id, event_id = id,"
        " new_values ->> 'status', created_at = action_timestamp from audit_logs where action_timestamp >= now()",
    )
    user = str(uuid.UUID(int=5))
    assert found == (user, "update", "update", "students", "students", True, True, "suspended", True)


@pytest.mark.parametrize("user", [uuid.UUID(int=3), 3, "3"])
def test_code_that_inserts_the_older_form_gets_its_id(application: psycopg.Connection, user: object) -> None:
    application.execute("select set_config('app.current_user_id', %s, true)", (str(user),))
    (key,) = one(application, OLD_INSERT, user, "export", "grades", "g1")
    assert isinstance(key, uuid.UUID)
    found = "select user_id, action_type, entity_type from audit_logs where event_id = %s"
    assert one(application, found, key) == (str(user), "export", "grades")
    application.execute("select set_config('app.current_user_id', 'somebody else', true)")
    assert application.execute(found.encode(), (key,)).fetchall() == [], "row-level security holds"


@pytest.mark.parametrize(("address", "kept"), [("192.0.2.7", "192.0.2.7"), ("no address", None)])
def test_what_any_older_program_writes_names_the_request(owner: psycopg.Connection, address: str, kept: str | None) -> None:
    owner.execute("grant insert on audit_logs to auditor_audit")
    owner.execute("create policy auditor on audit_logs for insert to auditor_audit with check (true)")
    owner.execute("select set_config('audit.ip_address', %s, true), set_config('audit.correlation_id', 'c2', true)", (address,))
    owner.execute("set local role auditor_audit")
    owner.execute("insert into audit_logs (action, resource_type) values ('export', 'grades')")
    owner.execute("reset role")
    assert one(owner, "select host(ip_address) from audit_logs where correlation_id = 'c2'") == (kept,)


def test_what_the_applications_own_trigger_writes_names_the_request(owner: psycopg.Connection) -> None:
    for name, text in {
        "audit.user_id": "7",
        "audit.session_id": "s1",
        "audit.correlation_id": "c1",
        "audit.request_path": "/students/1",
        "audit.request_method": "POST",
        "audit.ip_address": "192.0.2.7",
    }.items():
        owner.execute("select set_config(%s, %s, true)", (name, text))
    owner.execute("update students set status = 'suspended' where id = (select id from students order by id limit 1)")
    columns = "action, session_id, correlation_id, request_path, request_method, host(ip_address)"
    found = owner.execute(f"select {columns} from audit_logs where correlation_id = 'c1'".encode()).fetchall()
    assert [row[1:] for row in found] == [("s1", "c1", "/students/1", "POST", "192.0.2.7")]
    assert one(owner, "select user_id is not null from audit_logs where correlation_id = 'c1'") == (True,)


def test_an_id_and_a_time_of_their_own_are_kept(owner: psycopg.Connection) -> None:
    key = uuid.uuid4()
    insert = "insert into audit_logs (id, action, resource_type, created_at) values (%s, 'import', 'x', {}) returning event_id"
    assert one(owner, insert.format("now()"), key) == (key,)
    assert one(owner, "select action_timestamp = now(), created_at = now() from audit_logs where id = %s", key) == (True, True)
    key = uuid.uuid4()
    owner.execute(insert.format("'2001-02-03'").encode(), (key,))
    assert one(owner, "select created_at::date::text from audit_logs where id = %s", key) == ("2001-02-03",)


@pytest.mark.parametrize("user", [7, uuid.UUID(int=7), "u"])
def test_the_snippet_runs_as_it_stands(application: psycopg.Connection, user: object) -> None:
    application.execute("select set_config('app.current_user_id', %s, true)", (str(user),))
    application.execute(SNIPPET, (user, "page_view", "/students", "10.1.2.3", 200))
    found = one(
        application, "select user_id, action, resource_type, id = event_id from audit_logs where request_path = '/students'"
    )
    assert found == (str(user), "page_view", "page_view", True)


def test_a_publication_with_triggers_suspended_fills_both_forms(older: DemoServers) -> None:
    with psycopg.connect(older.settings.lms) as role:
        role.execute("set local session_replication_role = replica")
        role.execute("insert into audit_logs (action_type, entity_type) values ('migrate', 'users')")
        role.execute("insert into audit_logs (action, resource_type) values ('migrate', 'users')")
        found = role.execute("select action_type, entity_type from audit_logs where action_timestamp >= now()").fetchall()
        assert found == [("migrate", "users")] * 2
        role.rollback()


def test_views_and_functions_see_new_events_and_old_ones(owner: psycopg.Connection) -> None:
    before = one(owner, "select count(*) from recent_logins")[0], one(owner, "select count_actions('login')")[0]
    assert min(before) > 50
    owner.execute("insert into audit_logs (action_type, user_id) values ('login', 12)")
    assert (one(owner, "select count(*) from recent_logins")[0], one(owner, "select count_actions('login')")[0]) == (
        before[0] + 1,
        before[1] + 1,
    )
    assert one(owner, "select who from recent_actions order by created_at desc nulls last offset 1 limit 1") == ("12",)


def test_the_applications_triggers_on_the_log_fire_on_every_partition(owner: psycopg.Connection) -> None:
    owner.execute("listen audit")
    for when in ("now()", "now() + interval '3 months'", "now() + interval '9 years'"):
        insert = f"insert into audit_logs (action_type, action_timestamp) values ('read', {when}) returning action_type"
        delete = "delete from audit_logs where action_type = 'read'"
        assert one(owner, insert) == ("read",)
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"), owner.transaction():
            owner.execute(delete)


def test_every_partition_has_the_applications_indexes(owner: psycopg.Connection) -> None:
    query = """
        select index_class.relname, index_data.indisvalid, (select count(*) from pg_inherits where inhparent = index_class.oid)
        from pg_index as index_data inner join pg_class as index_class on index_class.oid = indexrelid
        where indrelid = 'public.audit_logs'::regclass
    """
    found = {name: (valid, parts) for name, valid, parts in owner.execute(query)}
    number = one(owner, "select count(*) from pg_inherits where inhparent = 'public.audit_logs'::regclass")[0]
    wanted = {"audit_logs_action_idx", "audit_logs_created_at_idx", "idx_audit_logs_id", "idx_audit_logs_user_id"}
    assert wanted <= set(found)
    assert set(found.values()) == {(True, number)}
    taken = one(owner, "select count(*) from pg_index where indrelid = 'public.audit_logs_older'::regclass and not indisvalid")
    assert taken == (0,)


# ── what cannot follow ─────────────────────────────────────────────────────────────────────────────────────────────────────────

OBSTACLES = [
    ("create view public.who as select user_id from public.audit_logs", "view who .*hands the column out as uuid"),
    (
        "create view public.who as select users.username from public.users"
        " inner join public.audit_logs on users.id = audit_logs.user_id",
        "view who .*operator does not exist",
    ),
    ("create materialized view public.who as select action from public.audit_logs", "materialized view who"),
    ("alter table public.audit_logs add foreign key (user_id) references public.users (id) not valid", "audit_logs_user_id_fkey"),
    ("alter table public.audit_logs add constraint verbs check (action <> 'x')", "constraint verbs"),
    ("create publication log_audit for table public.audit_logs", "publication log_audit"),
    (
        "alter table public.audit_logs enable row level security;"
        " create policy own on public.audit_logs using (user_id = current_setting('app.current_user_id')::uuid)",
        "policy own .*operator does not exist",
    ),
    ("alter table public.audit_logs alter column ip_address type text", "ip_address is text"),
]


def test_what_cannot_follow_is_named_before_anything_is_done(older_copy: Callable[..., DemoServers], query: Any) -> None:
    demo, tables = older_copy(), Project.find().tables
    before = query(demo.lms_admin, "select count(*) from pg_class")
    for setup, says in OBSTACLES:
        with psycopg.connect(demo.lms_admin) as admin:
            for statement in setup.split(";"):
                admin.execute(statement.encode())
            with pytest.raises(ConflictingObjectError, match=says) as caught:
                plan_audit(demo.settings, admin)
            assert caught.value.exit_code == 4
            admin.rollback()
    assert query(demo.lms_admin, "select count(*) from pg_class") == before
    assert prepare(demo.settings, tables, dry_run=True, report=lambda _: None).steps


# ── half way ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Interrupted(Exception):
    """Somebody pulled the plug."""


class Writer(threading.Thread):
    """An application that writes the older form all the time, and remembers what it has written and how long it waited."""

    def __init__(self, conninfo: str) -> None:
        super().__init__(daemon=True)
        self.conninfo = conninfo
        self.written: list[uuid.UUID] = []
        self.errors: list[str] = []
        self.longest = 0.0
        self.ended = threading.Event()

    def run(self) -> None:
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            while not self.ended.wait(0.002):
                started = time.monotonic()
                try:
                    row = connection.execute(OLD_INSERT, (uuid.UUID(int=1), "write", "grades", "g")).fetchone()
                    assert row is not None
                    self.written.append(row[0])
                except psycopg.Error as error:
                    self.errors.append(str(error))
                self.longest = max(self.longest, time.monotonic() - started)


def test_interrupted_before_any_step_the_next_prepare_completes_and_no_row_is_lost(
    older_copy: Callable[..., DemoServers], query: Any
) -> None:
    demo, tables = older_copy(), Project.find().tables
    ((old,),) = query(demo.lms_admin, "select count(*) from audit_logs")
    writer, interrupted = Writer(demo.settings.lms_app), set[str]()

    def stop(name: str) -> None:
        if "audit" in name and name not in interrupted:
            interrupted.add(name)
            raise Interrupted

    writer.start()
    try:
        while True:
            try:
                prepare(demo.settings, tables, dry_run=False, report=stop)
                break
            except Interrupted:
                continue
    finally:
        writer.ended.set()
        writer.join()
    assert {"lms: every row of audit_logs fits", "lms: audit_logs is partitioned"} <= interrupted
    assert writer.errors == []
    assert len(writer.written) > 100
    assert writer.longest < demo.settings.lock_timeout
    count = (
        "select count(*), count(*) filter (where event_id = any(%s)) from audit_logs where entity_id = 'g' or created_at < now()"
    )
    assert query(demo.lms_admin, count, writer.written) == [(old + len(writer.written), len(writer.written))]
    assert check(demo.settings, tables)[0].ok


def test_a_reader_that_does_not_end_delays_the_change_over_and_never_the_writers(older_copy: Callable[..., DemoServers]) -> None:
    demo, said = older_copy(), list[str]()
    writer = Writer(demo.settings.lms_app)
    with psycopg.connect(demo.lms_admin, application_name="long report") as reader:
        steps: list[str] = []

        def report(line: str) -> None:
            said.append(line)
            if line == "lms: every row of audit_logs fits":
                reader.execute("select count(*) from audit_logs")
                writer.start()
            if "attempt 2" in line:
                reader.rollback()
            steps.append(line)

        settings = demo.settings.model_copy(update={"lock_timeout": 0.5, "lock_attempts": 20})
        prepare(settings, Project.find().tables, dry_run=False, report=report)
    writer.ended.set()
    writer.join()
    waited = [line for line in said if "attempt" in line]
    assert len(waited) >= 2
    assert "long report" in waited[0]
    assert writer.errors == []
    assert writer.longest < 1.0, "writers waited longer than the lock time-out"


def test_a_table_of_another_form_is_refused(older_copy: Callable[..., DemoServers]) -> None:
    demo = older_copy("alter table public.audit_logs rename column action to verb")
    with pytest.raises(ConflictingObjectError, match="action is missing"):
        prepared(demo)
    other = older_copy("create table public.page_views (id integer)")
    with pytest.raises(ConflictingObjectError, match=r"page_views .*has no column view_id"):
        prepared(other)
