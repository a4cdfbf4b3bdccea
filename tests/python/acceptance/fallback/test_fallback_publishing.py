"""Publishing again, at work, killed, refused; and the alarms."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import psycopg
import pytest
from databases import Databases, rows, value
from fallback_world import RELATIONS, SCREENS, Pair, fallback_rows, lms_rows
from psycopg.conninfo import make_conninfo

_MADE = """
select crosswalk.legacy_id, live.id
from ledger.crosswalk
inner join course_enrollments as live on crosswalk.live_id = live.id
where crosswalk.entity = 'course_enrollments' and {}
order by 1
limit 1
"""
_GRADE = "select grade, enrollment_status from lms_compat.all_course_enrollments where id = %s"
SCHEMAS = "select nspname::text, oid from pg_namespace where nspname like 'lms_compat%%' order by 1"

# Corrupts what is being built, as soon as an index of it is made.
SABOTAGE = """
create function public.sabotage() returns event_trigger language plpgsql as $$
begin
    if to_regclass('lms_compat_new.published_persons') is not null then
        update lms_compat_new.published_persons set last_name = 'Sabotage'
        where id = (select min(id::text)::uuid from lms_compat_new.published_persons);
    end if;
end
$$;
create event trigger sabotage on ddl_command_end when tag in ('CREATE INDEX') execute function public.sabotage()
"""


def equal(pair: Pair) -> bool:
    """Compared without the publication's own code."""
    return all(fallback_rows(pair, table) == lms_rows(pair, table) for table in RELATIONS)


# ── again ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_publishing_again_changes_nothing_and_leaves_nothing_behind(pair: Pair) -> None:
    before = {table: fallback_rows(pair, table) for table in RELATIONS}
    document = pair.publish()
    assert {table: fallback_rows(pair, table) for table in RELATIONS} == before
    assert [name for name, _ in rows(pair.edu, SCHEMAS)] == ["lms_compat"]
    assert document["relations"]


def test_what_edu_changes_shows_at_once_where_edu_decides(pair: Pair) -> None:
    ((legacy_id, live_id),) = rows(pair.lms, _MADE.format("method = 'inserted' and enrollment_status = 'completed'"))
    ((own_id, own_live_id),) = rows(pair.lms, _MADE.format("method <> 'inserted'"))
    theirs = rows(pair.edu, _GRADE, own_live_id)
    rows(pair.edu, "update journal set point = ' 77,50 ' where id in (%s, %s)", legacy_id, own_id)
    assert rows(pair.edu, _GRADE, live_id) == [("77.50", "completed")]
    assert rows(pair.edu, _GRADE, own_live_id) == theirs, "the application's own value stays"
    rows(pair.edu, "update journal set active = 0 where id = %s", legacy_id)
    assert rows(pair.edu, _GRADE, live_id) == [("77.50", "withdrawn")]
    rows(pair.edu, "delete from journal where id = %s", legacy_id)
    assert rows(pair.edu, _GRADE, live_id)[0][1] == "completed", "as it was published"


def test_after_edits_on_both_sides_the_next_publication_is_equal_again(pair: Pair) -> None:
    ((legacy_id, live_id),) = rows(pair.lms, _MADE.format("method = 'inserted' and enrollment_status = 'completed'"))
    rows(pair.edu, "update journal set point = '12' where id = %s", legacy_id)
    rows(pair.lms, "update course_enrollments set grade = 'A', notes = 'seen' where id = %s", live_id)
    first = "(select live_id from ledger.crosswalk where entity = 'persons' order by legacy_id limit 1)"
    rows(pair.lms, f"update persons set last_name = 'Yeni' where id = {first}")
    document = pair.verify(code=1)
    assert document["equal"] is False
    changed = {entry["relation"]: (entry["changed"], entry["columns"]) for entry in document["relations"] if entry["changed"]}
    assert changed["course_enrollments"] == (1, ["grade", "notes", "updated_at"])
    assert changed["persons"] == (1, ["last_name", "updated_at"])
    pair.publish()
    assert equal(pair)
    assert rows(pair.edu, _GRADE, live_id) == [("A", "completed")]
    assert pair.verify()["equal"] is True


def test_a_name_of_any_length_is_published(pair: Pair) -> None:
    """Longer than a row of an index may be, and nothing that compresses."""
    person = "(select live_id from ledger.crosswalk where entity = 'persons' order by legacy_id limit 1)"
    long = "(select string_agg(md5(n::text), '') from generate_series(1, 600) as n)"
    rows(pair.lms, f"update persons set last_name = {long}, first_name = {long} where id = {person}")
    pair.publish()
    assert equal(pair)


def test_rows_that_the_application_deleted_are_gone(pair: Pair) -> None:
    ((_, live_id),) = rows(pair.lms, _MADE.format("method = 'inserted' and enrollment_status = 'completed'"))
    rows(pair.lms, "delete from course_enrollments where id = %s", live_id)
    pair.publish()
    assert rows(pair.edu, _GRADE, live_id) == []
    assert equal(pair)


def test_a_legacy_table_without_a_key_is_not_followed(bare: Pair) -> None:
    rows(bare.edu, "alter table exam_student drop constraint exam_student_pkey")
    document = bare.publish()
    assert any("assessment_submissions does not follow edu" in note for note in document["notes"])
    lines = {entry["relation"]: entry for entry in document["relations"]}
    assert lines["assessment_submissions"]["following"] == 0
    assert lines["course_enrollments"]["following"] > 0
    assert equal(bare)


# ── while it is in use ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_readers_do_not_notice_a_publication(pair: Pair) -> None:
    number = value(pair.edu, "select count(*) from lms_compat.all_course_enrollments")
    student, user = rows(pair.lms, "select id, user_id from students where user_id is not null order by id limit 1")[0]
    wanted = rows(pair.lms, "select count(*) from course_enrollments where student_id = %s", student)[0][0]
    ended, wrong, read = threading.Event(), [], [0, 0]

    def work(place: int) -> None:
        try:
            with psycopg.connect(pair.fallback, autocommit=True, prepare_threshold=0) as connection:
                connection.execute("select set_config('app.current_user_id', %s, false)", (str(user),))
                while not ended.is_set():
                    found = connection.execute(SCREENS["student_courses"].encode(), {"student_id": student}).fetchall()
                    counted = connection.execute("select count(*) from course_enrollments").fetchone()
                    read[place] += 1
                    if len(found) != wanted or counted != (wanted,):
                        wrong.append((len(found), counted))
        except psycopg.Error as error:
            wrong.append((str(error), None))

    threads = [threading.Thread(target=work, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(4):
            pair.publish()
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert min(read) > 20
    assert value(pair.edu, "select count(*) from lms_compat.all_course_enrollments") == number


def test_a_reader_who_stays_is_not_waited_for(pair: Pair) -> None:
    before = dict(rows(pair.edu, SCHEMAS))
    settings = {**pair.settings, "EDU2LMS_LOCK_ATTEMPTS": "1"}
    impatient = Pair(pair.edu, pair.lms, settings, pair.folder)
    with psycopg.connect(pair.fallback) as reader:
        old = reader.execute("select published_at from publication").fetchone()
        reader.execute("select count(*) from students")
        notes = impatient.publish()["notes"]
        assert any("lms_compat_old stays" in note for note in notes)
        assert reader.execute("select published_at from publication").fetchone() != old, "the next statement reads the new one"
        assert dict(rows(pair.edu, SCHEMAS))["lms_compat_old"] == before["lms_compat"]
        error = impatient.publish(code=1)["error"]
        assert "pg_stat_activity" not in error["message"]
        assert "still reads the relations of schema lms_compat_old" in error["message"]
        assert impatient.publish("--dry-run")["dry_run"] is True
    pair.publish()
    assert [name for name, _ in rows(pair.edu, SCHEMAS)] == ["lms_compat"]


def test_killed_in_the_middle_leaves_the_last_one(pair: Pair) -> None:
    before = rows(pair.edu, SCHEMAS)
    process = subprocess.Popen(
        [sys.executable, "-m", "loader", "fallback", "publish"],
        env=pair.environment,
        cwd=pair.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "course_enrollments" in line:
            break
    else:
        pytest.fail("it never came so far")
    process.kill()
    process.wait()
    assert rows(pair.edu, SCHEMAS) == before
    assert equal(pair)
    pair.publish()
    assert [name for name, _ in rows(pair.edu, SCHEMAS)] == ["lms_compat"]


def test_two_publications_at_a_time_are_refused(pair: Pair) -> None:
    from loader.locks import FALLBACK, advisory_lock

    with psycopg.connect(pair.conf.edu_admin, autocommit=True) as connection, advisory_lock(pair.conf, connection, FALLBACK):
        error = pair.publish(code=4)["error"]
    assert error["type"] == "BusyError"


def test_a_dry_run_proves_and_changes_nothing(bare: Pair) -> None:
    role = bare.conf.fallback_user
    document = bare.publish("--dry-run")
    assert document["dry_run"] is True
    assert {entry["relation"] for entry in document["relations"]} == set(RELATIONS)
    assert rows(bare.edu, SCHEMAS) == []
    settings = (
        "select 1 from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())"
    )
    assert rows(bare.edu, settings) == []
    assert value(bare.edu, "select has_database_privilege(%s, current_database(), 'CONNECT')", role) is True


# ── refused ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_published_yet_is_said(make_databases: Any) -> None:
    databases: Databases = make_databases("fallback_early")
    error = databases.document("fallback", "publish", code=4)["error"]
    assert error["type"] == "NothingPublishedError"
    assert "edu2lms run --publish" in error["fix"]
    assert rows(databases.edu, SCHEMAS) == []
    assert databases.document("fallback", "verify", code=4)["error"]["type"] == "NothingPublishedError"


def test_without_an_admin_of_edu_the_variable_is_named(bare: Pair) -> None:
    settings = {name: text for name, text in bare.settings.items() if name != "EDU_ADMIN_USER"}
    error = Pair(bare.edu, bare.lms, settings, bare.folder).publish(code=2)["error"]
    assert "EDU_ADMIN_USER" in error["message"]


@pytest.mark.parametrize("schema", ["lms_compat", "lms_compat_new", "lms_compat_old"])
def test_a_schema_of_somebody_else_is_left_alone(bare: Pair, schema: str) -> None:
    rows(bare.edu, f"create schema {schema}")
    rows(bare.edu, f"create table {schema}.theirs as select 1 as n")
    error = bare.publish(code=4)["error"]
    assert error["type"] == "ForeignSchemaError"
    assert schema in error["message"]
    assert rows(bare.edu, f"select n from {schema}.theirs") == [(1,)]


def test_a_wrong_password_is_replaced(pair: Pair) -> None:
    settings = {**pair.settings, "FALLBACK_PASSWORD": "another one"}
    changed = Pair(pair.edu, pair.lms, settings, pair.folder)
    changed.publish()
    assert value(changed.fallback, "select current_user::text") == pair.conf.fallback_user
    pair.publish()  # the other copies use the same role


def test_an_admin_without_rights_is_told_what_is_missing(pair: Pair) -> None:
    settings = {**pair.settings, "EDU_ADMIN_USER": pair.settings["LMS_ADMIN_USER"]}
    rows(pair.edu, "drop role if exists lms_owner")
    rows(pair.edu, "create role lms_owner login")
    try:
        settings["EDU_ADMIN_PASSWORD"] = "weak"
        rows(pair.edu, "alter role lms_owner password 'weak'")
        error = Pair(pair.edu, pair.lms, settings, pair.folder).publish(code=1)["error"]
        assert error["type"] == "FallbackFailedError"
        assert "EDU_ADMIN_USER" in error["fix"]
        assert equal(pair)
    finally:
        rows(pair.edu, "drop role lms_owner")


def test_row_level_security_that_edu_cannot_have_is_refused(bare: Pair) -> None:
    rows(bare.lms, "create function public.may_see(uuid) returns boolean language sql stable as 'select true'")
    rows(bare.lms, "create policy students_special on students as restrictive to lms_app using (may_see(id))")
    error = bare.publish(code=4)["error"]
    assert error["type"] == "FallbackPolicyError"
    assert "students" in error["message"]
    assert "may_see" in error["message"]
    assert rows(bare.edu, SCHEMAS) == []


def test_a_policy_that_means_some_table_of_edu_by_chance_is_refused(bare: Pair) -> None:
    rows(bare.lms, "create schema office")
    rows(bare.lms, "create table office.staff (student_id uuid)")
    rows(bare.edu, "create schema office")
    rows(bare.edu, "create table office.staff (student_id uuid)")
    policy = "create policy by_office on students to lms_app using (id in (select student_id from office.staff))"
    rows(bare.lms, policy)
    error = bare.publish(code=4)["error"]
    assert error["type"] == "FallbackPolicyError"
    assert "office.staff" in error["message"]


def test_an_owner_who_is_no_superuser_can_publish(bare: Pair) -> None:
    rows(bare.edu, "create role plain_owner login createrole password 'plain'")
    tables = rows(bare.edu, "select tablename from pg_tables where schemaname = 'public'")
    rows(bare.edu, f'alter database "{bare.settings["EDU_DBNAME"]}" owner to plain_owner')
    for (table,) in tables:
        rows(bare.edu, f"alter table public.{table} owner to plain_owner")
    roles = {"EDU_ADMIN_USER": "plain_owner", "EDU_ADMIN_PASSWORD": "plain", "FALLBACK_USER": "lms_fallback_plain"}
    plain = Pair(bare.edu, bare.lms, {**bare.settings, **roles}, bare.folder)
    plain.publish()
    plain.publish()
    assert equal(plain)
    assert value(plain.fallback, "select count(*) from publication") == 1


_COPIED = """
select string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)
from pg_attribute
where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
"""
_COLLATIONS = """
select distinct used.collname::text, used.collcollate::text
from pg_attribute
inner join pg_collation as used on pg_attribute.attcollation = used.oid
where attrelid = any(array['lms_compat.persons', 'lms_compat.course_enrollments', 'lms_compat.users']::regclass[]) and attnum > 0
"""


def test_where_edu_orders_otherwise_the_columns_bear_the_collation_of_lms(bare: Pair) -> None:
    """The servers of the tests know no locale that orders otherwise than another; so the catalog has to tell."""
    name = f"{bare.settings['EDU_DBNAME']}_ordered"
    postgres, ordered = make_conninfo(bare.edu, dbname="postgres"), make_conninfo(bare.edu, dbname=name)
    theirs = value(bare.lms, "select datcollate from pg_database where datname = current_database()")
    assert theirs != "C"
    rows(postgres, f"create database {name} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'")
    try:
        with psycopg.connect(bare.edu) as source, psycopg.connect(ordered) as target:
            for table in ("journal", "exam", "exam_student"):
                definition = value(bare.edu, _COPIED, f"public.{table}")
                target.execute(f"create table public.{table} ({definition}, primary key (id))".encode())
                with (
                    source.cursor().copy(f"copy public.{table} to stdout".encode()) as out,
                    target.cursor().copy(f"copy public.{table} from stdin".encode()) as into,
                ):
                    for block in out:
                        into.write(block)
        settings = {key: text for key, text in bare.settings.items() if key != "LMS_APP_USER"} | {"EDU_DBNAME": name}
        pair = Pair(ordered, bare.lms, settings, bare.folder)
        assert not any("orders texts" in note for note in pair.publish()["notes"])
        assert equal(pair)
        ((_, locale),) = rows(pair.edu, _COLLATIONS)
        assert locale.lower().replace("-", "") == theirs.lower().replace("-", "")
        names = "select array_agg(last_name order by last_name, first_name, id) from persons where id in ({})"
        known = "select live_id from ledger.crosswalk where entity = 'persons'"
        assert value(pair.fallback, names.format("select id from persons")) == value(pair.lms, names.format(known))
    finally:
        rows(postgres, f"drop database {name} with (force)")


# ── the alarms ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_value_corrupted_while_it_is_published_stops_the_publication(pair: Pair) -> None:
    before = rows(pair.edu, SCHEMAS)
    rows(pair.edu, SABOTAGE)
    error = pair.publish(code=1)["error"]
    assert error["type"] == "FallbackDiffersError"
    assert "persons: 1 changed in last_name; first: " in error["message"]
    assert rows(pair.edu, SCHEMAS) == before
    rows(pair.edu, "drop event trigger sabotage")
    pair.publish()


@pytest.mark.parametrize(
    ("statement", "relation", "counts", "columns"),
    [
        ("update {}.published_students set student_number = 'X' where id in (select id from {}.published_students limit 1)",
         "students", (0, 0, 1), ["student_number"]),
        ("update {}.published_course_enrollments set grade = '1.5', follows = false where id in"
         " (select id from {}.published_course_enrollments order by id limit 2)", "course_enrollments", (0, 0, 2), ["grade"]),
        ("delete from {}.published_assessments where id in (select id from {}.published_assessments limit 3)",
         "assessments", (3, 0, 0), []),
        ("insert into {}.published_users (legacy_id, follows, id) values (1, false, gen_random_uuid())",
         "users", (0, 1, 0), []),
        ("update {}.published_courses set name = name || '{{\"en\": \"?\"}}' "
         " where id in (select id from {}.published_courses limit 1)",
         "courses", (0, 0, 1), ["name"]),
    ],
)  # fmt: skip
def test_a_value_corrupted_later_is_found(
    pair: Pair, statement: str, relation: str, counts: tuple[int, int, int], columns: list[str]
) -> None:
    rows(pair.edu, statement.format("lms_compat", "lms_compat"))
    document = pair.verify(code=1)
    found = {entry["relation"]: entry for entry in document["relations"]}
    assert document["equal"] is False
    assert tuple(found[relation][name] for name in ("missing", "surplus", "changed")) == counts
    assert found[relation]["columns"] == columns
    assert len(found[relation]["first_ids"]) == sum(counts)
    assert [
        name for name in RELATIONS if name != relation and any(found[name][what] for what in ("missing", "surplus", "changed"))
    ] == []


def test_passwords_do_not_reach_output_or_log(bare: Pair) -> None:
    secret = "a-secret-of-the-fallback"
    settings = {**bare.settings, "FALLBACK_PASSWORD": secret}
    done = Pair(bare.edu, bare.lms, settings, bare.folder).edu2lms("fallback", "publish")
    assert secret not in done.stdout + done.stderr
    bare.publish()  # the other copies use the same role
