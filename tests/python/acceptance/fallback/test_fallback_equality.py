"""The fallback answers as lms does: the same rows, columns, types, ids, and the same screens."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from databases import rows, value
from fallback_world import LEGACY, LOGINS, RELATIONS, SCREENS, Pair, columns, fallback_rows, lms_rows, pages
from psycopg import sql

SECRETS = ("demo-secret-", "ZGVtby1zZWNyZXQt", "$2b$")


@pytest.mark.parametrize("table", RELATIONS)
def test_columns_have_the_same_names_order_and_types(published: Pair, table: str) -> None:
    wanted = columns(published.lms, f"public.{table}")
    assert len(wanted) > 3
    assert columns(published.edu, f"lms_compat.{table}") == wanted


def test_what_prepare_added_is_there_too(published: Pair) -> None:
    assert ("old_journal_id", "bigint") in columns(published.edu, "lms_compat.course_enrollments")
    assert ("old_course_id", "bigint") in columns(published.edu, "lms_compat.course_offerings")


@pytest.mark.parametrize("table", RELATIONS)
def test_every_row_with_a_legacy_source_is_equal_in_every_column(published: Pair, table: str) -> None:
    here, there = fallback_rows(published, table), lms_rows(published, table)
    assert there
    assert here - there == set()
    assert there - here == set()


@pytest.mark.parametrize("table", RELATIONS)
def test_every_published_id_is_the_same(published: Pair, table: str) -> None:
    entities = list(LOGINS if table == "users" else (table,))
    crosswalk = rows(published.lms, "select live_id from ledger.crosswalk where entity = any(%s)", entities)
    found = {id_ for (id_,) in rows(published.edu, f"select id from lms_compat.all_{table}")}
    assert found == {live_id for (live_id,) in crosswalk}


@pytest.mark.parametrize("table", LEGACY)
def test_the_views_derive_every_row_that_the_migration_made_as_dbt_does(published: Pair, table: str) -> None:
    """A row follows edu only when the view's own expressions give what the migration has published."""
    made = value(published.lms, "select count(*) from ledger.crosswalk where entity = %s and method = 'inserted'", table)
    assert made > 0
    assert value(published.edu, f"select count(*) from lms_compat.published_{table} where follows") == made


def test_the_five_screens_are_the_same_for_everybody(unrestricted: Pair) -> None:
    """Every student, teacher and section, as an application that sees every row."""
    lms = unrestricted.lms
    asked: dict[str, list[Any]] = {
        "student_id": [found[0] for found in rows(lms, "select id from students order by id")],
        "user_id": [found[0] for found in rows(lms, "select distinct instructor_id from course_instructors order by 1")],
        "course_offering_id": [found[0] for found in rows(lms, "select id from course_offerings order by id")],
    }
    by_screen = {
        "students_list": pages(lms, 20),
        "student_courses": [{"student_id": subject} for subject in asked["student_id"]],
        "student_submissions": [{"student_id": subject} for subject in asked["student_id"]],
        "teacher_courses": [{"user_id": subject} for subject in asked["user_id"]],
        "section_roster": [{"course_offering_id": subject} for subject in asked["course_offering_id"]],
    }
    assert set(by_screen) == set(SCREENS)
    own = {subject for found in rows(lms, _THE_APPLICATIONS_OWN) for subject in found}
    with psycopg.connect(lms, autocommit=True) as there, psycopg.connect(unrestricted.fallback, autocommit=True) as here:
        for name, questions in by_screen.items():
            answered = different = 0
            for parameters in questions:
                wanted, found = (_ask(connection, None, SCREENS[name], parameters) for connection in (there, here))
                answered += len(found)
                if found != wanted:
                    assert own & set(parameters.values()), (name, parameters)
                    assert [row for row in wanted if row in found] == found, "only the application's own rows are not there"
                    different += 1
            assert answered > 20, name
            assert different <= 26, name


# Students and sections of rows that the application made without edu.
_THE_APPLICATIONS_OWN = """
select student_id, course_offering_id from course_enrollments where id not in (select live_id from ledger.crosswalk)
union
select student_id, null from assessment_submissions where id not in (select live_id from ledger.crosswalk)
"""


def test_under_row_level_security_the_screens_are_the_same_too(published: Pair) -> None:
    """As the application's role, for each student who is logged in."""
    own = {subject for found in rows(published.lms, _THE_APPLICATIONS_OWN) for subject in found}
    students = rows(published.lms, "select id, user_id from students where user_id is not null order by id")
    answered, first_page = 0, pages(published.lms, 20)[0]
    with psycopg.connect(published.application) as lms, psycopg.connect(published.fallback) as edu:
        for student, user in students:
            parameters = {"student_id": student, "user_id": user, "course_offering_id": None, **first_page}
            for name, screen in SCREENS.items():
                wanted, found = (_ask(connection, user, screen, parameters) for connection in (lms, edu))
                assert found == wanted or student in own, (name, student)
                answered += len(found)
    assert answered > len(students) * 5


def _ask(connection: psycopg.Connection[Any], user: Any, screen: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    settings = "select set_config('app.current_user_id', %s, false), set_config('timezone', 'UTC', false)"
    connection.execute(settings, (str(user or ""),))
    return connection.execute(screen.encode(), parameters).fetchall()


def test_row_level_security_hides_the_same_rows(published: Pair) -> None:
    student, user = rows(published.lms, "select id, user_id from students where user_id is not null order by id limit 1")[0]
    for conninfo in (published.application, published.fallback):
        with psycopg.connect(conninfo, autocommit=True) as connection:
            assert connection.execute("select count(*) from students").fetchone() == (0,)
            connection.execute("select set_config('app.current_user_id', %s, false)", (str(user),))
            assert connection.execute("select id from students").fetchall() == [(student,)]
            others = "select count(*) from course_enrollments where student_id <> %s"
            assert connection.execute(others, (student,)).fetchone() == (0,)


def test_an_application_without_row_level_security_sees_every_row(unrestricted: Pair) -> None:
    known = "select count(*) from students where id in (select live_id from ledger.crosswalk where entity = 'students')"
    assert value(unrestricted.fallback, "select count(*) from students") == value(unrestricted.lms, known)


def test_it_is_said_when_nobody_knows_which_rows_the_application_may_see(bare: Pair) -> None:
    nobody = {name: text for name, text in bare.settings.items() if name != "LMS_APP_USER"}
    notes = Pair(bare.edu, bare.lms, nobody, bare.folder).publish()["notes"]
    assert any("course_enrollments, students, and LMS_APP_USER is not set: every row is shown" in note for note in notes)
    wrong = Pair(bare.edu, bare.lms, {**bare.settings, "LMS_APP_USER": "lms_ap"}, bare.folder)
    error = wrong.publish(code=4)["error"]
    assert error["type"] == "UnsafeRoleError"
    assert "LMS_APP_USER" in error["fix"]


def test_no_secret_is_anywhere(published: Pair) -> None:
    assert value(published.edu, "select count(*) from lms_compat.users where password_hash is not null") == 0
    assert value(published.lms, "select count(*) from users where password_hash like '$2b$%'") > 0, "there are some to find"
    relations = rows(published.edu, "select relname::text from pg_class where relnamespace = 'lms_compat'::regnamespace"
                     " and relkind in ('r', 'v')")  # fmt: skip
    assert len(relations) > 25
    for (name,) in relations:
        query = sql.SQL("select count(*) from lms_compat.{} as relation where relation::text like any(%s)")
        assert value(published.edu, query.format(sql.Identifier(name)), [f"%{secret}%" for secret in SECRETS]) == 0, name


def test_unknown_columns_and_keys_of_the_application_are_not_copied(bare: Pair) -> None:
    rows(bare.lms, "alter table users add column recovery_code text default 'do-not-copy-me'")
    rows(bare.lms, 'update users set metadata = metadata || \'{"api_token": "do-not-copy-me"}\'')
    document = bare.publish()
    users = next(entry for entry in document["relations"] if entry["relation"] == "users")
    assert users["columns_without_source"] == ["password_hash", "password_changed_at", "recovery_code"]
    assert columns(bare.edu, "lms_compat.users") == columns(bare.lms, "public.users")
    for relation in ("users", "all_users", "published_users"):
        assert value(bare.edu, f"select count(*) from lms_compat.{relation} as u where u::text like '%do-not-copy%'") == 0
    assert value(bare.edu, "select count(*) from lms_compat.all_users where metadata ? 'old_account_id'") > 0


def test_the_coverage_counts_what_the_application_made_on_its_own(published: Pair) -> None:
    for table, in_lms, here, following, nulls, from_lms in rows(published.fallback, "select * from coverage"):
        assert in_lms == value(published.lms, f"select count(*) from {table}")
        assert here == value(published.edu, f"select count(*) from lms_compat.all_{table}")
        assert following <= here <= in_lms
        names = [name for name, _ in columns(published.edu, f"lms_compat.{table}")]
        assert set(nulls) | set(from_lms) <= set(names)
        for name in nulls:
            assert value(published.edu, f"select count({name}) from lms_compat.all_{table}") == 0
    counted = dict(rows(published.fallback, "select table_name, rows_in_lms - rows_here from coverage"))
    assert set(counted) == set(RELATIONS)
    assert counted["course_enrollments"] == 25, "the application's own"


def test_every_column_says_where_it_comes_from(published: Pair) -> None:
    listed = rows(published.fallback, "select table_name, column_name, data_type from column_sources order by table_name, place")
    wanted = [(table, *column) for table in sorted(RELATIONS) for column in columns(published.lms, f"public.{table}")]
    assert listed == wanted


def test_the_publication_says_when_and_what(published: Pair) -> None:
    ((published_at, batch, crosswalk),) = rows(
        published.fallback, "select published_at, batch_id, crosswalk_rows from publication"
    )
    assert published_at.tzinfo is not None
    assert batch == published.document("status")["batch"]
    assert crosswalk == value(published.lms, "select count(*) from ledger.crosswalk")


def test_the_logs_of_the_application_are_there_and_empty(published: Pair) -> None:
    assert columns(published.edu, "lms_compat.audit_logs") == columns(published.lms, "public.audit_logs")
    assert rows(published.fallback, "select * from audit_logs") == []


def test_the_verb_verify_finds_no_difference(published: Pair) -> None:
    document = published.verify()
    assert document["equal"] is True
    assert [entry["relation"] for entry in document["relations"]] == list(RELATIONS)


def test_a_page_of_the_list_is_read_from_the_index_and_not_sorted_out_of_all(published: Pair) -> None:
    """At this size the planner would rather read everything: it is asked what it could do."""
    page = pages(published.lms, 5)[2]
    with psycopg.connect(published.edu, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("set search_path = lms_compat")
        connection.execute("set enable_seqscan = off; set enable_bitmapscan = off; set enable_hashjoin = off")
        listing = SCREENS["students_list"].replace("students on", "all_students as students on")
        plan = "\n".join(line for (line,) in connection.execute(("explain " + listing).encode(), page))
    assert "Index Scan using published_persons_left_left1_idx" in plan
    assert 'Presorted Key: ("left"(published' in plan
