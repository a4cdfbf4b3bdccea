"""A migration that stays in use: published, then edited on both sides, then run again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from application import Application
from databases import Databases, content, rows, value
from psycopg.conninfo import make_conninfo

AS_OF = "{as_of_date: '2024-03-01'}"

# Rows of edu that stay apart from each other: every scenario has its own student, and none is among the live ones twice.
_PICK = """
select crosswalk.legacy_id, crosswalk.live_id
from ledger.crosswalk
inner join public.course_enrollments as live on crosswalk.live_id = live.id
where crosswalk.entity = 'course_enrollments' and {method}
    and live.enrollment_status = '{status}'
    and (
        select count(*) from public.course_enrollments as others
        where others.student_id = live.student_id and others.course_offering_id = live.course_offering_id
    ) = 1
order by crosswalk.legacy_id
"""


@dataclass
class Picked:
    """A published row: its id in edu and in lms."""

    legacy_id: int
    live_id: UUID


@dataclass
class World:
    """The databases, the published rows that the scenarios use, and what the runs printed.

    Attributes:
        rows: scenario → row.
        at_work: the application during the first run and during the second one.
        first, second, third: documents of the three runs.
        before, between, after: contents of the live tables before the first run, before the second one, and after it.
    """

    databases: Databases
    rows: dict[str, Picked] = field(default_factory=dict)
    at_work: list[Application] = field(default_factory=list, repr=False)
    first: dict[str, Any] = field(default_factory=dict, repr=False)
    second: dict[str, Any] = field(default_factory=dict, repr=False)
    before: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False)
    between: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False)
    after: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False)

    def edu(self, statement: str, *parameters: object) -> None:
        """Somebody works in edu."""
        rows(self.databases.edu, statement, *parameters)

    def lms(self, statement: str, *parameters: object) -> None:
        """Somebody works in the application: its triggers fire."""
        rows(self.databases.lms, statement, *parameters)

    def live(self, table: str, picked: str) -> dict[str, Any]:
        """The live row of a scenario as it is now; empty when there is none."""
        found = rows(
            self.databases.lms, f"select to_jsonb(live) from public.{table} as live where id = %s", self.rows[picked].live_id
        )
        return dict(found[0][0]) if found else {}

    def run(self) -> dict[str, Any]:
        """`edu2lms run --publish`, while the application is at work."""
        app = make_conninfo(
            self.databases.lms,
            user=self.databases.settings["LMS_APP_USER"],
            password=self.databases.settings["LMS_APP_PASSWORD"],
        )
        with Application(self.databases.lms, app) as application:
            document: dict[str, Any] = self.databases.document("run", "--publish", "--vars", AS_OF)
        self.at_work.append(application)
        return document

    @contextmanager
    def editing_after_the_load(self, like: int) -> Iterator[None]:
        """Somebody enters a journal row in edu as soon as the next load is done."""
        loads = "select count(distinct load_id) from ledger.table_loads"
        before, ended = value(self.databases.lms, loads), threading.Event()

        def edit() -> None:
            while not ended.wait(0.1):
                if value(self.databases.lms, loads) > before:
                    self.edu(
                        "insert into journal (id, course_id, student_id, point, active, create_date)"
                        " select id + 9, course_id, student_id, '44', 1, now() from journal where id = %s",
                        like,
                    )
                    return

        thread = threading.Thread(target=edit)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def conflicts(self) -> dict[tuple[str, int], str]:
        """What the last run listed."""
        return {(entity, legacy_id): conflict for entity, legacy_id, conflict in rows(
            self.databases.lms, "select entity, legacy_id, conflict from migration.conflicts"
        )}  # fmt: skip

    def entity(self, scenario: str, entity: str, condition: str = "true") -> Picked:
        """Pick a row that the migration inserted."""
        statement = (
            f"select crosswalk.legacy_id, crosswalk.live_id from ledger.crosswalk inner join public.{entity} as live"
            f" on crosswalk.live_id = live.id where crosswalk.entity = %s and crosswalk.method = 'inserted' and {condition}"
            " order by crosswalk.legacy_id limit 1"
        )
        legacy_id, live_id = rows(self.databases.lms, statement, entity)[0]
        self.rows[scenario] = Picked(legacy_id, live_id)
        return self.rows[scenario]


@pytest.fixture(scope="session")
def published(make_databases: Callable[..., Databases]) -> World:
    """The first run, published."""
    world = World(make_databases("reruns"))
    world.before = content(world.databases.lms)
    world.first = world.run()
    return world


@pytest.fixture(scope="session")
def edited(published: World) -> World:
    """Then both sides go on working: one row per scenario."""
    world = published
    pools = {
        name: iter(rows(world.databases.lms, _PICK.format(method=method, status=status)))
        for name, method, status in (
            ("inserted", "crosswalk.method = 'inserted'", "completed"),
            ("enrolled", "crosswalk.method = 'inserted'", "enrolled"),
            ("matched", "crosswalk.method <> 'inserted'", "enrolled"),
        )
    }

    def pick(scenario: str, pool: str = "inserted") -> int:
        world.rows[scenario] = Picked(*next(pools[pool]))
        return world.rows[scenario].legacy_id

    point = "update journal set point = '99', update_date = now() where id = %s"
    note = "update course_enrollments set notes = 'seen by the dean' where id = %s"
    # edu alone
    world.edu(point, pick("mark changed"))
    world.edu("delete from journal where id = %s", pick("deleted"))
    world.edu("delete from journal where id = %s", pick("enrolled and deleted", "enrolled"))
    world.edu("update journal set active = 0 where id = %s", pick("soft-deleted"))
    world.edu("update journal set active = 0 where id = %s", pick("gone and back", "enrolled"))
    pick("moved")
    section = rows(
        world.databases.lms,
        "select old_course_id from course_offerings where old_course_id is not null"
        " and id <> (select course_offering_id from course_enrollments where id = %s) order by 1 limit 1",
        world.rows["moved"].live_id,
    )[0][0]
    world.edu("update journal set course_id = %s where id = %s", section, world.rows["moved"].legacy_id)
    # the application alone
    pick("edited by the application")
    world.lms(note, world.rows["edited by the application"].live_id)
    pick("deleted by the application")
    world.lms("delete from course_enrollments where id = %s", world.rows["deleted by the application"].live_id)
    # both
    world.edu(point, pick("mark changed, edited"))
    world.lms(note, world.rows["mark changed, edited"].live_id)
    world.edu("delete from journal where id = %s", pick("deleted, edited"))
    world.lms(note, world.rows["deleted, edited"].live_id)
    world.edu(point, pick("mark changed on both sides alike"))
    world.lms("update course_enrollments set grade = '99' where id = %s", world.rows["mark changed on both sides alike"].live_id)
    # rows that were the application's before
    world.edu(point, pick("application's own, mark changed", "matched"))
    world.edu("delete from journal where id = %s", pick("application's own, deleted", "matched"))
    world.edu("update journal set course_id = %s where id = %s", section, pick("application's own, moved", "matched"))
    # other entities
    changes = {
        ("persons", "true"): "update persons set firstname = 'Ülkər' where id = %s",
        ("students", "status = 'active'"): "update students set card_number = 'NEW-CARD', create_date = '2019-09-15 12:00+00'"
        " where id = %s",
        ("course_offerings", "true"): "update course set code = 'MOVED/1' where id = %s",
        ("assessments", "true"): "update exam set start_date = '15/05/2021', start_time = '10:30' where id = %s",
        ("assessment_submissions", "status <> 'in_review'"): "update exam_student set finish_status = 2 where id = %s",
        ("users", "true"): "update accounts set email = 'Brand.New@uni.example', username = 'brand.new'"
        " where id = (select account_id from users where id = %s)",
    }
    for (entity, condition), statement in changes.items():
        world.edu(statement, world.entity(entity, entity, condition).legacy_id)
    # new rows: in edu, and in the application
    mark = world.rows["mark changed"].legacy_id
    world.edu(
        "insert into journal (id, course_id, student_id, point, active, create_date)"
        " select id + 7, course_id, student_id, '55', 1, now() from journal where id = %s",
        mark,
    )
    world.lms(
        "insert into course_enrollments (course_offering_id, student_id, enrollment_status)"
        " select course_offering_id, (select id from students where id not in (select student_id from course_enrollments as e"
        " where e.course_offering_id = live.course_offering_id) limit 1), 'waitlisted'"
        " from course_enrollments as live where id = %s",
        world.rows["mark changed"].live_id,
    )
    world.between = content(world.databases.lms, without=("updated_at",))  # the application's next edits set it
    return world


@pytest.fixture(scope="session")
def rerun(edited: World) -> World:
    """The second run."""
    edited.second = edited.run()
    edited.after = content(edited.databases.lms)
    return edited
